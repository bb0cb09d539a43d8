// Runs what the browser runs, for the tests: reads one job a line from standard input, writes one answer a line.
import { createInterface } from "node:readline";

const folder = process.argv[2];
const { Reading } = await import(`${folder}/reading.js`);
const { Journey } = await import(`${folder}/journey.js`);
const { calendar, due } = await import(`${folder}/calendar.js`);
const { CaseCode } = await import(`${folder}/casecode.js`);
const { explain, looked, weigh } = await import(`${folder}/explaining.js`);
const { createHash } = await import("node:crypto");

let reading, journey, table;

const line = (referrals) => referrals.map((one) => `${one.destination}:${one.as}:${one.rules.join("+")}`).join(" ");

// Every situation in the order of counting up the last fact first; a digest a block.
function* situations(facts, place = 0, answers = {}) {
  if (place === facts.length) {
    yield answers;
    return;
  }
  for (const answer of table.facts.find((fact) => fact.id === facts[place]).answers) {
    answers[facts[place]] = answer;
    yield* situations(facts, place + 1, answers);
  }
  delete answers[facts[place]];
}

function whole({ concern, facts, block }) {
  const digests = [];
  const said = new Map();
  let hash = createHash("sha256"), count = 0;
  for (const answers of situations(facts)) {
    const possible = reading.possible(concern, answers);
    const key = possible.map((rule) => rule.number).join();
    let text = said.get(key);
    if (text === undefined) {
      const standing = reading.standing(possible, answers);
      const destinations = new Set(standing.map((rule) => rule.refer));
      text = `${line(reading.referrals(concern, standing, answers))} | ${table.destinations.filter((one) => destinations.has(one)).join(" ")}\n`;
      said.set(key, text);
    }
    hash.update(text);
    count += 1;
    if (count % block === 0) {
      digests.push(hash.digest("hex"));
      hash = createHash("sha256");
    }
  }
  digests.push(hash.digest("hex"));
  return { count, digests };
}

const jobs = {
  table(job) {
    table = job.table;
    reading = new Reading(table);
    journey = new Journey(table, reading, (id) => job.organisations[id]);
    return table.rules.length;
  },
  whole,
  decide: ({ concerns, answers }) => reading.decide({ concerns, answers }),
  explain: ({ situation, destination }) => explain(looked(reading, situation), destination),
  way: ({ situation, destination }) => reading.way(reading.accept(situation), destination),
  weigh: ({ situation }) => weigh(looked(reading, situation)),
  write: ({ code, situation, organisation }) => new CaseCode({ ...code, facts: table.facts }).write(situation, organisation),
  read: ({ code, text }) => new CaseCode({ ...code, facts: table.facts }).read(text),
  at: ({ given }) => journey.at(given),
  due: ({ start, term }) => due(start, term),
  calendar: (job) => calendar({ ...job, stamp: new Date(job.stamp) }),
};

for await (const text of createInterface({ input: process.stdin })) {
  const job = JSON.parse(text);
  process.stdout.write(`${JSON.stringify(jobs[job.job](job))}\n`);
}
