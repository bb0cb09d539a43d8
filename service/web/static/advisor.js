// The workbench in the browser: reads the form, decides by the graphs that the page brought, and fills the same cells as
// the server does (service/answers/workbench.py). Nothing is sent and nothing is kept.

import { CaseCode } from "./casecode.js";
import { wrongWith } from "./dates.js";
import { explain, required, weigh } from "./explaining.js";
import { Graph } from "./graph.js";
import { beforeLeaving } from "./leave.js";
import { beside, careful, cited, data, handOver, shut, words } from "./page.js";
import { all, byId, fill, fillIn, find, listItem, make, slot, unique } from "./parts.js";
import { settle } from "./settling.js";
import { Ways, asks, doubtsOf, elsewhereOf, fit, waysOf } from "./ways.js";

const NEAREST = 3;
const STATES = ["first", "also", "later", "possible", "closed"];

const form = byId("bench");
const sides = byId("sides");
const doors = byId("doors");
/** @type {Rulebase[]} */
const rulebases = data.rulebases;
const editions = new Map(rulebases.map((one) => [one.edition.id, { graph: new Graph(one), ways: new Ways(one) }]));
const { facts, destinations, concerns: concernsFact, asked, ofOrganisation, unknown } = new Graph(rulebases[0]);
const codes = new CaseCode({ ...data.code, facts, organisations: Object.keys(data.days[0].named).sort() });
/** @type {Day[]} */
const days = data.days.reduce(newer, []);

// Each row holds only what is new since the row before.
function newer(/** @type {Day[]} */ rows, /** @type {Day} */ row) {
  const last = rows[rows.length - 1];
  return [...rows, { ...row, of: { ...last?.of, ...row.of }, named: { ...last?.named, ...row.named } }];
}

/** @type {(row: Day, organisation: string) => Organisation} */
const knownOn = (row, organisation) => ({ ...row.named[organisation], ...data.profiles[row.of[organisation]] });

const sideNames = () => all(sides, "[data-side]").map((one) => one.dataset.side ?? "");
/** @type {(side: string, name: string) => Part} */
const field = (side, name) => /** @type {any} */ (form).elements[`${side}.${name}`];
const boxes = (/** @type {string} */ side) => all(form, `[name="${side}.${concernsFact.id}"]`);

// ---- what is given

function read(/** @type {string} */ name) {
  const day = field(name, "on");
  const wrongDay = wrongWith(day, day.min, day.max) !== null;
  const on = (!wrongDay && day.value) || data.today;
  const organisation = field(name, "organisation").value || undefined;
  const concerns = boxes(name).flatMap((input) => (input.checked ? [input.value] : []));
  const fields = [...asked, ...(organisation ? [] : ofOrganisation)].map(({ id }) => [id, field(name, id).value]);
  const told = Object.fromEntries(fields.filter(([, value]) => value));
  const row = /** @type {Day} */ (days.filter(({ from }) => from <= on).pop());
  const known = organisation ? knownOn(row, organisation) : { facts: {}, notes: {}, name: "" };
  const { graph, ways } = /** @type {{ graph: Graph, ways: Ways }} */ (editions.get(row.edition));
  const decision = graph.decide({ concerns, answers: { ...unknown, ...known.facts, ...told } });
  return { name, on, wrongDay, organisation, concerns, told, known, graph, ways, decision };
}

// ---- what is said

// All that two situations are compared on; how rules stand that do not refer is worked out when somebody looks.
function doorOf(/** @type {Side} */ { ways, decision, known, on }, /** @type {string} */ destination) {
  const mine = decision.referrals.filter((one) => one.destination === destination);
  const by = unique(mine.flatMap((one) => one.rules));
  /** @type {RuleTexts[]} */
  const said = by.map((rule) => data.rules[rule]);
  const open = decision.possible.includes(destination) ? "possible" : "closed";
  const opening = mine.length ? [] : openings(ways.to(decision, destination), open);
  const anyhow = opening.some(({ conditions }) => !conditions.length);
  const leads = ways.leading(destination).length > 0;
  const notes = ways.tested(by).map((fact) => known.notes[fact]);
  const terms = mine.flatMap(({ concern, rules }) => {
    const person = { ...decision.answers, [concernsFact.id]: concern, organisation: known.heldBy, kind: known.kind };
    return rules.flatMap((rule) => data.rules[rule].terms).filter((id) => concerns(data.terms[id], on, person));
  });
  return {
    state: STATES.find((state) => mine.some(({ as }) => as === state)) ?? open,
    by,
    opens: open === "closed" ? "ways_only" : "ways_enough",
    ways: anyhow ? [] : waysOf(opening, data),
    elsewhere: open === "closed" || !decision.concerns.length ? elsewhereOf(opening, data) : "",
    reasons: unique(said.map((rule) => rule.why)),
    doubts: unique([...doubtsOf(said, decision.answers), ...notes]).filter(Boolean),
    never: !leads,
    barred: leads && !mine.length && !opening.length,
    anyhow,
    terms: unique(terms),
  };
}

