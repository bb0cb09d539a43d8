// Conditions: every way to a destination and what the rules for it still ask, as service/core/ways.py has it; for whom a
// contact is; and all in the words of service/answers/presenter.py.

const UNKNOWN = "unknown";
const HELD = ["who", "where", "past"]; // what no wish changes

export class Ways {
  constructor(/** @type {Rulebase} */ { facts, rules, cubes }) {
    this.facts = Object.fromEntries(facts.map((fact) => [fact.id, fact]));
    this.concerns = facts.filter((fact) => fact.several).map(({ id }) => id);
    const named = (/** @type {Cube} */ cube) =>
      Object.entries(cube).map(([fact, places]) => ({
        fact,
        answers: places.map((place) => this.facts[fact].answers[place]),
      }));
    this.rules = rules.map((rule) => ({ ...rule, wanted: named(rule.when) }));
    this.cubes = Object.entries(cubes).flatMap(([concern, to]) =>
      Object.entries(to).flatMap(([refer, of]) => of.map((cube) => ({ concern, refer, wanted: named(cube) }))),
    );
  }

  leading(/** @type {string} */ destination) {
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
    const found = this.leading(destination).map((rule) => {
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
    return found.sort((one, other) => compare(one.effort, other.effort));
  }

  // Every minimal way by which a destination opens; none where none is open to somebody in this position. The subjects that
  // were named come first, then what changes fewest answers, then what is shortest.
  /** @type {(situation: Situation, destination: string) => Way[]} */
  to({ concerns, answers }, destination) {
    const known = (/** @type {Condition} */ { fact }) => ![undefined, UNKNOWN].includes(answers[fact]);
    const bars = (/** @type {Condition} */ one) => known(one) && HELD.includes(this.facts[one.fact].nature);
    const asked = this.cubes
      .filter(({ refer }) => refer === destination)
      .map((cube) => ({ ...cube, wanted: cube.wanted.filter((one) => !one.answers.includes(answers[one.fact])) }))
      .filter(({ wanted }) => !wanted.some(bars));
    const of = (/** @type {string} */ concern) => asked.filter((one) => one.concern === concern);
    const own = fewest(concerns.flatMap(of).map(({ wanted }) => wanted));
    const shared = /** @type {Map<string, { wanted: Condition[], concerns: string[] }>} */ (new Map());
    for (const concern of new Set(asked.map((one) => one.concern).filter((one) => !concerns.includes(one)))) {
      for (const wanted of fewest(of(concern).map((one) => one.wanted))) {
        if (!own.some((other) => within(wanted, other))) {
          const key = JSON.stringify(wanted);
          shared.set(key, { wanted, concerns: [...(shared.get(key)?.concerns ?? []), concern] });
        }
      }
    }
    const way = (/** @type {Condition[]} */ wanted, /** @type {string[]} */ named, elsewhere = false) => {
      const after = /** @type {Record<string, string[]>} */ ({});
      Object.entries(answers).forEach(([fact, answer]) => (after[fact] = [answer]));
      wanted.forEach(({ fact, answers: met }) => (after[fact] = met));
      const meets = (/** @type {Condition} */ one) =>
        !after[one.fact]?.every((answer) => !one.answers.includes(answer));
      const now = this.leading(destination).some(
        (rule) => rule.as !== "later" && named.includes(rule.concern) && rule.wanted.every(meets),
      );
      const subject = elsewhere ? [{ fact: this.concerns[0], answers: named }] : [];
      return {
        conditions: [...subject, ...wanted],
        changes: wanted.filter(known).length,
        later: !now,
        elsewhere,
      };
    };
    const found = [
      ...own.map((wanted) => way(wanted, concerns)),
      ...[...shared.values()].map((one) => way(one.wanted, one.concerns, true)),
    ];
    const order = (/** @type {Way} */ one) => [+one.elsewhere, one.changes, one.conditions.length, +one.later];
    return found.sort((one, other) => compare(order(one), order(other)));
  }
}

const compare = (/** @type {number[]} */ one, /** @type {number[]} */ other) =>
  one.reduce((sum, part, at) => sum || part - other[at], 0);

// Those that ask no more than they must, the one that asks least first.
function fewest(/** @type {Condition[][]} */ asked) {
  const size = (/** @type {Condition[]} */ one) => [
    one.length,
    -one.reduce((sum, { answers }) => sum + answers.length, 0),
  ];
  const found = /** @type {Condition[][]} */ ([]);
  for (const one of [...asked].sort((a, b) => compare(size(a), size(b)))) {
    if (!found.some((other) => within(one, other))) {
      found.push(one);
    }
  }
  return found;
}

// Whether whoever does what the one asks does what the other asks as well.
const within = (/** @type {Condition[]} */ one, /** @type {Condition[]} */ other) =>
  other.every(({ fact, answers: met }) =>
    one.some((mine) => mine.fact === fact && mine.answers.every((answer) => met.includes(answer))),
  );

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

// What rules leave in doubt for somebody of whom this is known.
/** @type {(said: RuleTexts[], known: Record<string, string | undefined>) => string[]} */
export const doubtsOf = (said, known) =>
  said
    .flatMap(({ doubts }) => doubts)
    .filter(({ whom }) => !whom.length || whom.some((one) => fit({ audience: one, perhaps: {} }, known) !== "not"))
    .map(({ says }) => says);

// The answers that do not meet a condition, where they are few; none where they are not, or about a subject.
export function leftOut(/** @type {Condition} */ { fact, answers }, /** @type {Texts} */ { about, clauses }) {
  const left = Object.keys(clauses[fact]).filter((one) => !answers.includes(one));
  return left.length < answers.length && fact !== about ? left : [];
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

// Each way by a subject that was named, as a clause.
export const waysOf = (/** @type {Way[]} */ ways, /** @type {Texts} */ texts) =>
  ways.filter(({ elsewhere }) => !elsewhere).map((one) => wayOf(one, texts));

// A way as a clause, whatever the subject.
/** @type {(one: Way, texts: Texts) => string} */
export const wayOf = ({ conditions, later }, texts) =>
  [texts.words[later ? "way_later" : "way_now"], ...asks(conditions, texts)].join(" ");

// The subjects that were not named and have a way, in a sentence; empty where there are none.
export function elsewhereOf(/** @type {Way[]} */ ways, /** @type {Texts} */ texts) {
  const subjects = ways.filter(({ elsewhere }) => elsewhere).map(({ conditions }) => conditions[0]);
  const fact = subjects[0]?.fact;
  const named = Object.keys(texts.clauses[fact] ?? {}).filter((one) =>
    subjects.some(({ answers }) => answers.includes(one)),
  );
  return named.length ? `${texts.words.ways_elsewhere} ${clause(fact, named, texts)}.` : "";
}
