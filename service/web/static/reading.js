// Decides in the browser, from the table of rules, exactly as service/core/reading.py does on the server.
// A rule is possible when no answer refutes it, certain when no unanswered fact can refute it any more, and standing
// when some completion of the answers fires it without a stronger rule for the same destination.

const STRENGTH = { first: 0, also: 1, later: 2 };
const IDENTITY = ["who", "where"]; // nobody is told to be somebody else, or somewhere else
const UNKNOWN = "unknown";

export class Reading {
  constructor(table) {
    this.table = table;
    this.facts = new Map(table.facts.map((fact) => [fact.id, fact]));
    this.concernsFact = table.facts.find((fact) => fact.several);
    this.asked = table.facts.filter((fact) => !fact.several && !fact.ofOrganisation).map((fact) => fact.id);
    this.ofOrganisation = table.facts.filter((fact) => fact.ofOrganisation).map((fact) => fact.id);
    this.place = new Map(table.destinations.map((destination, place) => [destination, place]));
    this.rules = table.rules.map((rule, number) => this.readRule(rule, number));
    this.concerns = new Map(
      this.concernsFact.answers.map((concern) => [concern, this.rules.filter((rule) => rule.concern === concern)]),
    );
    this.tested = new Map([...this.concerns].map(([concern, rules]) => [concern, new Set(rules.flatMap((rule) => [...rule.tests.keys()]))]));
    for (const rules of this.concerns.values()) {
      for (const rule of rules) {
        rule.rivals = rules.filter((other) => other.refer === rule.refer && other.strength < rule.strength);
      }
    }
  }

  readRule({ id, refer, as, concern, when }, number) {
    const wanted = Object.entries(when).map(([fact, places]) => [fact, places.map((place) => this.facts.get(fact).answers[place])]);
    // A condition that every answer meets decides nothing.
    const tests = wanted.filter(([fact, answers]) => answers.length < this.facts.get(fact).answers.length);
    return {
      id, refer, as, concern, number, wanted,
      strength: STRENGTH[as],
      tests: new Map(tests.map(([fact, answers]) => [fact, new Set(answers)])),
    };
  }

  possible(concern, answers) {
    return this.concerns.get(concern).filter((rule) => {
      for (const [fact, wanted] of rule.tests) {
        const given = answers[fact];
        if (given !== undefined && !wanted.has(given)) {
          return false;
        }
      }
      return true;
    });
  }

  isCertain(rule, answers) {
    return [...rule.tests.keys()].every((fact) => answers[fact] !== undefined);
  }

  standing(possible, answers) {
    const set = new Set(possible);
    return possible.filter((rule) => this.stands(rule, set, answers));
  }

  stands(rule, possible, answers) {
    const rivals = rule.rivals.filter((rival) => possible.has(rival)).map((rival) => this.narrower(rival, rule, answers));
    return !covered(rivals, (fact) => [...(rule.tests.get(fact) ?? this.facts.get(fact).answers)]);
  }

  // On which unanswered facts a stronger rule takes fewer answers than a weaker one, and which it takes.
  narrower(rival, rule, answers) {
    return [...rival.tests]
      .filter(([fact]) => answers[fact] === undefined)
      .map(([fact, wanted]) => {
        const own = [...(rule.tests.get(fact) ?? this.facts.get(fact).answers)];
        const taken = own.filter((answer) => wanted.has(answer));
        return taken.length < own.length ? { fact, taken: new Set(taken) } : null;
      })
      .filter(Boolean);
  }

  // The unanswered facts that a standing rule tests: those whose answer can still change the outcome.
  openIn(concern, answers) {
    const open = new Set();
    for (const rule of this.standing(this.possible(concern, answers), answers)) {
      for (const fact of rule.tests.keys()) {
        if (answers[fact] === undefined) {
          open.add(fact);
        }
      }
    }
    return open;
  }

  // Whether the answer to this unanswered fact can still change the outcome.
  matters(concern, fact, answers) {
    if (!this.tested.get(concern).has(fact)) {
      return false;
    }
    const possible = new Set(this.possible(concern, answers));
    return [...possible].some((rule) => rule.tests.has(fact) && this.stands(rule, possible, answers));
  }

  openFacts({ concerns, answers }) {
    const open = concerns.map((concern) => this.openIn(concern, answers));
    return this.asked.filter((fact) => open.some((facts) => facts.has(fact)));
  }

  // Walks the facts in the order of asking; an answer counts when its question could still change the outcome then.
  accept({ concerns, answers }) {
    if (!concerns.length) {
      return { concerns, answers, ignored: [] };
    }
    const accepted = Object.fromEntries(this.ofOrganisation.map((fact) => [fact, answers[fact]]));
    const ignored = [];
    for (const fact of this.asked) {
      if (answers[fact] === undefined) {
        continue;
      }
      if (concerns.some((concern) => this.matters(concern, fact, accepted))) {
        accepted[fact] = answers[fact];
      } else {
        ignored.push(fact);
      }
    }
    return { concerns: this.concernsFact.answers.filter((one) => concerns.includes(one)), answers: accepted, ignored };
  }

