// The workbench in the browser: reads the form, decides from the tables that the page brought, and fills the same
// cells as the server does (service/answers/workbench.py). Nothing is sent and nothing is kept.

import { fit } from "./audience.js";
import { CaseCode } from "./casecode.js";
import { wrongWith } from "./days.js";
import { handOver, shut } from "./device.js";
import { explain, looked, opening, required, weigh } from "./explaining.js";
import { beforeLeaving } from "./leave.js";
import { asks, opens } from "./opening.js";
import { Reading } from "./reading.js";
import { settle } from "./settling.js";

const NEAREST = 3;
const STATES = ["first", "also", "later", "possible", "closed"];

const data = JSON.parse(document.getElementById("data").textContent);
const words = data.words;
const form = document.getElementById("bench");
const sides = document.getElementById("sides");
const doors = document.getElementById("doors");
const readings = new Map(data.tables.map((table) => [table.edition.id, { reading: new Reading(table), table }]));
const facts = data.tables[0].facts;
const concernsFact = facts.find((fact) => fact.several);
const ofOrganisation = new Set(facts.filter((fact) => fact.ofOrganisation).map((fact) => fact.id));
const codes = new CaseCode({ ...data.code, facts });
const days = knownDays();

const part = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
const slot = (node, name) => node.querySelector(`[data-slot="${name}"]`);
const unique = (items) => [...new Set(items)];
const field = (side, name) => form.elements[`${side}.${name}`];

// ---- what is given

// Each row holds only what is new since the row before.
function knownDays() {
  let organisations = {};
  return data.days.map((row) => {
    organisations = { ...organisations, ...row.organisations };
    return { ...row, organisations };
  });
}

const dayOf = (on) => days.filter((row) => row.from <= on).pop();

function given(side) {
  const day = field(side, "on");
  const wrongDay = wrongWith(day, day.min, day.max) !== null;
  const on = (!wrongDay && day.value) || data.today;
  const organisation = field(side, "organisation").value || undefined;
  const concerns = [...form.querySelectorAll(`[name="${side}.${concernsFact.id}"]:checked`)].map((input) => input.value);
  const told = {};
  for (const fact of facts.filter((one) => !one.several && !(organisation && one.ofOrganisation))) {
    const { value } = field(side, fact.id);
    if (value) {
      told[fact.id] = value;
    }
  }
  const row = dayOf(on);
  const unknown = Object.fromEntries(facts.filter((one) => one.ofOrganisation).map((one) => [one.id, "unknown"]));
  const known = organisation ? row.organisations[organisation] : { facts: {}, notes: {}, name: null };
  const situation = { concerns, answers: { ...unknown, ...known.facts, ...told } };
  return { on, wrongDay, organisation, concerns, told, situation, known, called: known.name, ...readings.get(row.edition) };
}

// ---- what is said

const asked = (conditions) => asks(conditions, data, concernsFact.id);

// All that two situations are compared on; how rules stand that do not refer is worked out when somebody looks.
function doorOf({ reading, decision, accepted, side }, destination) {
  const mine = decision.referrals.filter((one) => one.destination === destination);
  const by = unique(mine.flatMap((one) => one.rules));
  const rules = by.map((rule) => data.rules[rule]);
  const state = mine.length
    ? mine.map((one) => one.as).sort((one, other) => STATES.indexOf(one) - STATES.indexOf(other))[0]
    : decision.possible.includes(destination) ? "possible" : "closed";
  const way = mine.length ? null : reading.way(accepted, destination);
  const leads = reading.leads(destination);
  return {
    state,
    by,
    opens: way?.conditions.length ? opens(way) : null,
    needed: way ? asked(way.conditions) : [],
    reasons: unique(rules.map((rule) => rule.why)),
    doubts: unique([
      ...rules.map((rule) => rule.doubt),
      ...rules.flatMap((rule) => rule.ofOrganisation).map((fact) => side.known.notes[fact]),
    ]).filter(Boolean),
    never: !leads,
    barred: leads && !mine.length && !way,
    anyhow: way !== null && !way.conditions.length,
    terms: unique(mine.flatMap((one) => termsOf(one, side))),
  };
}

