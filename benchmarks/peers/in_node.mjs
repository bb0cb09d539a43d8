// How somebody would write our rows for each engine of others in Node.js: as in in_python.py, and the same measuring.
// Asked with the name of an engine and a file of rules and situations; says what came of it as one line of JSON.
import { readFileSync } from "node:fs";

const oneOf = ([fact, answers]) => ({ in: [{ var: fact }, answers] });
const jsonLogic = (when) => (Object.keys(when).length ? { and: Object.entries(when).map(oneOf) } : true);
const celList = (rules) => {
  const text = (when) =>
    Object.entries(when)
      .map(([fact, answers]) => `${fact} in ${JSON.stringify(answers)}`)
      .join(" && ") || "true";
  return `[${rules.map(([id, when]) => `(${text(when)}) ? "${id}" : ""`).join(",")}]`;
};

const ENGINES = {
  async "json-rules-engine"(facts, rules) {
    const { Engine } = await import("json-rules-engine");
    const engine = new Engine();
    for (const [id, when] of rules) {
      const all = Object.entries(when).map(([fact, value]) => ({ fact, operator: "in", value }));
      engine.addRule({ conditions: { all }, event: { type: id } });
    }
    return async (answers) => (await engine.run(answers)).events.map(({ type }) => type);
  },

  async "json-logic-js"(facts, rules) {
    const { default: logic } = await import("json-logic-js");
    const rows = rules.map(([id, when]) => [id, jsonLogic(when)]);
    return (answers) => rows.filter(([, row]) => logic.apply(row, answers)).map(([id]) => id);
  },

  async "json-logic-engine"(facts, rules) {
    const { LogicEngine } = await import("json-logic-engine");
    const engine = new LogicEngine();
    const rows = rules.map(([id, when]) => [id, engine.build(jsonLogic(when))]);
    return (answers) => rows.filter(([, row]) => row(answers)).map(([id]) => id);
  },

  async "zen-engine"(facts, rules) {
    const { ZenEngine } = await import("@gorules/zen-engine");
    const none = Object.fromEntries(Object.keys(facts).map((fact) => [fact, ""]));
    const cells = (when) => Object.entries(when).map(([fact, answers]) => [fact, answers.map((a) => `"${a}"`).join()]);
    const rows = rules.map(([id, when]) => ({ _id: id, ...none, ...Object.fromEntries(cells(when)), rule: `'${id}'` }));
    const column = (id) => ({ id, name: id, field: id });
    const inputs = Object.keys(facts).map(column);
    const table = { hitPolicy: "collect", inputs, outputs: [column("rule")], rules: rows };
    const kinds = ["inputNode", "decisionTableNode", "outputNode"];
    const nodes = kinds.map((type, n) => ({ id: type, name: type, type, content: n === 1 ? table : {} }));
    const edges = [0, 1].map((n) => ({ id: `${n}`, type: "edge", sourceId: kinds[n], targetId: kinds[n + 1] }));
    const decision = new ZenEngine().createDecision(Buffer.from(JSON.stringify({ nodes, edges })));
    return async (answers) => (await decision.evaluate(answers)).result.map(({ rule }) => rule);
  },

  async "cel-js"(facts, rules) {
    const { Environment } = await import("@marcbachmann/cel-js");
    const many = { maxAstNodes: 1e9, maxListElements: 1e9 };
    const program = new Environment({ unlistedVariablesAreDyn: true, limits: many }).parse(celList(rules));
    return (answers) => program(answers).filter(Boolean);
  },

  async nools(facts, rules) {
    const { default: nools } = await import("nools");
    class Situation {
      constructor(answers) {
        Object.assign(this, answers);
      }
    }
    const fired = [];
    const one = ([fact, answers]) => `(${answers.map((answer) => `s.${fact} == '${answer}'`).join(" || ")})`;
    const flow = nools.flow(`peers ${Math.random()}`, (made) => {
      for (const [id, when] of rules) {
        const test = Object.entries(when).map(one).join(" && ") || "true";
        made.rule(id, {}, [Situation, "s", test], () => fired.push(id));
      }
    });
    const session = flow.getSession();
    return async (answers) => {
      fired.length = 0;
      const fact = session.assert(new Situation(answers));
      await session.match();
      session.retract(fact);
      return [...fired];
    };
  },
};

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
const same = (found, wanted) =>
  found.length === wanted.length && [...found].sort().join() === [...wanted].sort().join();
const even = (list, count) =>
  list.filter((_, n) => Math.floor((n * count) / list.length) !== Math.floor(((n - 1) * count) / list.length));

/** As measuring.py, step by step. */
async function measure(name, { concerns, situations }, budget) {
  const before = process.memoryUsage().rss;
  let start = cpu();
  const decide = {};
  for (const [concern, { facts, rules }] of Object.entries(concerns))
    decide[concern] = await ENGINES[name](facts, rules);
  const build = (cpu() - start) / 1e6;
  start = cpu();
  let checked = 0;
  let wrong = 0;
  for (const [concern, answers, wanted] of situations) {
    wrong += same(await decide[concern](answers), wanted) ? 0 : 1;
    checked += 1;
    if (checked >= 5 && cpu() - start > budget * 2e6) break;
  }
  const memory = (process.memoryUsage().rss - before) / 1e6;
  if (wrong) return { build, checked, wrong, memory };
  const few = situations.slice(0, Math.max(5, Math.floor(checked / 20)));
  start = cpu();
  for (const [concern, answers] of few) await decide[concern](answers);
  const spent = (cpu() - start) / few.length;
  const times = Math.max(1, Math.min(2000, Math.floor(100 / Math.max(spent, 0.1))));
  const rounds = 5;
  const timed = even(
    situations,
    Math.max(3, Math.min(checked, Math.floor((budget * 1e6) / (rounds * Math.max(100, spent))))),
  );
  const best = new Array(timed.length).fill(Infinity);
  for (let round = 0; round < rounds; round += 1)
    for (const [n, [concern, answers]] of timed.entries()) {
      const one = decide[concern];
      const begin = cpu();
      for (let time = 0; time < times; time += 1) {
        const found = one(answers);
        if (found instanceof Promise) await found;
      }
      best[n] = Math.min(best[n], (cpu() - begin) / times);
    }
  return { build, checked, wrong, memory, best };
}

const [name, file, budget] = process.argv.slice(2);
const result = await measure(name, JSON.parse(readFileSync(file, "utf8")), Number(budget)).catch((error) => ({
  failed: `${error.name}: ${error.message}`,
}));
console.log(JSON.stringify(result));
process.exit();