  decide(situation) {
    return this.decideAccepted(this.accept(situation));
  }

  decideAccepted({ concerns, answers, ignored }) {
    const referrals = [];
    const possible = new Set();
    for (const concern of concerns.length ? concerns : this.concernsFact.answers) {
      const standing = this.standing(this.possible(concern, answers), answers);
      standing.forEach((rule) => possible.add(rule.refer));
      if (concerns.length) {
        referrals.push(...this.referrals(concern, standing, answers));
      }
    }
    const next = concerns.length ? (this.openFacts({ concerns, answers })[0] ?? null) : this.concernsFact.id;
    return {
      referrals,
      next,
      complete: next === null,
      possible: this.table.destinations.filter((destination) => possible.has(destination)),
      closed: this.table.destinations
        .filter((destination) => !possible.has(destination))
        .map((destination) => ({ destination, way: this.way({ concerns, answers }, destination), leads: this.leads(destination) })),
      ignored,
      organisationMatters: this.organisationMatters(concerns, answers),
    };
  }

  // The certain referrals, first step first. A weaker one that may still give way is not certain.
  referrals(concern, standing, answers) {
    const set = new Set(standing);
    const sure = standing.filter((rule) => this.isCertain(rule, answers) && !rule.rivals.some((rival) => set.has(rival)));
    const doors = new Map();
    for (const rule of sure) {
      const key = rule.strength * this.place.size + this.place.get(rule.refer);
      doors.set(key, [...(doors.get(key) ?? []), rule]);
    }
    return [...doors]
      .sort(([one], [other]) => one - other)
      .map(([, rules]) => ({ destination: rules[0].refer, as: rules[0].as, concern, rules: rules.map((rule) => rule.id) }));
  }

  organisationMatters(concerns, answers) {
    const rest = Object.fromEntries(Object.entries(answers).filter(([fact]) => !this.ofOrganisation.includes(fact)));
    return (concerns.length ? concerns : this.concernsFact.answers).some((concern) => {
      const open = this.openIn(concern, rest);
      return this.ofOrganisation.some((fact) => open.has(fact));
    });
  }

  leads(destination) {
    return this.rules.some((rule) => rule.refer === destination);
  }

  // One way by which a destination opens in any case; null if none does for somebody in this position.
  way(situation, destination) {
    const [best] = this.nearest(situation, destination);
    return best && !best.effort[0] ? best.way : null;
  }

  // Every rule that leads to a destination with what it asks, the one that asks least of somebody first.
  nearest(situation, destination) {
    const rules = this.rules.filter((rule) => rule.refer === destination).map((rule) => this.asks(rule, situation));
    return rules.sort((one, other) => one.effort.reduce((sum, part, place) => sum || part - other.effort[place], 0));
  }

  // Effort, most weighty first: another person or place, a subject not named, answers changed, those about what happened,
  // all that is asked, and only later. What is not known of an organisation may still be told.
  asks(rule, { concerns, answers }) {
    const unmet = rule.wanted.filter(([fact, wanted]) => !wanted.includes(answers[fact]));
    let barred = 0, changed = 0, past = 0;
    for (const [fact] of unmet) {
      const given = answers[fact] ?? UNKNOWN;
      const { nature } = this.facts.get(fact);
      const identity = IDENTITY.includes(nature);
      barred ||= identity && given !== UNKNOWN;
      changed += answers[fact] !== undefined && !(identity && given === UNKNOWN);
      past += nature === "past" && given !== UNKNOWN;
    }
    const named = concerns.includes(rule.concern);
    const later = rule.as === "later";
    const elsewhere = concerns.length > 0 && !named;
    const conditions = unmet.map(([fact, wanted]) => ({ fact, answers: wanted }));
    if (!named) {
      conditions.unshift({ fact: this.concernsFact.id, answers: [rule.concern] });
    }
    return { rule, way: { conditions, later, elsewhere }, effort: [barred, elsewhere, changed, past, unmet.length, later] };
  }
}

// Whether stronger rules together take every completion that a rule leaves open.
function covered(rivals, own) {
  if (!rivals.length) {
    return false;
  }
  if (rivals.some((narrower) => !narrower.length)) {
    return true; // one of them is narrower on nothing: it wins whatever is answered
  }
  const { fact } = rivals[0][0];
  return own(fact).every((answer) =>
    covered(
      rivals
        .filter((narrower) => narrower.every((one) => one.fact !== fact || one.taken.has(answer)))
        .map((narrower) => narrower.filter((one) => one.fact !== fact)),
      own,
    ),
  );
}
