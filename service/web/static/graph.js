// Decides in the browser by the decision graph of an edition, exactly as the server does (service/core/graph.py).
// A node is [fact, child per answer] or a leaf [-1, ...rules that stand there]. Facts of the organisation come first.

export const ORGANISATION = "organisation";
export const DECLINED = "";

const bit = (/** @type {number} */ place) => 1n << BigInt(place);
const union = (/** @type {bigint[]} */ sets) => sets.reduce((all, set) => all | set, 0n);

export class Graph {
  constructor(/** @type {Rulebase} */ { edition, facts, rules, destinations, graph }) {
    this.edition = edition;
    this.facts = facts;
    this.rules = rules;
    this.destinations = destinations;
    this.nodes = graph.nodes;
    this.roots = graph.roots;
    this.concerns = /** @type {Fact} */ (facts.find((fact) => fact.several));
    this.ofOrganisation = facts.filter((fact) => fact.ofOrganisation);
    this.asked = facts.filter((fact) => !fact.several && !fact.ofOrganisation);
    this.first = union(rules.map(({ as }, number) => (as === "first" ? bit(number) : 0n)));
    this.unknown = Object.fromEntries(this.ofOrganisation.map(({ id }) => [id, "unknown"]));
  }

  // An answer counts when its question could change the outcome at its turn, whatever is left open before it: when one of
  // the nodes tests it that can be reached by then.
  accept(/** @type {Situation} */ { concerns, answers }) {
    const accepted = /** @type {Answers} */ ({});
    const ignored = [];
    const reached = new Set(concerns.flatMap((concern) => Object.values(this.roots[concern])));
    for (const fact of [...this.ofOrganisation, ...this.asked]) {
      const place = this.facts.indexOf(fact);
      const given = answers[fact.id];
      const testing = [...reached].filter((node) => this.nodes[node][0] === place);
      if (given !== undefined && (fact.ofOrganisation || testing.length || !concerns.length)) {
        accepted[fact.id] = given;
      } else if (given !== undefined) {
        ignored.push(fact.id);
      }
      for (const node of testing) {
        const children = this.nodes[node].slice(1);
        reached.delete(node);
        const next = given === undefined ? children : [children[fact.answers.indexOf(given)]];
        next.forEach((child) => reached.add(child));
      }
    }
    return { concerns: this.concerns.answers.filter((one) => concerns.includes(one)), answers: accepted, ignored };
  }

  // What these answers leave of each root of the concerns, of all concerns where none is named.
  left(/** @type {Situation} */ { concerns, answers }) {
    const given = this.facts.map((fact) => fact.answers.indexOf(answers[fact.id]));
    const known = /** @type {Reduced[]} */ ([]);
    const made = /** @type {Record<string, Reduced>} */ ({});
    let count = 0;
    /** @type {(number: number) => Reduced} */
    const at = (number) => (known[number] ??= reduce(this.nodes[number]));
    /** @type {(node: number[]) => Reduced} */
    const reduce = ([fact, ...rest]) => {
      if (fact < 0) {
        const rules = union(rest.map(bit));
        return { id: count++, some: rules, every: rules, facts: 0n };
      }
      if (given[fact] >= 0) {
        return at(rest[given[fact]]);
      }
      const parts = rest.map(at);
      const whole = () => ({
        id: count++,
        some: union(parts.map(({ some }) => some)),
        every: parts.reduce((all, { every }) => all & every, parts[0].every),
        facts: union([bit(fact), ...parts.map(({ facts }) => facts)]),
      });
      const same = parts.every((part) => part === parts[0]);
      return same ? parts[0] : (made[`${fact} ${parts.map(({ id }) => id)}`] ??= whole());
    };
    return (concerns.length ? concerns : this.concerns.answers).flatMap((concern) =>
      Object.entries(this.roots[concern]).map(([destination, root]) => ({ concern, destination, ...at(root) })),
    );
  }

  // Those of the questions whose answers can still change the outcome.
  open(/** @type {Reduced[]} */ left) {
    const all = union(left.map((root) => root.facts));
    return this.asked.filter((fact) => all & bit(this.facts.indexOf(fact)));
  }

