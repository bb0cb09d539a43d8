// A short code of closed answers, as service/core/case_code.py has it.

const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BITS = 5n, CHECK = 10n, POLYNOMIAL = 0x233n, GROUP = 4;

export class CaseCode {
  // facts: [{id, answers, several}] in the order of asking; organisations: [id]; seed and length as the server has them
  constructor({ facts, organisations, seed, length }) {
    this.concerns = facts.find((fact) => fact.several).answers;
    this.facts = facts.filter((fact) => !fact.several);
    this.organisations = organisations;
    this.seed = BigInt(seed);
    this.length = length;
  }

  write({ concerns, answers }, organisation) {
    let number = 0n;
    this.concerns.forEach((one, place) => {
      number |= BigInt(concerns.includes(one)) << BigInt(place);
    });
    for (const fact of this.facts) {
      const answer = organisation && fact.ofOrganisation ? undefined : answers[fact.id];
      number = number * BigInt(fact.answers.length + 1) + BigInt(fact.answers.indexOf(answer) + 1);
    }
    number = number * BigInt(this.organisations.length + 1) + BigInt(this.organisations.indexOf(organisation) + 1);
    const body = letters(number, this.length);
    const text = body + letters(this.remainder(body), Number(CHECK / BITS));
    return text.match(new RegExp(`.{1,${GROUP}}`, "g")).join("-");
  }

  // null for a code that is not one of ours
  read(text) {
    const heard = { O: "0", I: "1", L: "1" };
    const plain = text.replace(/[\s.-]/g, "").toUpperCase().replace(/[OIL]/g, (letter) => heard[letter]);
    const body = plain.slice(0, this.length);
    const known = [...plain].every((letter) => LETTERS.includes(letter));
    if (!known || plain !== body + letters(this.remainder(body), Number(CHECK / BITS))) {
      return null;
    }
    let number = [...body].reduce((sum, letter) => (sum << BITS) | BigInt(LETTERS.indexOf(letter)), 0n);
    const take = (size) => {
      const left = number % BigInt(size);
      number /= BigInt(size);
      return Number(left);
    };
    const organisation = this.organisations[take(this.organisations.length + 1) - 1];
    const found = [...this.facts].reverse().map((fact) => [fact.id, fact.answers[take(fact.answers.length + 1) - 1]]);
    if (number >> BigInt(this.concerns.length)) {
      return null;
    }
    return {
      concerns: this.concerns.filter((_, place) => (number >> BigInt(place)) & 1n),
      answers: Object.fromEntries(found.reverse().filter(([, answer]) => answer)),
      organisation,
    };
  }

  remainder(text) {
    let left = this.seed;
    for (const letter of text) {
      left ^= BigInt(LETTERS.indexOf(letter)) << (CHECK - BITS);
      for (let bit = 0n; bit < BITS; bit++) {
        left <<= 1n;
        if (left >> CHECK) {
          left ^= (1n << CHECK) | POLYNOMIAL;
        }
      }
    }
    return left;
  }
}

function letters(number, length) {
  return Array.from({ length }, (_, place) => LETTERS[Number((number >> (BITS * BigInt(length - 1 - place))) & 31n)]).join("");
}
