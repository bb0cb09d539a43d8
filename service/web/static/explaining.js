// Why a destination is open, why it is not, and what weighs: as service/answers/explain.py has it.

// What every rule for a destination says: those that refer first, then the one that asks least.
/** @type {(ways: Ways, decision: Decision, destination: string) => Explained[]} */
export function explain(ways, { referrals, ...situation }, destination) {
  const referred = referrals.flatMap((one) => one.rules);
  const order = (/** @type {Condition} */ { fact }) =>
    ways.concerns.includes(fact) ? 0 : fact in situation.answers ? 1 : 2;
  const found = ways.nearest(situation, destination).map(({ rule, conditions }) => {
    const needed = conditions.sort((one, other) => order(one) - order(other));
    const open = needed.length ? "open" : referred.includes(rule.id) ? "fires" : "gives_way";
    return { rule: rule.id, kind: needed.some((one) => order(one) < 2) ? "fails" : open, needed };
  });
  return [...found.filter((one) => one.kind === "fires"), ...found.filter((one) => one.kind !== "fires")];
}

// What no rule for a destination goes without.
/** @type {(ways: Ways, destination: string) => Condition[]} */
export function required(ways, destination) {
  const rules = ways.leading(destination);
  return Object.values(ways.facts).flatMap(({ id, answers: all, several }) => {
    const answers = all.filter((_, place) => rules.some(({ when }) => when[id]?.includes(place) ?? true));
    return rules.length && !several && answers.length < all.length ? [{ fact: id, answers }] : [];
  });
}

// Which given answers decided, and which open question would settle most.
/** @type {(graph: Graph, situation: Situation) => Weight} */
export function weigh(graph, { concerns, answers }) {
  const leftWith = (/** @type {Answers} */ more) =>
    concerns.length ? graph.left({ concerns, answers: { ...answers, ...more } }) : [];
  const places = (/** @type {Left[]} */ left) =>
    new Set(left.flatMap(({ some, destination }) => (some ? destination : []))).size;
  const here = leftWith({});
  const decides = (/** @type {Fact} */ { id, answers: all }) =>
    all.some((answer) => leftWith({ [id]: answer }).some(({ some }, place) => some !== here[place].some));
  const decided = graph.facts.filter((fact) => (fact.several ? concerns.length : fact.id in answers && decides(fact)));
  const weights = graph.open(here).map(({ id, answers: all }) => ({
    settles: id,
    left: all.reduce((sum, answer) => sum + places(leftWith({ [id]: answer })), 0) / all.length,
  }));
  const [best] = [...weights.sort((one, other) => one.left - other.left), { settles: null, left: null }];
  return { decided: decided.map(({ id }) => id), ...best, now: places(here) };
}
