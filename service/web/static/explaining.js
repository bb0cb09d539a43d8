// Why a door is open, why it is not, and what weighs: as service/answers/explain.py has it.

import { clause, leftOut } from "./opening.js";

// What every explanation of a situation begins from; worked out once.
export function looked(reading, situation) {
  const accepted = reading.accept(situation);
  const decision = reading.decideAccepted(accepted);
  return { reading, decision, accepted, referred: new Set(decision.referrals.flatMap((one) => one.rules)) };
}

// Every rule for a destination: those that refer first, then the one that asks least.
export function explain({ reading, referred, accepted }, destination) {
  const { concerns, answers } = accepted;
  const found = reading.nearest(accepted, destination).map(({ rule }) => standing(rule, concerns, answers, referred));
  return [...found.filter((one) => one.fires), ...found.filter((one) => !one.fires)];
}

function standing(rule, concerns, answers, referred) {
  const unmet = [], unanswered = [];
  for (const [fact, wanted] of rule.wanted) {
    if (answers[fact] === undefined) {
      unanswered.push({ fact, answers: wanted });
    } else if (!wanted.includes(answers[fact])) {
      unmet.push({ fact, answers: wanted });
    }
  }
  const elsewhere = !concerns.includes(rule.concern);
  const holds = !unmet.length && !unanswered.length && !elsewhere;
  const givesWay = holds && !referred.has(rule.id);
  return { rule: rule.id, as: rule.as, unmet, unanswered, elsewhere, givesWay, fires: holds && !givesWay };
}

// What no rule for a destination goes without.
export function required(reading, destination) {
  const rules = reading.rules.filter((rule) => rule.refer === destination);
  return [...reading.facts.values()]
    .filter((fact) => !fact.several && rules.length)
    .map(({ id, answers }) => ({
      fact: id,
      all: answers.length,
      answers: answers.filter((answer) => rules.some((rule) => !rule.tests.get(id) || rule.tests.get(id).has(answer))),
    }))
    .filter((one) => one.answers.length < one.all);
}

// What no rule goes without, in words: what must be so, and what must not.
export function opening(conditions, data, concernsFact) {
  const found = { needed: [], unless: [] };
  for (const one of conditions) {
    const left = leftOut(one, data, concernsFact);
    found[left.length ? "unless" : "needed"].push(clause(one.fact, left.length ? left : one.answers, data));
  }
  return found;
}

// Which given answers decided, and which open question would settle most.
export function weigh({ reading, accepted }) {
  const { concerns, answers } = accepted;
  const standing = (concern, all) => reading.standing(reading.possible(concern, all), all);
  const here = concerns.map((concern) => standing(concern, answers));
  // A subject none of whose rules asks a question is not touched by its answer.
  const asks = (concern, fact) => reading.tested.get(concern).has(fact);
  const standingWith = (fact, answer) => {
    const all = { ...answers, [fact]: answer };
    return concerns.map((concern, place) => (asks(concern, fact) ? standing(concern, all) : here[place]));
  };
  const same = (one, other) => one.length === other.length && one.every((rule, place) => rule === other[place]);
  const places = (found) => new Set(found.flat().map((rule) => rule.refer)).size;
  const differs = (fact) => (answer) => standingWith(fact, answer).some((rules, place) => !same(rules, here[place]));
  const decided = [...reading.facts.values()]
    .filter(({ id, several, answers: all }) => (several ? concerns.length : answers[id] !== undefined && all.some(differs(id))))
    .map(({ id }) => id);
  let best = null;
  for (const fact of reading.openFacts({ concerns, answers })) {
    const possible = reading.facts.get(fact).answers;
    const left = possible.reduce((sum, answer) => sum + places(standingWith(fact, answer)), 0) / possible.length;
    if (!best || left < best.left) {
      best = { fact, left };
    }
  }
  return { decided, settles: best?.fact ?? null, left: best?.left ?? null, now: places(here) };
}
