// Runs what the browser runs, for the tests: reads one job a line from standard input, writes one answer a line.
import { createInterface } from "node:readline";

const folder = process.argv[2];
const { actFor } = await import(`${folder}/acts.js`);
const { CaseCode } = await import(`${folder}/casecode.js`);
const { explain, weigh } = await import(`${folder}/explaining.js`);
const { Finder } = await import(`${folder}/finder.js`);
const { Graph } = await import(`${folder}/graph.js`);
const { Ways, elsewhereOf, wayOf, waysOf } = await import(`${folder}/ways.js`);

let graph, ways, finder, acts;

const line = (referrals) => referrals.map((one) => `${one.destination}:${one.as}:${one.rules.join("+")}`).join(" ");

function decide({ situation }) {
  const decision = graph.decide(situation);
  const closed = graph.destinations.filter((one) => !decision.possible.includes(one));
  const said = closed.map((one) => ({
    destination: one,
    ways: ways.to(decision, one),
    leads: ways.leading(one).length > 0,
  }));
  return { ...decision, closed: said };
}

const jobs = {
  load({ rulebase }) {
    graph = new Graph(rulebase);
    ways = new Ways(rulebase);
    return graph.rules.length;
  },
  lines: ({ situations }) => situations.map((one) => line(graph.referrals(graph.left(one)))),
  acts({ known, doors }) {
    acts = { known, doors };
    return doors.length;
  },
  act: ({ person, calling }) => acts.doors.map((door) => actFor(acts.known, door, person, calling)),
  decide,
  progress: ({ given, facts }) => graph.progress(given, facts),
  explain: ({ situation, destination }) => explain(ways, graph.decide(situation), destination),
  say: ({ ways: every, texts }) => ({
    each: every.map((one) => wayOf(one, texts)),
    named: waysOf(every, texts),
    elsewhere: elsewhereOf(every, texts),
  }),
  ways: ({ situation, destination }) => ways.to(graph.accept(situation), destination),
  weigh: ({ situation }) => weigh(graph, graph.accept(situation)),
  write: ({ code, situation, organisation, on }) =>
    new CaseCode({ ...code, facts: graph.facts }).write(situation, organisation, on),
  names({ finding, organisations }) {
    finder = new Finder(finding, organisations);
    return finder.names.length;
  },
  find: ({ typed }) => typed.map((one) => finder.find(one)?.map(({ id, why }) => ({ id, why: why ?? null })) ?? []),
  read: ({ code, text }) => new CaseCode({ ...code, facts: graph.facts }).read(text),
};

for await (const text of createInterface({ input: process.stdin })) {
  const job = JSON.parse(text);
  process.stdout.write(`${JSON.stringify(jobs[job.job](job))}\n`);
}