// What is still possible needs no other answer than those that were not given.
const openings = (/** @type {Way[]} */ every, /** @type {string} */ state) =>
  state === "closed" ? every : every.filter((one) => one.elsewhere || !one.changes);

// Whether a deadline concerns, or may concern, a person on a day.
/** @type {(term: Deadline, on: string, person: Record<string, string | undefined>) => boolean} */
const concerns = (term, on, person) =>
  (!term.from || term.from <= on) && (!term.until || on < term.until) && fit(term, person) !== "not";

function receipt(/** @type {Side} */ { on, graph: { edition }, organisation, concerns: named, told, decision }) {
  const given = Object.entries({ ...(named.length && { [concernsFact.id]: named.join(",") }), ...told });
  const answers = given.map(([fact, answer]) => `${fact}=${answer}`).join(" ");
  return [
    `${words.receipt_day}: ${on}`,
    `${words.receipt_edition}: ${edition.id}`,
    edition.digest,
    ...decision.referrals.map((one) => `${one.as} ${one.destination}: ${one.rules.join(", ")}`),
    `wegwijzer decide --on ${on}${organisation ? ` --organisation ${organisation}` : ""} ${answers}`.trimEnd(),
  ].join("\n");
}

function reveals(/** @type {Side} */ { concerns: named, told, known, organisation }) {
  const pairs = [...named.map((one) => [concernsFact.id, one]), ...Object.entries(told)];
  const lines = pairs.map(([fact, answer]) => `${data.questions[fact].text} ${data.questions[fact].labels[answer]}`);
  return organisation ? [...lines, `${words.organisation_label}: ${known.name}`] : lines;
}

// What decided, as it was given: an organisation by its name is one thing, what nobody told is nothing.
function decidedBy(/** @type {Side} */ { organisation, told }, /** @type {string[]} */ decided) {
  const given = (/** @type {string} */ id) => (id in told || id === concernsFact.id ? data.questions[id].text : "");
  const said = decided.map((id) => (organisation && id in unknown ? words.organisation_label : given(id)));
  return unique(said.filter(Boolean));
}

// ---- the page

function show() {
  const given = sideNames().map(read);
  given.forEach(fillSide);
  for (const row of rows) {
    fillRow(row, given);
    fillWho(row, given[0].ways);
  }
  arrange();
}

function fillSide(/** @type {Side} */ side, /** @type {number} */ _, /** @type {Side[]} */ { length }) {
  const box = find(sides, `[data-side="${side.name}"]`);
  const { decided, settles } = weigh(side.graph, side.decision);
  const revealed = reveals(side);
  fillIn(box, {
    decided: decidedBy(side, decided).join(" – ") || words.advisor_nothing,
    settles: settles ? data.questions[settles].text : words.advisor_no_question,
    receipt: receipt(side),
    reveals: revealed.map(listItem),
    told: `${length > 1 ? `${side.name.toUpperCase()}. ` : ""}${side.on}. ${revealed.join("; ")}`,
    of: `${words.receipt_edition}: ${side.graph.edition.id}. ${side.graph.edition.digest}`,
    code: codes.write({ concerns: side.concerns, answers: side.told }, side.organisation, side.on),
  });
  const few = Object.entries(side.told).some(([fact, answer]) => data.few[fact].includes(answer));
  slot(box, "few").hidden = !few && side.organisation === undefined;
  for (const [id, holds] of Object.entries({ "day-wrong": side.wrongDay, "day-ahead": side.on > data.today })) {
    const line = byId(`${side.name}.${id}`);
    line.textContent = (holds && line.dataset.text) || "";
  }
  const day = field(side.name, "on");
  day.setAttribute("aria-invalid", `${side.wrongDay}`);
  day.setAttribute("aria-describedby", `${side.name}.day-wrong ${side.name}.day-ahead`);
}

function fillRow(/** @type {Part} */ row, /** @type {Side[]} */ given) {
  const door = row.dataset.door ?? "";
  const views = given.map((side) => doorOf(side, door));
  const differs = views.some((view) => JSON.stringify(view) !== JSON.stringify(views[0]));
  views.forEach(({ state }, number) => {
    const label = slot(find(row, `[data-state-of="${given[number].name}"]`), "state");
    Object.assign(label, { className: `ww-state ww-state--${state}`, textContent: words[`state_${state}`] });
  });
  row.dataset.state = `${Math.min(...views.map((view) => STATES.indexOf(view.state)))}`;
  const cell = find(row, ".ww-why-cell");
  const open = all(cell, "details[open]").map((one) => one.parentElement?.dataset.why);
  const shown = views.slice(0, differs ? 2 : 1).map((view, number) => whyOf(view, given[number], door, differs));
  cell.replaceChildren(...shown);
  for (const box of shown.filter((one) => open.includes(one.dataset.why) && find(one, "details"))) {
    find(box, "details").open = true;
  }
}