function termsOf({ concern, rules }, { on, situation, known: { heldBy, kind } }) {
  const known = { ...situation.answers, [concernsFact.id]: concern, organisation: heldBy, kind };
  return rules
    .flatMap((rule) => data.rules[rule].terms)
    .filter((id) => {
      const term = data.terms[id];
      return (!term.from || term.from <= on) && (!term.until || on < term.until) && fit(term, known) !== "not";
    });
}

const rulesOf = (seen, destination) =>
  explain(seen, destination)
    .filter((one, number) => one.fires || number < NEAREST)
    .map((one) => ruleSaid(one, seen.reading));

function ruleSaid(one, reading) {
  const needed = [...one.unmet, ...one.unanswered];
  if (one.elsewhere) {
    needed.unshift({ fact: concernsFact.id, answers: [reading.rules.find((rule) => rule.id === one.rule).concern] });
  }
  const kind = one.fires ? "fires" : one.givesWay ? "gives_way" : one.unmet.length || one.elsewhere ? "fails" : "open";
  return { id: one.rule, kind, needed: asked(needed), ...data.rules[one.rule] };
}

const rulesLine = ({ table }) => `${words.receipt_edition}: ${table.edition.id}. ${table.edition.digest}`;

function receipt({ on, table, organisation, concerns, told }, decision) {
  const answers = [
    ...(concerns.length ? [`concerns=${concerns.join(",")}`] : []),
    ...Object.entries(told).map(([fact, answer]) => `${fact}=${answer}`),
  ].join(" ");
  return [
    `${words.receipt_day}: ${on}`,
    `${words.receipt_edition}: ${table.edition.id}`,
    table.edition.digest,
    ...decision.referrals.map((one) => `${one.as} ${one.destination}: ${one.rules.join(", ")}`),
    `wegwijzer decide --on ${on}${organisation ? ` --organisation ${organisation}` : ""} ${answers}`.trimEnd(),
  ].join("\n");
}

function reveals({ concerns, told, called }) {
  const pairs = [...concerns.map((one) => [concernsFact.id, one]), ...Object.entries(told)];
  const lines = pairs.map(([fact, answer]) => `${data.questions[fact].text} ${data.questions[fact].labels[answer]}`);
  return called ? [...lines, `${words.organisation_label}: ${called}`] : lines;
}

const few = ({ organisation, told }) =>
  organisation !== undefined || Object.entries(told).some(([fact, answer]) => data.few[fact].includes(answer));

// ---- the page

function show() {
  const names = [...sides.querySelectorAll("[data-side]")].map((one) => one.dataset.side);
  const all = names.map((name) => ({ name, ...given(name) }));
  const seen = all.map((side) => ({ ...looked(side.reading, side.situation), side }));
  all.forEach((side, number) => fillSide(side, seen[number]));
  for (const row of doors.rows) {
    fillRow(row, names, seen);
  }
  fillWho(all[0].reading);
  arrange();
}

function fillSide(side, seen) {
  const box = sides.querySelector(`[data-side="${side.name}"]`);
  const weight = weigh(seen);
  slot(box, "decided").textContent = decidedBy(side, weight).join(" – ") || words.advisor_nothing;
  slot(box, "settles").textContent =
    side.concerns.length && weight.settles ? data.questions[weight.settles].text : words.advisor_no_question;
  slot(box, "receipt").textContent = receipt(side, seen.decision);
  slot(box, "reveals").replaceChildren(...reveals(side).map(listItem));
  const two = sides.children.length > 1;
  slot(box, "told").textContent = `${two ? `${side.name.toUpperCase()}. ` : ""}${side.on}. ${reveals(side).join("; ")}`;
  slot(box, "of").textContent = rulesLine(side);
  slot(box, "few").hidden = !few(side);
  slot(box, "code").textContent = codes.write({ concerns: side.concerns, answers: side.told }, side.organisation);
  const says = { "day-wrong": side.wrongDay, "day-ahead": side.on > data.today };
  for (const [id, holds] of Object.entries(says)) {
    const line = document.getElementById(`${side.name}.${id}`);
    line.textContent = holds ? line.dataset.text : "";
  }
  const day = field(side.name, "on");
  day.setAttribute("aria-invalid", side.wrongDay);
  day.setAttribute("aria-describedby", `${side.name}.day-wrong ${side.name}.day-ahead`);
}

