// Conditions: which rule leads to a destination soonest and what it still asks, as service/core/ways.py has it; for whom
// a contact is; and all in the words of service/answers/presenter.py.

const UNKNOWN = "unknown";

export class Ways {
  constructor(/** @type {Rulebase} */ { facts, rules }) {
    this.facts = Object.fromEntries(facts.map((fact) => [fact.id, fact]));
    this.concerns = facts.filter((fact) => fact.several).map(({ id }) => id);
    this.rules = rules.map((rule) => {
      const when = Object.entries(rule.when).map(([id, places]) => ({ fact: id, of: this.facts[id].answers, places }));
      return { ...rule, wanted: when.map(({ fact, of, places }) => ({ fact, answers: places.map((one) => of[one]) })) };
    });
  }

  to(/** @type {string} */ destination) {
    return this.rules.filter((rule) => rule.refer === destination);
  }

  // The facts on which rules rest, those of the organisation among them.
  tested(/** @type {string[]} */ ids) {
    return this.rules.filter(({ id }) => ids.includes(id)).flatMap(({ when }) => Object.keys(when));
  }

  // Every rule for a destination with what it asks that is not so, the one that asks least of somebody first. Effort, most
  // weighty first: another person or place, a subject not named, answers changed, those about what happened, all that is
  // asked, and only later. What is not known of an organisation may still be told.
  nearest(/** @type {Situation} */ { concerns, answers }, /** @type {string} */ destination) {
    const found = this.to(destination).map((rule) => {
      const unmet = rule.wanted.filter((one) => !one.answers.includes(answers[one.fact]));
      const given = unmet.filter(({ fact }) => answers[fact] !== undefined);
      const known = given.filter(({ fact }) => answers[fact] !== UNKNOWN);
      const who = (/** @type {Condition} */ { fact }) => ["who", "where"].includes(this.facts[fact].nature);
      const past = known.filter(({ fact }) => this.facts[fact].nature === "past").length;
      const changed = given.filter((one) => known.includes(one) || !who(one)).length;
      const named = concerns.includes(rule.concern);
      const [barred, elsewhere, later] = [known.some(who), concerns.length > 0 && !named, rule.as === "later"];
      const effort = [barred, elsewhere, changed, past, unmet.length, later].map(Number);
      const subject = named ? [] : [{ fact: this.concerns[0], answers: [rule.concern] }];
      return { rule, conditions: [...subject, ...unmet], barred, elsewhere, later, effort };
    });
    return found.sort((one, other) => one.effort.reduce((sum, part, at) => sum || part - other.effort[at], 0));
  }

  // One way by which a destination opens in any case; null if none does for somebody in this position.
  way(/** @type {Situation} */ situation, /** @type {string} */ destination) {
    const [best] = this.nearest(situation, destination);
    return best && !best.barred ? best : null;
  }
}

// Whether a contact or a deadline is for somebody, as service/rulebook/audience.py reads it. `known` has the keys of both.
/** @type {(audience: Audience, known: Record<string, string | undefined>) => "fits" | "unknown" | "not"} */
export function fit({ audience, perhaps }, known) {
  const found = Object.keys({ ...audience, ...perhaps }).map((key) => {
    const value = known[key] ?? UNKNOWN;
    const open = value === UNKNOWN || perhaps[key]?.includes(value);
    return audience[key]?.includes(value) ? "fits" : open ? UNKNOWN : "not";
  });
  return found.includes("not") ? "not" : found.includes(UNKNOWN) ? UNKNOWN : "fits";
}

// The answers that do not meet a condition, where they are few; none where they are not.
export function leftOut(/** @type {Condition} */ { fact, answers }, /** @type {Texts} */ { clauses }) {
  const left = Object.keys(clauses[fact]).filter((one) => !answers.includes(one));
  return left.length < answers.length ? left : [];
}

/** @type {(fact: string, answers: string[], texts: Texts) => string} */
export const clause = (fact, answers, { clauses, words }) =>
  answers.map((one) => clauses[fact][one]).join(` ${words.or} `);

// As clauses that all must be so, and read on: what must not be so is said as one of them.
export function asks(/** @type {Condition[]} */ conditions, /** @type {Texts} */ texts) {
  const { denials, words } = texts;
  return conditions.map(({ fact, answers }, place) => {
    const left = leftOut({ fact, answers }, texts);
    const not = words.clause_not.replace("{clause}", clause(fact, left, texts));
    const denial = left.length === 1 ? (denials[fact][left[0]] ?? not) : not;
    const said = left.length ? denial : clause(fact, answers, texts);
    return place < conditions.length - 1 ? `${said}, ${words.and}` : said;
  });
}

// The name of the words that a way begins with.
export const opens = (/** @type {Way} */ { later, elsewhere }) =>
  `way_${later ? "later" : "now"}${elsewhere ? "_elsewhere" : ""}`;
