// Finds organisations by what people type: what service/answers/directory.py does on the server, so that both find the same
// first. Names come folded already; only what was typed is folded here.

const [WHOLE, BEGINS, INSIDE, PART, NEAR] = [0, 1, 2, 3, 4]; // how a name fits what was typed; a better one counts first
const SHORTEST_PART = 4;
const ALIKE = 600; // of a thousand pieces of three letters
const MOST = 20;
const LONGEST = 100;

const wordsIn = (/** @type {string} */ text) => text.match(/[\p{L}\p{N}]+/gu) ?? [];

function pieces(/** @type {string} */ text) {
  const found = new Set();
  for (let at = 0; at + 3 <= text.length; at += 1) {
    found.add(text.slice(at, at + 3));
  }
  return found;
}

/** Every name, in the order that counts between equals. */
export class Finder {
  constructor(/** @type {Findable} */ { entries, light, alike, other }) {
    this.light = new Set(light);
    this.alike = Object.entries(alike);
    this.other = other;
    this.entries = entries;
    /** @type {FoldedName[]} */
    this.names = [];
    entries.forEach(({ names }, number) =>
      names.split(";").forEach((kind, weight) => {
        for (const name of kind ? kind.split("|") : []) {
          const whole = name.replaceAll(" ", "");
          this.names.push({ number, weight, whole, spaced: ` ${name}`, words: name.split(" "), length: name.length });
        }
      }),
    );
    /** @type {Map<string, number[]> | null} */
    this.shares = null; // per piece of three letters the names that have it; made when somebody types something wrong
  }

  folded(/** @type {string} */ text) {
    const written = this.alike.reduce((so, [one, other]) => so.replaceAll(one, other), text);
    const plain = written.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "");
    return wordsIn(plain.replace(/['’.]/g, "")).filter((word) => !this.light.has(word));
  }

  /** What was typed finds these organisations, best first, each with why it is taken; null where nothing was typed. */
  find(/** @type {string} */ text) {
    const words = this.folded(text.slice(0, LONGEST));
    if (!words.length) {
      return null;
    }
    const typed = words.join("");
    const length = words.join(" ").length;
    /** @type {Map<number, number[]>} */
    const best = new Map();
    const keep = (/** @type {FoldedName} */ name, /** @type {number} */ how, far = 0) => {
      const gone = Number(this.entries[name.number].gone ?? false);
      const key = [how, far, gone, name.weight, Math.abs(name.length - length), name.number];
      const other = best.get(name.number);
      if (!other || before(key, other) < 0) {
        best.set(name.number, key);
      }
    };
    const named = new Set(words);
    const begins = words.map((word) => ` ${word}`);
    for (const name of this.names) {
      if (name.whole === typed) {
        keep(name, WHOLE);
      } else if (name.whole.startsWith(typed) || begins.every((word) => name.spaced.includes(word))) {
        keep(name, BEGINS);
      } else if (named.has(name.words[0]) && name.words.every((word) => named.has(word))) {
        keep(name, INSIDE, -name.whole.length);
      } else if (typed.length >= SHORTEST_PART && name.whole.includes(typed)) {
        keep(name, PART);
      }
    }
    if (!best.size && typed.length >= SHORTEST_PART) {
      this.near(typed).forEach(([name, shared]) => keep(name, NEAR, -shared));
    }
    const found = [...best.values()].sort(before).map((key) => this.entries[key[key.length - 1]]);
    const once = found.filter(({ id }, place) => found.findIndex((one) => one.id === id) === place).slice(0, MOST);
    const first = once[0]?.id === this.other;
    const listed = first || !this.other ? once : [...once.filter(({ id }) => id !== this.other), { id: this.other }];
    return listed.map(({ id, why }) => ({ id, why }));
  }

  /** Names that share enough pieces with what was typed, and how many of a thousand. */
  near(/** @type {string} */ typed) {
    this.shares ??= this.shared();
    const [mine, counts] = [pieces(typed), new Map()];
    for (const piece of mine) {
      for (const place of this.shares.get(piece) ?? []) {
        counts.set(place, (counts.get(place) ?? 0) + 1);
      }
    }
    return [...counts]
      .map(([place, count]) => /** @type {[FoldedName, number]} */ ([this.names[place], Math.floor((1000 * count) / mine.size)]))
      .filter(([, shared]) => shared >= ALIKE);
  }

  shared() {
    const found = new Map();
    this.names.forEach(({ whole }, place) => {
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
}

function before(/** @type {number[]} */ one, /** @type {number[]} */ other) {
  const place = one.findIndex((value, at) => value !== other[at]);
  return place < 0 ? 0 : one[place] - other[place];
}