/** @type {(view: View, side: Side, door: string, differs: boolean) => Part} */
function whyOf({ reasons, doubts, ways, elsewhere, terms, never, barred, anyhow, ...view }, side, door, differs) {
  const box = make("why");
  box.dataset.why = side.name;
  find(box, "strong").textContent = side.name.toUpperCase();
  const details = find(box, "details");
  const slots = {
    reasons: reasons.map((textContent) => Object.assign(make("reason"), { textContent })),
    doubts: doubts.map((said) => make("doubt", { said })),
    waystitle: `${words[view.opens]}:`,
    ways: ways.map(listItem),
    elsewhere,
    terms: terms.map((term) => make(`term-${term}`)),
  };
  // Only what is looked at is made.
  details.addEventListener("toggle", () => fillIn(details, { rules: details.open ? rulesOf(side, door) : [] }));
  const holds = { differs, ways: ways.length, elsewhere, never, barred, anyhow, terms: terms.length, rules: !never };
  return fillIn(box, slots, holds);
}

function rulesOf(/** @type {Side} */ { ways, decision }, /** @type {string} */ destination) {
  const explained = explain(ways, decision, destination);
  const shown = explained.filter(({ kind }, number) => kind === "fires" || number < NEAREST);
  return shown.map(({ rule, kind, needed }) => {
    /** @type {RuleTexts} */
    const { doubt, sources } = data.rules[rule];
    const slots = {
      id: rule,
      kind: words[`rule_${kind}`],
      needed: asks(needed, data).map(listItem),
      doubt: doubt ?? "",
      sources: sources.map(cited),
    };
    return make("rule", slots, { needed: needed.length, doubt });
  });
}

function fillWho(/** @type {Part} */ row, /** @type {Ways} */ ways) {
  const door = row.dataset.door ?? "";
  const { needed, unless } = required(ways, door, data);
  const everybody = ways.leading(door).length && !needed.length && !unless.length;
  const holds = { needed: needed.length, unless: unless.length, all: everybody };
  const who = make("who", { needed: needed.map(listItem), unless: unless.map(listItem) }, holds);
  fillIn(row, { who: [...who.childNodes] });
}

// ---- order and selection of the rows

const rows = destinations.map((one) => find(doors, `[data-door="${one}"]`));
const titleOf = (/** @type {Part} */ row) => find(row, ".ww-door-name").textContent?.toLowerCase() ?? "";
const byName = [...rows].sort((one, other) => (titleOf(one) < titleOf(other) ? -1 : 1));
const state = (/** @type {Part} */ row) => Number(row.dataset.state);
/** @type {Record<string, (row: Part) => number>} */
const ORDERS = { order: (row) => rows.indexOf(row), name: (row) => byName.indexOf(row), state };

function arrange() {
  const wanted = all(document, '[name="only"]:checked').map(({ value }) => STATES.indexOf(value));
  const order = ORDERS[byId("sort").value];
  const sorted = [...rows].sort((one, other) => order(one) - order(other));
  if (sorted.some((row, number) => doors.children[number] !== row)) {
    doors.append(...sorted);
  }
  rows.forEach((row) => (row.hidden = wanted.length > 0 && !wanted.includes(state(row))));
  const count = rows.filter((row) => !row.hidden).length;
  byId("count").textContent = fill(byId("count").dataset.text ?? "", { count, most: rows.length });
}

// ---- what an advisor does

/** @type {(side: string, given: Given, on?: string) => void} */
function fillForm(side, { concerns: named, answers, organisation = "" }, on = field(side, "on").value) {
  for (const input of boxes(side)) {
    input.checked = named.includes(input.value);
  }
  for (const { id } of [...asked, ...ofOrganisation]) {
    field(side, id).value = answers[id] ?? "";
  }
  field(side, "organisation").value = organisation;
  field(side, "on").value = on;
}

function readCode() {
  const input = byId("code");
  const wrong = byId("code-wrong");
  const found = codes.read(input.value);
  const fine = found && found !== "other";
  wrong.textContent = (fine ? "" : wrong.dataset[found ? "other" : "text"]) || "";
  input.setAttribute("aria-invalid", `${!fine}`);
  if (fine) {
    input.value = "";
    fillForm("a", found, found.on);
    show();
    byId("matrix").focus();
    settle();
  } else {
    input.focus();
  }
}