  // How many questions can still be asked at most, as service/core/reading.py has it.
  most(/** @type {Situation} */ { concerns, answers }) {
    const known = /** @type {Record<string, number>} */ ({});
    const asked = new Set(this.asked.map((fact) => this.facts.indexOf(fact)));
    const given = this.facts.map((fact) => fact.answers.indexOf(answers[fact.id]));
    /** @type {(number: number) => number[]} */
    const reach = (number) => {
      const [fact, ...children] = this.nodes[number];
      if (fact < 0) {
        return [];
      }
      if (given[fact] >= 0) {
        return reach(children[given[fact]]);
      }
      return asked.has(fact) ? [number] : children.flatMap(reach);
    };
    /** @type {(here: number[]) => number} */
    const below = (here) => {
      const all = [...new Set(here)].sort((one, other) => one - other);
      const key = all.join();
      if (!all.length) {
        return 0;
      }
      if (!(key in known)) {
        const fact = Math.min(...all.map((number) => this.nodes[number][0]));
        const after = this.facts[fact].answers.map((_, answer) =>
          all.flatMap((number) => (this.nodes[number][0] === fact ? reach(this.nodes[number][answer + 1]) : [number])),
        );
        known[key] = 1 + Math.max(...after.map(below));
      }
      return known[key];
    };
    return below(concerns.flatMap((concern) => Object.values(this.roots[concern]).flatMap(reach)));
  }

  decide(/** @type {Situation} */ situation) {
    const { concerns, answers, ignored } = this.accept(situation);
    const left = this.left({ concerns, answers });
    const next = concerns.length ? (this.open(left)[0]?.id ?? null) : this.concerns.id;
    return {
      concerns,
      answers,
      ignored,
      referrals: concerns.flatMap((concern) => this.referrals(left.filter((root) => root.concern === concern))),
      next,
      complete: next === null,
      possible: this.destinations.filter((one) => left.some(({ destination, some }) => destination === one && some)),
    };
  }

  // The rules that stand wherever a root leads, first step first; those of one root refer equally strongly.
  referrals(/** @type {Left[]} */ left) {
    const found = left
      .filter(({ every }) => every)
      .map(({ concern, destination, every }) => {
        const rules = this.rules.filter((_, number) => every & bit(number));
        return { destination, as: rules[0].as, concern, rules: rules.map((rule) => rule.id) };
      });
    const inOrder = this.destinations.flatMap((one) => found.filter(({ destination }) => destination === one));
    return ["first", "also", "later"].flatMap((as) => inOrder.filter((one) => one.as === as));
  }

  // Where a person stands, as service/core/interview.py has it: that follows from the answers alone.
  /** @type {(given: Given, facts: Answers) => Progress} */
  progress({ concerns, answers, organisation }, facts) {
    const ofIt = { ...this.unknown, ...facts };
    if (!concerns.length) {
      const most = Math.max(...this.concerns.answers.map((one) => 2 + this.most({ concerns: [one], answers: {} })));
      const still = { given: { concerns, answers: {} }, situation: { concerns, answers: ofIt }, certain: false };
      return { ...still, path: [], dropped: Object.keys(answers), next: this.concerns.id, most };
    }
    const { ignored, ...situation } = this.accept({ concerns, answers: { ...answers, ...ofIt } });
    const kept = Object.fromEntries(Object.entries(answers).filter(([fact]) => fact in situation.answers));
    const asked = organisation === undefined ? [] : [ORGANISATION];
    const path = [this.concerns.id, ...this.asked.map(({ id }) => id).filter((id) => id in kept), ...asked];
    // Naming the organisation may open questions: until then it may be any.
    const told = { concerns, answers: asked.length ? { ...kept, ...ofIt } : kept };
    const left = this.most(told) + (asked.length ? 0 : 1);
    const settled = this.left(told).filter(({ every }) => every & this.first);
    const certain = concerns.every((one) => settled.some(({ concern }) => concern === one));
    const open = this.open(this.left({ concerns, answers: situation.answers }));
    const next = open[0]?.id ?? (asked.length ? null : ORGANISATION);
    const still = { concerns: situation.concerns, answers: kept, organisation };
    return { given: still, situation, path, dropped: ignored, next, most: path.length + left, certain };
  }
}