// What decided, as it was given: an organisation by its name is one thing, what nobody told is nothing.
function decidedBy({ organisation, concerns, told }, { decided }) {
  const given = (fact) => told[fact] !== undefined || (fact === concernsFact.id && concerns.length);
  const text = (fact) =>
    organisation && ofOrganisation.has(fact) ? words.organisation_label : given(fact) ? data.questions[fact].text : null;
  return unique(decided.map(text).filter(Boolean));
}

// Per row what it shows now, so that only what changes is made anew, and what its rules are to be made from.
const now = new Map();

function fillRow(row, names, seen) {
  const destination = row.dataset.door;
  const views = seen.map((one) => doorOf(one, destination));
  const differs = views.some((view) => JSON.stringify(view) !== JSON.stringify(views[0]));
  const said = JSON.stringify([names, differs ? views : views[0], views.map((view) => view.state)]);
  const before = now.get(row)?.said;
  now.set(row, { said, seen: Object.fromEntries(names.map((name, number) => [name, seen[number]])) });
  if (said === before) {
    row.querySelectorAll("[data-why]").forEach(fillRules);
    return;
  }
  names.forEach((name, number) => {
    const { state } = views[number];
    const label = slot(row.querySelector(`[data-state-of="${name}"]`), "state");
    label.className = `ww-state ww-state--${state}`;
    label.textContent = words[`state_${state}`];
  });
  row.dataset.state = Math.min(...views.map((view) => STATES.indexOf(view.state)));
  const cell = row.querySelector(".ww-why-cell");
  const open = [...cell.querySelectorAll("details[open]")].map((one) => one.parentElement.dataset.why);
  const shown = differs ? views : [views[0]];
  cell.replaceChildren(...shown.map((view, number) => whyOf(view, names[number], differs)));
  for (const box of cell.children) {
    if (open.includes(box.dataset.why)) {
      slot(box, "rules").parentElement.open = true;
    }
  }
}

function whyOf(view, name, differs) {
  const box = part("why");
  box.dataset.why = name;
  const mark = slot(box, "differs");
  mark.querySelector("strong").textContent = name.toUpperCase();
  if (!differs) {
    mark.remove();
  }
  slot(box, "reasons").append(...view.reasons.map((text) => filled("reason", text)));
  slot(box, "doubts").append(
    ...view.doubts.map((text) => {
      const line = part("doubt");
      slot(line, "said").textContent = text;
      return line;
    }),
  );
  slot(box, "neededtitle").textContent = view.opens ? `${words[view.opens]}:` : "";
  fillConditions(box, view);
  slot(box, "terms").append(...view.terms.map((term) => part(`term-${term}`)));
  const parts = { never: view.never, barred: view.barred, anyhow: view.anyhow, terms: view.terms.length, rules: !view.never };
  box.querySelector('[data-part="rules"]').addEventListener("toggle", () => fillRules(box));
  for (const name of Object.keys(parts).filter((one) => !parts[one])) {
    box.querySelector(`[data-part="${name}"]`).remove();
  }
  return box;
}

// Only what is looked at is made.
function fillRules(box) {
  const rules = slot(box, "rules");
  if (rules) {
    const row = box.closest("tr");
    const seen = now.get(row).seen[box.dataset.why];
    rules.replaceChildren(...(rules.parentElement.open ? rulesOf(seen, row.dataset.door).map(ruleOf) : []));
  }
}

function fillConditions(box, view) {
  for (const kind of ["needed", "unless"].filter((one) => view[one])) {
    slot(box, kind).append(...view[kind].map(listItem));
    if (!view[kind].length) {
      box.querySelector(`[data-part="${kind}"]`).remove();
    }
  }
}

function ruleOf(view) {
  const item = part("rule");
  slot(item, "id").textContent = view.id;
  slot(item, "kind").textContent = words[`rule_${view.kind}`];
  fillConditions(item, view);
  slot(item, "doubt").textContent = view.doubt;
  if (!view.doubt) {
    item.querySelector('[data-part="doubt"]').remove();
  }
  slot(item, "sources").append(...view.sources.map((number) => part(`source-${number}`)));
  return item;
}

// For whom a place is follows from the rules alone: another day may have others.
let whoOf = null;

