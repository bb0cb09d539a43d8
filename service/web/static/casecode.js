// A short code of closed answers, as service/core/case_code.py has it: one number whose digits have a base of their own.

const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const POLYNOMIAL = 0x633;
/** @type {Record<string, string>} */
const HEARD_AS = { O: "0", I: "1", L: "1" };
const DAY = 3; // characters
const A_DAY = 24 * 60 * 60 * 1000;

const numberOf = (/** @type {string} */ letters) =>
  [...letters].reduce((sum, letter) => sum * 32n + BigInt(LETTERS.indexOf(letter)), 0n);

export class CaseCode {
  constructor(/** @type {Codes & { facts: Fact[] }} */ { facts, organisations, version, length, first }) {
    this.concerns = facts.flatMap((fact) => (fact.several ? fact.answers : [])).reverse();
    this.facts = facts.filter((fact) => !fact.several);
    this.organisations = organisations;
    this.version = version;
    this.length = length;
    this.first = Date.parse(first);
    const sizes = [...this.facts.map(({ answers }) => answers.length + 1), organisations.length + 1];
    this.bases = [...this.concerns.map(() => 2), ...sizes].map(BigInt);
  }

  // A day that is too far away is left out, as one that nobody names.
  write(/** @type {Situation} */ { concerns, answers }, organisation = "", on = "") {
    const given = this.facts.map((fact) => (organisation && fact.ofOrganisation ? "" : answers[fact.id]));
    const digits = [
      ...this.concerns.map((one) => Number(concerns.includes(one))),
      ...this.facts.map((fact, place) => 1 + fact.answers.indexOf(given[place])),
      1 + this.organisations.indexOf(organisation),
    ];
    const number = digits.reduce((sum, digit, place) => sum * this.bases[place] + BigInt(digit), 0n);
    const body = number.toString(32).padStart(this.length, "0");
    const days = on ? (Date.parse(on) - this.first) / A_DAY : -1;
    const day = days >= 0 && days < 32 ** DAY ? days.toString(32).padStart(DAY, "0") : "";
    const letters = this.version + [...body, ...day].map((digit) => LETTERS[parseInt(digit, 32)]).join("");
    return (letters + this.check(letters)).replace(/.{4}(?=.)/g, "$&-");
  }

  // null for a code that is not one of ours; "other" for one that is well made, with other lists
  read(/** @type {string} */ text) {
    const letters = text.replace(/[\s.-]/g, "").toUpperCase();
    const plain = letters.replace(/[OIL]/g, (letter) => HEARD_AS[letter]);
    const body = plain.slice(2, -2);
    if ([...plain].some((letter) => !LETTERS.includes(letter)) || plain.slice(-2) !== this.check(plain.slice(0, -2))) {
      return null;
    }
    if (!plain.startsWith(this.version) || ![0, DAY].includes(body.length - this.length)) {
      return "other";
    }
    let number = numberOf(body.slice(0, this.length));
    const days = Number(numberOf(body.slice(this.length)));
    const digits = /** @type {number[]} */ ([]);
    for (const base of [...this.bases].reverse()) {
      digits.unshift(Number(number % base));
      number /= base;
    }
    if (number) {
      return null;
    }
    const given = digits.slice(this.concerns.length);
    const answers = this.facts.map(({ id, answers: all }, place) => [id, all[given[place] - 1]]);
    return {
      concerns: this.concerns.filter((_, place) => digits[place]).reverse(),
      answers: Object.fromEntries(answers.filter(([, answer]) => answer)),
      organisation: this.organisations[digits[digits.length - 1] - 1],
      on: body.length > this.length ? new Date(this.first + days * A_DAY).toISOString().slice(0, 10) : undefined,
    };
  }

  // What is left of a text after division by the polynomial: two letters.
  check(/** @type {string} */ text) {
    const left = [...text].reduce((before, letter) => {
      let rest = before ^ (LETTERS.indexOf(letter) << 5);
      for (let bit = 0; bit < 5; bit++) {
        rest = (rest << 1) ^ (rest & 0x200 ? POLYNOMIAL : 0);
      }
      return rest;
    }, 1);
    return LETTERS[left >> 5] + LETTERS[left & 31];
  }
}
