// Decides by a compiled rulebase and nothing else: node walk.mjs compiled.json 2026-11-29 < situations.jsonl
// A line is a situation, such as {"concerns": ["misconduct"], "reporter": "employee"}; facts of the organisation too.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const LEAF = -1;

// The rules at the leaf below a node, or the fact without which it cannot be said.
function leaf(nodes, facts, situation, [first, ...rest]) {
  if (first === LEAF) return rest;
  const { id, answers, of_organisation: given } = facts[first];
  const answer = situation[id] ?? (given ? "unknown" : null);
  return answer ? leaf(nodes, facts, situation, nodes[rest[answers.indexOf(answer)]]) : id;
}

// Per concern and destination the rules that refer there, and the facts that others still need.
function walk({ graph, rules }, { facts }, situation) {
  const refers = {};
  const asks = new Set();
  for (const concern of situation.concerns) {
    for (const [destination, root] of Object.entries(graph.roots[concern])) {
      const found = leaf(graph.nodes, facts, situation, graph.nodes[root]);
      if (typeof found === "string") asks.add(found);
      else if (found.length) (refers[concern] ??= {})[destination] = found.map((rule) => rules[rule]);
    }
  }
  return { asks: [...asks].sort(), refers };
}

const data = readFileSync(process.argv[2]);
const { digest, compiled } = JSON.parse(data);
// The bytes that the digest is of.
const inside = data.subarray(data.indexOf('"compiled":') + 11, data.lastIndexOf("}"));
if (digest !== `sha256:${createHash("sha256").update(inside).digest("hex")}`)
  throw new Error("It was changed since it was compiled.");
const edition = compiled.editions.findLast(({ since }) => since <= process.argv[3]);
for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  console.log(JSON.stringify(walk(edition, compiled.vocabulary, JSON.parse(line))));
}
