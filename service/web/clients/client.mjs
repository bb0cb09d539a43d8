// Asks every question on a terminal, and says where to go: node client.mjs https://wegwijzer.example.nl
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const read = async (...said) => {
  console.log(said.join("\n"));
  return (await lines.next()).value.trim();
};

// One answer of the service: an answer in `body` is in no address and no log.
const refer = async (body) => {
  const headers = { "Content-Type": "application/json" };
  const asked = { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(`${process.argv[2]}/api/v1/referrals`, asked);
  if (!response.ok) throw new Error((await response.json()).detail);
  return response.json();
};

const body = { situation: {}, language: "en" };
let [answer, declined] = [await refer(body), false];
while (answer.nextQuestion || (answer.organisationMatters && !declined)) {
  const question = answer.nextQuestion;
  if (question) {
    const labels = Object.entries(question.labels).map(([one, label]) => `  ${one}: ${label}`);
    const chosen = (await read(question.text, ...labels)).split(" ");
    body.situation[question.fact] = question.several ? chosen : chosen[0];
  } else {
    const organisation = await read("An id of /api/v1/organisations, or nothing");
    if (organisation) body.organisation = organisation;
    declined = !organisation;
  }
  answer = await refer(body);
}
for (const one of answer.referrals) {
  console.log(`${one.as}: ${one.inShort.heading}. ${one.why}`);
  for (const source of one.sources) console.log(`  ${source.short}, ${source.locator}`);
}
console.log("Edition", answer.edition.id, answer.edition.digest, "on", answer.on);
process.stdin.destroy();