// As service/answers/case_file.py writes it.
function makeCase() {
  const { decision, organisation, on } = read("a");
  const answers = Object.entries(decision.answers).filter(([fact]) => !(organisation && fact in unknown));
  const pairs = [[concernsFact.id, decision.concerns], ...answers];
  const written = pairs.map(([fact, answer]) => `${fact} = ${JSON.stringify(answer).replaceAll(",", ", ")}`).join(", ");
  const text = [
    "[[case]]",
    `name = ${JSON.stringify(words.case_name)}`,
    `tells = ${JSON.stringify(words.case_tells)}`,
    `on = ${on}`,
    ...(organisation ? [`organisation = ${JSON.stringify(organisation)}`] : []),
    `situation = { ${written} }`,
    `expect.first = [${JSON.stringify(byId("should").value)}]`,
    "",
  ].join("\n");
  handOver(text, "application/toml", `${words.case_file}.toml`);
}

function clear() {
  for (const name of sideNames()) {
    fillForm(name, { concerns: [], answers: {} }, data.today);
  }
  show();
  find(sides, "h2").focus();
  settle();
}

// ---- two situations

function compare(/** @type {boolean} */ two) {
  const table = /** @type {HTMLTableElement} */ (document.querySelector(".ww-table"));
  if (two) {
    const { told, on, ...side } = read("a");
    sides.append(otherSide(find(sides, '[data-side="a"]')));
    fillForm("b", { ...side, answers: told }, on);
  } else {
    find(sides, '[data-side="b"]').remove();
  }
  for (const row of table.rows) {
    const [, cell, other] = row.cells;
    if (two) {
      cell.after(cell.cloneNode(true));
      row.cells[2].dataset.stateOf = "b";
    } else {
      other.remove();
    }
  }
  const [, a, b] = table.rows[0].cells;
  const title = a.textContent?.replace(/ A$/, "");
  a.textContent = two ? `${title} A` : `${title}`;
  if (two) {
    b.textContent = `${title} B`;
    delete b.dataset.stateOf;
    byId("side-b").textContent = words.advisor_b;
  }
  byId("side-a").textContent = two ? words.advisor_a : words.advisor_facts;
  sides.classList.toggle("ww-sides--two", two);
  find(form, 'button[value="compare"]').hidden = two;
  find(form, 'button[value="single"]').hidden = !two;
  show();
  settle();
  byId(two ? "side-b" : "side-a").focus();
}

// A copy of a side, with names of its own.
function otherSide(/** @type {Part} */ side) {
  const copy = /** @type {Part} */ (side.cloneNode(true));
  copy.dataset.side = "b";
  for (const node of [copy, ...all(copy, "[id], [for], [name], [aria-describedby]")]) {
    for (const { name, value } of [...node.attributes]) {
      if (["id", "for", "name", "aria-labelledby", "aria-describedby"].includes(name)) {
        node.setAttribute(name, value.replace(/(^| )a\./g, "$1b.").replace(/^side-a$/, "side-b"));
      }
    }
  }
  return copy;
}

// ---- starting

/** @type {(act: () => void) => (event: Event) => void} */
const apart = (act) => (event) => beside(/** @type {Element} */ (event.target).closest("section, .ww-tools"), act);

/** @type {Record<string, (event: Event) => void>} */
const ACTS = {
  show,
  compare: () => compare(true),
  single: () => compare(false),
  read: apart(readCode),
  case: apart(makeCase),
};
/** @type {Record<string, () => void>} */
const KEYS = { KeyV: () => find(sides, "h2").focus(), KeyP: () => byId("matrix").focus(), KeyW: clear };

shut(() => {}, "font-src 'self'"); // a letter that was not shown before
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("click", (event) => {
  const act = ACTS[/** @type {Part} */ (event.target).closest("button")?.value ?? ""];
  if (act) {
    event.preventDefault();
    careful(act)(event);
  }
});
/** @type {(event: Event) => void} */
const changed = ({ target }) => (/** @type {Part} */ (target).closest("[data-side]") ? show() : arrange());
form.addEventListener("change", careful(changed));
byId("clear").addEventListener("click", (event) => {
  event.preventDefault();
  event.stopPropagation();
  careful(clear)(event);
});
byId("print").onclick = apart(() => print());
document.addEventListener("keydown", (event) => {
  if (event.altKey && event.shiftKey && KEYS[event.code]) {
    event.preventDefault();
    careful(KEYS[event.code])(event);
  }
});
beforeLeaving({ place: () => ({ here: 0, furthest: 0 }), forget: () => /** @type {any} */ (form).reset() });
all(document, "[data-device-only]").forEach((one) => (one.hidden = false));
all(form, 'button[value="show"]').forEach((one) => (one.hidden = true));
byId("mode").textContent = byId("mode").dataset.device ?? "";
if (sides.children.length < 2) {
  show(); // of two, the server filled the page
}