function fillWho(reading) {
  if (reading === whoOf) {
    return;
  }
  whoOf = reading;
  for (const row of doors.rows) {
    const box = part("who");
    const conditions = opening(required(reading, row.dataset.door), data, concernsFact.id);
    fillConditions(box, conditions);
    if (!reading.leads(row.dataset.door) || conditions.needed.length || conditions.unless.length) {
      box.querySelector('[data-part="all"]').remove();
    }
    slot(row, "who").replaceChildren(...box.childNodes);
  }
}

function filled(name, text) {
  const node = part(name);
  node.textContent = text;
  return node;
}

function listItem(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}

// ---- order and selection of the rows

const place = ({ dataset }) => data.tables[0].destinations.indexOf(dataset.door);
const inOrder = [...doors.rows].sort((one, other) => place(one) - place(other));
const name = (row) => row.querySelector(".ww-door-name").textContent.toLowerCase();
const inAlphabet = [...inOrder].sort((one, other) => (name(one) < name(other) ? -1 : 1));

function arrange() {
  const wanted = [...document.querySelectorAll('[name="only"]:checked')].map((input) => STATES.indexOf(input.value));
  const by = document.getElementById("sort").value;
  const sorted = [...inOrder].sort(
    (one, other) =>
      (by === "state" && one.dataset.state - other.dataset.state) ||
      (by === "name" && (inAlphabet.indexOf(one) - inAlphabet.indexOf(other))) ||
      inOrder.indexOf(one) - inOrder.indexOf(other),
  );
  if (sorted.some((row, place) => doors.rows[place] !== row)) {
    doors.append(...sorted);
  }
  for (const row of inOrder) {
    row.hidden = wanted.length > 0 && !wanted.includes(Number(row.dataset.state));
  }
  const count = document.getElementById("count");
  const shown = inOrder.filter((row) => !row.hidden).length;
  count.textContent = count.dataset.text.replace("{count}", shown).replace("{most}", inOrder.length);
}

// ---- what an advisor does

function fillForm(side, { concerns, answers, organisation }) {
  for (const input of form.querySelectorAll(`[name="${side}.${concernsFact.id}"]`)) {
    input.checked = concerns.includes(input.value);
  }
  for (const fact of facts.filter((one) => !one.several)) {
    field(side, fact.id).value = answers[fact.id] ?? "";
  }
  field(side, "organisation").value = organisation ?? "";
}

function readCode() {
  const input = document.getElementById("code");
  const wrong = document.getElementById("code-wrong");
  const found = codes.read(input.value);
  wrong.textContent = found ? "" : wrong.dataset.text;
  input.setAttribute("aria-invalid", !found);
  if (found) {
    input.value = "";
    fillForm("a", found);
    show();
    document.getElementById("matrix").focus();
    settle();
  } else {
    input.focus();
  }
}

// As service/answers/case_file.py writes it.
function makeCase() {
  const side = given("a");
  const { answers } = side.reading.accept(side.situation);
  const left = facts.filter((one) => one.ofOrganisation && side.organisation).map((one) => one.id);
  const pairs = [
    [concernsFact.id, concernsFact.answers.filter((one) => side.concerns.includes(one))],
    ...Object.entries(answers).filter(([fact]) => !left.includes(fact)),
  ];
  const written = pairs.map(([fact, answer]) => `${fact} = ${JSON.stringify(answer).replaceAll(",", ", ")}`).join(", ");
  const text = [
    "[[case]]",
    `name = ${JSON.stringify(words.case_name)}`,
    `tells = ${JSON.stringify(words.case_tells)}`,
    `on = ${side.on}`,
    ...(side.organisation ? [`organisation = ${JSON.stringify(side.organisation)}`] : []),
    `situation = { ${written} }`,
    `expect.first = [${JSON.stringify(form.elements.should.value)}]`,
    "",
  ].join("\n");
  handOver(text, "application/toml", `${words.case_file}.toml`);
}

function clear() {
  for (const one of sides.querySelectorAll("[data-side]")) {
    fillForm(one.dataset.side, { concerns: [], answers: {} });
    field(one.dataset.side, "on").value = data.today;
  }
  show();
  document.querySelector("#sides h2").focus();
  settle();
}

