// Finds organisations by what people type: what service/answers/directory.py does on the server, so that both find the same
// first. Names come folded already, but for the one that is shown; what was typed is folded here.

const [WHOLE, BEGINS, INSIDE, PART, NEAR] = [0, 1, 2, 3, 4]; // how a name fits what was typed; a better one counts first
const SHORTEST_PART = 4;
const ALIKE = 600; // of a thousand pieces of three letters
const MOST = 20;
const LONGEST = 100;

/** What was typed, as it is compared. */
class Typed {
  constructor(/** @type {string} */ folded) {
    this.length = folded.length;
    this.words = folded.split(" ");
    this.whole = this.words.join("");
    this.named = new Set(this.words);
    this.begins = this.words.map((word) => ` ${word}`);
  }

  /** How a name fits, and between those that fit alike how well; less is better. */
  fits(/** @type {FoldedName} */ { whole, spaced, words }) {
    if (whole === this.whole) {
      return [WHOLE, 0];
    }
    if (whole.startsWith(this.whole) || this.begins.every((word) => spaced.includes(word))) {
      return [BEGINS, 0];
    }
    if (words.every((word) => this.named.has(word))) {
      return [INSIDE, -whole.length];
    }
    return this.whole.length >= SHORTEST_PART && whole.includes(this.whole) ? [PART, 0] : null;
  }
}

function pieces(/** @type {string} */ text) {
  const found = new Set();
  for (let at = 0; at + 3 <= text.length; at += 1) {
    found.add(text.slice(at, at + 3));
  }
  return found;
}

/** Every name, in the order that counts between equals. Making it takes far longer than finding. */
export class Finder {
  /**
   * @param {Findable} finding
   * @param {Record<string, Pick<Organisation, "name" | "short">>} shown the name that is shown of each, which is not in its entry
   */
  constructor({ entries, light, alike, other }, shown) {
    this.light = new Set(light);
    this.alike = Object.entries(alike);
    this.other = other;
    this.entries = entries;
    this.names = entries.flatMap(({ id, names, why }, number) => {
      const own = why ? [] : [shown[id].name, shown[id].short ?? ""].map((name) => this.folded(name));
      return names
        .split(";")
        .flatMap((kind, weight) =>
          [...(weight ? [] : own), ...kind.split("|")].filter(Boolean).map((name) => nameOf(name, number, weight)),
        );
    });
    this.shares = sharing(this.names);
  }

  folded(/** @type {string} */ text) {
    const written = this.alike.reduce((so, [one, other]) => so.replaceAll(one, other), text);
    const plain = written.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "").replace(/['’.]/g, "");
    return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !this.light.has(word)).join(" ");
  }

  /** What was typed finds these, best first, each with why it is taken; null where nothing was typed that counts. */
  find(/** @type {string} */ text) {
    const wanted = this.folded(text.slice(0, LONGEST));
    if (!wanted) {
      return null;
    }
    const typed = new Typed(wanted);
    const ranked = this.ranked(typed, this.fitting(typed));
    return this.told(ranked.length ? ranked : this.ranked(typed, this.near(typed.whole)));
  }

  /** @returns {[FoldedName, number[]][]} */
  fitting(/** @type {Typed} */ typed) {
    return this.names.flatMap((name) => {
      const how = typed.fits(name);
      return how ? [[name, how]] : [];
    });
  }

  /** The names that share enough pieces with what was typed. @returns {[FoldedName, number[]][]} */
  near(/** @type {string} */ typed) {
    if (typed.length < SHORTEST_PART) {
      return [];
    }
    const mine = pieces(typed);
    const counts = new Uint16Array(this.names.length);
    for (const piece of mine) {
      this.shares.get(piece)?.forEach((place) => (counts[place] += 1));
    }
    return this.names.flatMap((name, place) => {
      const shared = Math.floor((1000 * counts[place]) / mine.size);
      return shared >= ALIKE ? [[name, [NEAR, -shared]]] : [];
    });
  }

  /** The entries of which a name fits, the best first. */
  ranked(/** @type {Typed} */ { length }, /** @type {[FoldedName, number[]][]} */ fitting) {
    /** @type {Map<number, number[]>} */
    const best = new Map();
    for (const [name, how] of fitting) {
      const gone = this.entries[name.number].gone ? 1 : 0;
      const key = [...how, gone, name.weight, Math.abs(name.length - length), name.number];
      const other = best.get(name.number);
      if (!other || before(key, other) < 0) {
        best.set(name.number, key);
      }
    }
    return [...best.values()].sort(before).map((key) => this.entries[key[key.length - 1]]);
  }

  /** Each organisation once, and the one for every other body always: first with a reason, or else last. */
  told(/** @type {Findable["entries"]} */ ranked) {
    const order = [...new Set(ranked.map(({ id }) => id))].slice(0, MOST);
    const listed = order.map((id) => ({ id, why: ranked.find((one) => one.id === id)?.why }));
    if (!this.other || order[0] === this.other) {
      return listed;
    }
    return [...listed.filter(({ id }) => id !== this.other), { id: this.other, why: undefined }];
  }
}

/** Per piece of three letters the names that have it. */
function sharing(/** @type {FoldedName[]} */ names) {
  /** @type {Map<string, number[]>} */
  const found = new Map();
  names.forEach(({ whole }, place) => {
    for (const piece of pieces(whole)) {
      const there = found.get(piece);
      if (there) {
        there.push(place);
      } else {
        found.set(piece, [place]);
      }
    }
  });
  return found;
}

/** @returns {FoldedName} */
function nameOf(/** @type {string} */ name, /** @type {number} */ number, /** @type {number} */ weight) {
  const words = name.split(" ");
  return { number, weight, words, whole: words.join(""), spaced: ` ${name}`, length: name.length };
}

function before(/** @type {number[]} */ one, /** @type {number[]} */ other) {
  const place = one.findIndex((value, at) => value !== other[at]);
  return place < 0 ? 0 : one[place] - other[place];
}
