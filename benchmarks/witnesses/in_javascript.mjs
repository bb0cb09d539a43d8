// Runs one JavaScript engine over the tables and situations in a folder: node in_javascript.mjs ENGINE FOLDER
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const [engine, folder] = process.argv.slice(2);
const require = createRequire(import.meta.url);

const engines = {
  // A whole engine: reads the XML, evaluates the table.
  async "@hbtgmbh/dmn-eval-js"(xml, concern) {
    const { decisionTable } = require("@hbtgmbh/dmn-eval-js");
    const decisions = await decisionTable.parseDmnXml(xml);
    return (situation) => decisionTable.evaluateDecision(concern, decisions, { ...situation });
  },

  // dmn-moddle reads the XML, feelin evaluates each cell; the loop over rows and columns is ours.
  // Each column is given its own fact alone and each cell its own answer alone, so every such pair is evaluated once;
  // a column or cell that asked for more would be a warning of feelin, and an error here.
  async feelin(xml, concern) {
    const { DmnModdle } = await import("dmn-moddle");
    const { evaluate, unaryTest } = await import("feelin");
    const { rootElement, warnings } = await new DmnModdle().fromXML(xml);
    if (warnings.length) throw new Error(warnings.map((warning) => warning.message).join("\n"));
    const decision = rootElement.drgElement.find((one) => one.id === concern);
    const { hitPolicy, input, output, rule } = decision.decisionLogic;
    if (hitPolicy !== "COLLECT") throw new Error(`hit policy ${hitPolicy}`);
    const sure = ({ value, warnings: doubts }) => {
      if (doubts.length) throw new Error(doubts.map((doubt) => doubt.message).join("\n"));
      return value;
    };
    const seen = new Map();
    const once = (kind, text, answer, value) => {
      const key = `${kind}\n${answer}\n${text}`;
      if (!seen.has(key)) seen.set(key, sure(value()));
      return seen.get(key);
    };
    const read = (text, answer) => once("column", text, answer, () => evaluate(text, { [text]: answer }));
    const holds = (text, answer) => once("cell", text, answer, () => unaryTest(text, { "?": answer })) === true;
    const rows = rule.map((row) => [
      row.inputEntry.map((cell) => cell.text),
      Object.fromEntries(output.map(({ name }, place) => [name, sure(evaluate(row.outputEntry[place].text, {}))])),
    ]);
    return (situation) => {
      const answers = input.map(({ inputExpression: { text } }) => read(text, situation[text]));
      return rows.filter(([cells]) => cells.every((cell, place) => holds(cell, answers[place]))).map(([, said]) => said);
    };
  },
};

for (const file of fs.readdirSync(folder).filter((name) => name.endsWith(".dmn"))) {
  const place = path.join(folder, path.basename(file, ".dmn"));
  const situations = JSON.parse(fs.readFileSync(`${place}.situations.json`, "utf8"));
  const decide = await engines[engine](fs.readFileSync(`${place}.dmn`, "utf8"), path.basename(place));
  if (engine === "@hbtgmbh/dmn-eval-js") require("loglevel").getLogger("dmn-eval-js").setLevel("silent");
  const start = performance.now();
  const answers = situations.map((one) => decide(one).map((row) => [row.destination, row.as, row.rule]));
  const seconds = (performance.now() - start) / 1000;
  fs.writeFileSync(`${place}.answers.json`, JSON.stringify({ seconds, answers }));
}
