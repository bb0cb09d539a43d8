// Conditions in words: as service/answers/presenter.py says them.

// The answers that do not meet a condition, where they are few; none where they are not, or about a subject.
export function leftOut({ fact, answers }, { clauses }, concernsFact) {
  const left = Object.keys(clauses[fact]).filter((one) => !answers.includes(one));
  return left.length < answers.length && fact !== concernsFact ? left : [];
}

export const clause = (fact, answers, { clauses, words }) => answers.map((one) => clauses[fact][one]).join(` ${words.or} `);

// As clauses that all must be so, and read on: what must not be so is said as one of them.
export function asks(conditions, data, concernsFact) {
  const clauses = conditions.map((one) => ask(one, data, concernsFact));
  return clauses.map((one, place) => (place < clauses.length - 1 ? `${one}, ${data.words.and}` : one));
}

function ask(condition, data, concernsFact) {
  const left = leftOut(condition, data, concernsFact);
  if (!left.length) {
    return clause(condition.fact, condition.answers, data);
  }
  const denial = left.length === 1 ? data.denials[condition.fact][left[0]] : undefined;
  return denial ?? data.words.clause_not.replace("{clause}", clause(condition.fact, left, data));
}

// The name of the words that a way begins with.
export const opens = (way) => `way_${way.later ? "later" : "now"}${way.elsewhere ? "_elsewhere" : ""}`;
