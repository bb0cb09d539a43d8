// Every place of a referral once, whatever the number of subjects it is for, as service/answers/outcome.py has it. `texts`
// are those of a day: of today, where the page brought no others.

import { actFor } from "./acts.js";
import { data } from "./page.js";
import { unique } from "./parts.js";
import { doubtsOf, fit } from "./ways.js";

const STRENGTHS = /** @type {const} */ (["first", "also", "later"]);

/** @type {(referrals: Referral[], progress: Pick<Progress, "given" | "situation">, graph: Graph, tested: (rules: string[]) => string[], texts?: any) => Record<Referral["as"], Place[]>} */
export function placesOf(referrals, { given, situation }, graph, tested, texts = data) {
  const { heldBy, kind, notes = {}, calling } = texts.organisations[given.organisation ?? ""] ?? {};
  const told = /** @type {Set<string>} */ (new Set());
  const said = referrals.map((one) => {
    const known = { ...situation.answers, [graph.concerns.id]: one.concern, organisation: heldBy, kind };
    // What to know of the facts of the organisation on which rules rest; what was told above is not told again.
    const noted = unique(tested(one.rules).map((fact) => notes[fact])).filter((note) => note && !told.has(note));
    noted.forEach((note) => told.add(note));
    return { ...one, ...saidOf(one, known, calling ?? { case: "unnamed" }, noted, texts) };
  });
  const ranked = STRENGTHS.flatMap((as) => said.filter((one) => one.as === as));
  const places = unique(ranked.map((one) => one.destination)).map((destination) =>
    together(
      ranked.filter((one) => one.destination === destination),
      texts,
    ),
  );
  // Of first steps: a deadline that was told at one is not told again at the next.
  const deadlines = /** @type {Set<string>} */ (new Set());
  for (const one of places.filter(({ as }) => as === "first")) {
    const mine = one.sure;
    one.sure = mine.filter((id) => !deadlines.has(id));
    one.perhaps = one.perhaps.filter((id) => !deadlines.has(id));
    mine.forEach((id) => deadlines.add(id));
  }
  const of = (/** @type {string} */ as) => places.filter((one) => one.as === as);
  return { first: of("first"), also: of("also"), later: of("later") };
}

/** @type {(referral: Referral, known: Record<string, string | undefined>, calling: Calling, noted: string[], texts: any) => Said} */
function saidOf(referral, known, calling, noted, texts) {
  /** @type {RuleTexts[]} */
  const rules = referral.rules.map((rule) => texts.rules[rule]);
  const terms = unique(rules.flatMap((rule) => rule.terms));
  return {
    known,
    why: unique(rules.map((rule) => rule.why)).join(" "),
    doubts: [...unique(doubtsOf(rules, known)), ...noted],
    sources: unique(rules.flatMap((rule) => rule.sources)),
    sure: terms.filter((id) => texts.terms[id] && fit(texts.terms[id], known) === "fits"),
    perhaps: terms.filter((id) => texts.terms[id] && fit(texts.terms[id], known) === "unknown"),
    act: actFor(texts, referral, known, calling),
    short: shortOf(texts.shorts[referral.destination], known),
  };
}

// The few words of a place that are for somebody.
/** @type {(shorts: any[], known: Record<string, string | undefined>) => Short} */
const shortOf = (shorts, known) => shorts.find((/** @type {Audience} */ one) => fit(one, known) === "fits").said;

// As it is for the first subject for which it is strongest, with what is said of it for any.
/** @type {(those: (Referral & Said)[], texts: any) => Place} */
const together = (those, { names, tags }) => {
  const sure = unique(those.flatMap((one) => one.sure));
  return {
    ...those[0],
    name: names[those[0].destination],
    subjects: unique(those.map((one) => tags[one.concern])),
    why: unique(those.map((one) => one.why)).join(" "),
    doubts: unique(those.flatMap((one) => one.doubts)),
    sources: unique(those.flatMap((one) => one.sources)),
    sure,
    perhaps: unique(those.flatMap((one) => one.perhaps)).filter((id) => !sure.includes(id)),
  };
};
