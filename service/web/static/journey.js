// The way through the questions, as service/core/interview.py has it: from the answers alone follows where a person stands.

export const ORGANISATION = "organisation";
export const DECLINED = "";

export class Journey {
  constructor(table, reading, factsOf) {
    this.reading = reading;
    this.factsOf = factsOf;
    this.concerns = table.facts.find((fact) => fact.several);
    this.unknown = Object.fromEntries(table.facts.filter((fact) => fact.ofOrganisation).map((fact) => [fact.id, "unknown"]));
    const asked = table.facts.filter((fact) => !fact.several && !fact.ofOrganisation).map((fact) => fact.id);
    this.steps = [this.concerns.id, ...asked, ORGANISATION];
  }

  // given: {concerns: [answer], answers: {fact: answer}, organisation: undefined when not asked, DECLINED, or an id}
  at(given) {
    const ofOrganisation = { ...this.unknown, ...this.known(given) };
    const { concerns, answers, ignored } = this.reading.accept({
      concerns: given.concerns,
      answers: { ...given.answers, ...ofOrganisation },
    });
    if (!given.concerns.length) {
      return this.atTheStart(given, ofOrganisation);
    }
    const kept = Object.fromEntries(Object.entries(given.answers).filter(([fact]) => fact in answers));
    const still = { concerns, answers: kept, organisation: given.organisation };
    const asked = given.organisation !== undefined;
    const next = this.reading.openFacts({ concerns, answers })[0] ?? (asked ? null : ORGANISATION);
    const path = this.steps.filter(
      (step) => step === this.concerns.id || step in kept || (step === ORGANISATION && asked),
    );
    return { given: still, situation: { concerns, answers }, path, dropped: ignored, next, most: path.length + this.left(still) };
  }

  atTheStart(given, ofOrganisation) {
    const most = Math.max(...this.concerns.answers.map((concern) => 1 + this.left({ concerns: [concern], answers: {} })));
    return {
      given: { concerns: [], answers: {} },
      situation: { concerns: [], answers: ofOrganisation },
      path: [],
      dropped: Object.keys(given.answers),
      next: this.steps[0],
      most,
    };
  }

  // An open question never opens another one, but naming the organisation may: until then its facts are open too.
  left(given) {
    const asked = given.organisation !== undefined;
    const answers = asked ? { ...given.answers, ...this.unknown, ...this.known(given) } : given.answers;
    return this.reading.openFacts({ concerns: given.concerns, answers }).length + (asked ? 0 : 1);
  }

  known(given) {
    return given.organisation ? this.factsOf(given.organisation) : {};
  }
}