const KEYS = {
  KeyV: () => document.querySelector("#sides h2").focus(),
  KeyP: () => document.getElementById("matrix").focus(),
  KeyW: clear,
};

// What was worked out for other answers may not stay on the screen: a fault in that takes the page away, and says so.
function careful(act) {
  return (event) => {
    try {
      act(event);
    } catch {
      const main = document.getElementById("main");
      main.replaceChildren(document.getElementById("wrong").content.cloneNode(true));
      main.querySelector("h1").focus();
      settle();
    }
  };
}

// What stands beside the table never takes it along when it fails: it says so at its own place.
function beside(act) {
  return ({ target }) => {
    try {
      act();
    } catch {
      const box = target.closest("section, .ww-tools");
      box.querySelector("[data-failed]")?.remove();
      box.append(part("failed"));
    }
  };
}

function begin() {
  shut("font-src 'self'"); // a letter that was not shown before
  const comparing = sides.querySelectorAll("[data-side]").length > 1;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("click", (event) => {
    const to = event.target.closest("button")?.value;
    const act = { show, compare, single, read: beside(readCode), case: beside(makeCase) }[to];
    if (act) {
      event.preventDefault();
      careful(act)(event);
    }
  });
  form.addEventListener("change", careful(({ target }) => (target.closest("[data-side]") ? show() : arrange())));
  document.getElementById("clear").addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation();
    careful(clear)(event);
  });
  document.getElementById("print").addEventListener("click", beside(() => print()));
  document.addEventListener("keydown", (event) => {
    if (event.altKey && event.shiftKey && KEYS[event.code]) {
      event.preventDefault();
      careful(KEYS[event.code])(event);
    }
  });
  addEventListener("pagehide", () => document.body.replaceChildren());
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  beforeLeaving({ place: () => ({ here: 0, furthest: 0 }), forget: () => form.reset() });
  document.querySelectorAll("[data-device-only]").forEach((one) => (one.hidden = false));
  form.querySelectorAll('button[value="show"]').forEach((one) => (one.hidden = true));
  const mode = document.getElementById("mode");
  mode.textContent = mode.dataset.device;
  if (!comparing) {
    show();
  }
}

// ---- two situations

function compare() {
  const one = sides.querySelector('[data-side="a"]');
  const other = one.cloneNode(true);
  other.dataset.side = "b";
  for (const node of [other, ...other.querySelectorAll("[id], [for], [name], [aria-labelledby], [aria-describedby]")]) {
    for (const name of ["id", "for", "name", "aria-labelledby", "aria-describedby"]) {
      const value = node.getAttribute(name);
      if (value) {
        node.setAttribute(name, value.replace(/(^| )a\./g, "$1b.").replace(/^side-a$/, "side-b"));
      }
    }
  }
  sides.append(other);
  const side = given("a");
  fillForm("b", { concerns: side.concerns, answers: side.told, organisation: side.organisation });
  field("b", "on").value = side.on;
  sides.classList.add("ww-sides--two");
  headings({ a: data.words.advisor_a, b: data.words.advisor_b });
  for (const row of document.querySelector(".ww-table").rows) {
    const cell = row.cells[1].cloneNode(true);
    cell.dataset.stateOf = "b";
    row.cells[1].after(cell);
  }
  const [, a, b] = document.querySelector(".ww-table").rows[0].cells;
  b.textContent = `${a.textContent} B`;
  a.textContent = `${a.textContent} A`;
  delete b.dataset.stateOf;
  twoSides(true);
  document.getElementById("side-b").focus();
}

function single() {
  sides.querySelector('[data-side="b"]').remove();
  sides.classList.remove("ww-sides--two");
  headings({ a: data.words.advisor_facts });
  for (const row of document.querySelector(".ww-table").rows) {
    row.cells[2].remove();
  }
  const head = document.querySelector(".ww-table").rows[0].cells[1];
  head.textContent = head.textContent.replace(/ A$/, "");
  twoSides(false);
  document.getElementById("side-a").focus();
}

function headings(texts) {
  for (const [name, text] of Object.entries(texts)) {
    document.getElementById(`side-${name}`).textContent = text;
  }
}

function twoSides(two) {
  form.querySelector('button[value="compare"]').hidden = two;
  form.querySelector('button[value="single"]').hidden = !two;
  show();
  settle();
}

begin();
