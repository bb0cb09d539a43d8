// What must be so for a door to open, and what must not, as clauses: as service/present.py says it.
// A condition that leaves out few answers is said by what it leaves out; one about the subject never is.

export function opening(conditions, { clauses, words }, concernsFact) {
  const found = { needed: [], unless: [] };
  for (const { fact, answers } of conditions) {
    const leftOut = Object.keys(clauses[fact]).filter((one) => !answers.includes(one));
    const many = leftOut.length < answers.length && fact !== concernsFact;
    found[many ? "unless" : "needed"].push((many ? leftOut : answers).map((one) => clauses[fact][one]).join(` ${words.or} `));
  }
  return found;
}
