// The workbench in the browser: reads the form, decides by the graphs that the page brought, and fills the same parts as
// the server does (service/answers/workbench.py). Nothing is sent and nothing is kept.

import { CaseCode } from "./casecode.js";
import { inWords, wrongWith } from "./dates.js";
import { doorsOf, fillDoors, labelled, standing, told } from "./doors.js";
import { weigh } from "./explaining.js";
import { Graph } from "./graph.js";
import { beforeLeaving } from "./leave.js";
import { beside, careful, data, handOver, shut, words } from "./page.js";
import { all, byId, element, fill, fillIn, find, listItem, make, slot, unique } from "./parts.js";
import { settle } from "./settling.js";
import { Ways } from "./ways.js";

const STATES = ["first", "also", "later", "possible", "closed"];

const form = byId("bench");
const facts = byId("facts");
/** @type {Rulebase[]} */
const rulebases = data.rulebases;
const editions = new Map(rulebases.map((one) => [one.edition.id, { graph: new Graph(one), ways: new Ways(one) }]));
const { facts: known, concerns: subject, asked, ofOrganisation, unknown } = new Graph(rulebases[0]);
const codes = new CaseCode({ ...data.code, facts: known, organisations: Object.keys(data.days[0].named).sort() });
/** @type {Day[]} */
const days = data.days.reduce(newer, []);

// Each row holds only what is new since the row before.
function newer(/** @type {Day[]} */ rows, /** @type {Day} */ row) {
  const last = rows[rows.length - 1];
  return [...rows, { ...row, of: { ...last?.of, ...row.of }, named: { ...last?.named, ...row.named } }];
}

/** @type {(name: string) => Part} */
const field = (name) => /** @type {any} */ (form).elements[`a.${name}`];
const boxes = all(form, `[name="a.${subject.id}"]`);
const asks = asked.map(({ id }) => find(facts, `.ww-ask[data-fact="${id}"]`));

// ---- what is given

function read() {
  const day = field("on");
  const wrongDay = wrongWith(day, day.min, day.max) !== null;
  const organisation = field("organisation").value || undefined;
  const fields = [...asked, ...(organisation ? [] : ofOrganisation)].map(({ id }) => [id, field(id).value]);
  const side = {
    on: (!wrongDay && day.value) || data.today,
    organisation,
    concerns: boxes.flatMap((input) => (input.checked ? [input.value] : [])),
    told: Object.fromEntries(fields.filter(([, value]) => value)),
  };
  return { ...look(side), wrongDay };
}

// Everything about one situation.
/** @type {(side: Told) => Looked} */
function look({ on, organisation, concerns, told: answers }) {
  const row = /** @type {Day} */ (days.filter(({ from }) => from <= on).pop());
  const named = row.named[organisation ?? ""];
  const calling = named && { case: "without", body: named.name, ...named.calling };
  const body = named && { ...named, ...data.profiles[row.of[organisation ?? ""]], calling };
  const { graph, ways } = /** @type {{ graph: Graph, ways: Ways }} */ (editions.get(row.edition));
  const decision = graph.decide({ concerns, answers: { ...unknown, ...body?.facts, ...answers } });
  const still = concerns.length ? graph.open(graph.left(decision)) : [];
  const side = { on, organisation, concerns, told: answers, body, graph, ways, decision, codes };
  const counts = ({ id = "" }) =>
    still.some((one) => one.id === id) || (id in answers && !decision.ignored.includes(id));
  return { ...side, doors: doorsOf(side), counting: asked.filter(counts).map(({ id }) => id) };
}

const codeOf = (/** @type {Told} */ { concerns, told: answers, organisation, on }) =>
  codes.write({ concerns, answers }, organisation, on);

// ---- what is said

/** @type {(side: Told) => [string, string][]} */
const pairsOf = ({ concerns, told: answers }) => [
  ...concerns.map((one) => /** @type {[string, string]} */ ([subject.id, one])),
  ...Object.entries(answers),
];

function reveals(/** @type {Looked} */ side) {
  const lines = pairsOf(side).map(([fact, one]) => told(fact, data.asked[fact].answers[one]));
  const organisation = side.body ? [`${words.organisation_label}: ${side.body.name}`] : [];
  return [...lines, ...organisation, `${words.receipt_day}: ${side.on}`];
}

function receipt(/** @type {Looked} */ { on, graph: { edition }, organisation, concerns, told: answers, decision }) {
  const given = Object.entries({ ...(concerns.length && { [subject.id]: concerns.join(",") }), ...answers });
  const command = given.map((one) => one.join("=")).join(" ");
  return [
    `${words.receipt_day}: ${on}`,
    `${words.receipt_edition}: ${edition.id}`,
    edition.digest,
    ...decision.referrals.map((one) => `${one.as} ${one.destination}: ${one.rules.join(", ")}`),
    `wegwijzer decide --on ${on}${organisation ? ` --organisation ${organisation}` : ""} ${command}`.trimEnd(),
  ].join("\n");
}

// What decided, as it was given: an organisation by its name is one thing, what nobody told is nothing.
function decidedBy(/** @type {Looked} */ { organisation, told: answers }, /** @type {string[]} */ decided) {
  const given = (/** @type {string} */ id) => (id in answers || id === subject.id ? data.asked[id].ask : "");
  const said = decided.map((id) => (organisation && id in unknown ? words.organisation_label : given(id)));
  return unique(said.filter(Boolean));
}

// Each thing that was told otherwise: as it is here, and as it is there.
function differing(/** @type {Looked} */ here, /** @type {Looked} */ other) {
  const [one, two] = [here, other].map((side) => {
    /** @type {Record<string, string>} */
    const found = {};
    for (const [fact, each] of pairsOf(side)) {
      const { ask, answers } = data.asked[fact];
      found[ask] = ask in found ? `${found[ask]}; ${answers[each]}` : answers[each];
    }
    const edition = { [words.receipt_edition]: side.graph.edition.id };
    return { ...found, [words.organisation_label]: side.body?.name ?? "", [words.receipt_day]: side.on, ...edition };
  });
  return Object.keys({ ...one, ...two })
    .filter((ask) => one[ask] !== two[ask])
    .map((ask) => `${labelled(ask)} ${one[ask] || words.advisor_open} → ${two[ask] || words.advisor_open}`);
}

// ---- the page

/** @type {Looked} */
let shown;

function show() {
  const side = read();
  shown = side;
  fillSide(side);
  fillAsks(side);
  fillDoors(side);
  fillChanges(side);
  fillNow(side);
}

function fillSide(/** @type {Looked & { wrongDay: boolean }} */ side) {
  const { decided, settles } = weigh(side.graph, side.decision);
  const next = side.concerns.length ? settles : subject.id;
  fillIn(form, {
    decided: decidedBy(side, decided).join(" – ") || words.advisor_nothing,
    settles: next ? data.asked[next].ask : words.advisor_no_question,
    receipt: receipt(side),
    reveals: reveals(side).map(listItem),
    day: inWords(side.on, words.months),
    of: `${words.receipt_edition}: ${side.graph.edition.id}. ${side.graph.edition.digest}`,
    code: codeOf(side),
  });
  const few = pairsOf(side).some(([fact, one]) => data.few[fact].includes(one));
  slot(form, "few").hidden = !few && side.organisation === undefined;
  for (const [id, holds] of Object.entries({ "day-wrong": side.wrongDay, "day-ahead": side.on > data.today })) {
    const line = byId(`a.${id}`);
    line.textContent = (holds && line.dataset.text) || "";
  }
  field("on").setAttribute("aria-invalid", `${side.wrongDay}`);
  field("on").setAttribute("aria-describedby", "a.day-wrong a.day-ahead");
}

function fillNow(/** @type {Looked} */ { doors, counting, told: answers }) {
  const first = doors.filter(({ state }) => state === "first");
  byId("no-first").hidden = first.length > 0;
  const open = counting.filter((id) => !(id in answers)).length;
  const said = first.flatMap(({ name }) => [`${words.state_first}: `, element("strong", name), ". "]);
  const more = fill(words[open === 1 ? "advisor_open_one" : "advisor_open_count"], { count: open });
  byId("now").replaceChildren(...(said.length ? said : [`${words.advisor_no_first} `]), open ? more : "");
  byId("now").normalize();
}

// ---- the questions: those that count or were answered; an answered one folds to a line when somebody is elsewhere

function fillAsks(/** @type {Looked} */ { counting, told: answers }) {
  for (const ask of asks) {
    const fact = ask.dataset.fact ?? "";
    const given = fact in answers;
    ask.hidden = !given && !counting.includes(fact);
    const none = find(ask, 'input[value=""]');
    if (!given && none.checked) {
      none.checked = false;
      none.matches(":focus") && find(ask, "input").focus(); // it goes out of sight
    }
    find(ask, '[data-part="none"]').hidden = !given;
    slot(ask, "uncounted").hidden = !given || counting.includes(fact);
    slot(ask, "given").textContent = given ? data.asked[fact].answers[answers[fact]] : "";
  }
  foldAsks();
}

function foldAsks() {
  for (const ask of asks) {
    fold(ask, slot(ask, "given").textContent !== "" && !ask.contains(document.activeElement));
  }
}

/** @type {(ask: Part, folded: boolean) => void} */
function fold(ask, folded) {
  find(ask, ".ww-known").hidden = !folded;
  find(ask, "fieldset").hidden = folded;
}

function unfold(/** @type {Part} */ ask) {
  fold(ask, false);
  find(ask, "input:checked").focus();
}

// To the next question that is open, the organisation among them; without one, to the answer.
function goOn(/** @type {Part | null} */ from) {
  const open = asks.filter((one) => !one.hidden && slot(one, "given").textContent === "");
  const organisation = field("organisation");
  const after = (/** @type {Part} */ one) => from && from.compareDocumentPosition(one) & 4;
  const next = (organisation.value ? open : [organisation, ...open]).find(after) ?? open[0];
  (next?.querySelector("input") ?? next ?? byId("answer")).focus();
  foldAsks();
}

const PRESSED = "[type=radio], [type=checkbox], .ww-known";

const modified = (/** @type {KeyboardEvent} */ { ctrlKey, altKey, metaKey }) => ctrlKey || altKey || metaKey;

// In a question a digit chooses and goes on, and Enter goes on.
function keyed(/** @type {KeyboardEvent} */ event) {
  const target = /** @type {Part} */ (event.target);
  const ask = target === field("organisation") ? target : target.closest(".ww-ask");
  const input = ask && pressed(ask, target, event.key);
  const enter = event.key === "Enter" && !target.matches("button");
  if (ask && (input || enter) && !modified(event)) {
    event.preventDefault();
    choose(ask, input);
  }
}

/** @type {(ask: Part, input?: Part | null) => void} */
function choose(ask, input) {
  input?.click();
  if (input?.type !== "checkbox") {
    goOn(ask);
  }
}

/** @type {(ask: Part, target: Part, key: string) => Part | undefined} */
const pressed = (ask, target, key) =>
  target.matches(PRESSED) ? all(ask, 'input:not([value=""])')[Number(key) - 1] : undefined;

// ---- another situation, or another day

// The case code of what lies beside, and the place whose way was pressed to see it.
const besides = () => byId("beside").value.split("/");

/** @type {(on: string) => Looked | null} */
function lookBeside(on) {
  const [code] = besides();
  const found = code ? codes.read(code) : null;
  return found && found !== "other" ? look({ ...found, on: found.on ?? on, told: found.answers }) : null;
}

function fillChanges(/** @type {Looked} */ here) {
  const there = lookBeside(here.on);
  byId("beside-this").replaceChildren(...(there ? [changesOf(here, there)] : []));
  find(form, 'button[value="compare"]').hidden = there !== null;
}

/** @type {(here: Looked, there: Looked) => Part} */
function changesOf(here, there) {
  const strongest = (/** @type {Door[]} */ two) => Math.min(...two.map(({ state }) => STATES.indexOf(state)));
  const stands = (/** @type {Door} */ { state, subjects, by, anyhow }) => JSON.stringify([state, subjects, by, anyhow]);
  const both = here.doors.map((one, place) => [one, there.doors[place]]);
  const moved = both.filter(([one, other]) => stands(one) !== stands(other));
  const [, tried] = besides();
  const rest = (/** @type {Door[]} */ [one]) => Number(one.id !== tried);
  moved.sort((one, other) => rest(one) - rest(other) || strongest(one) - strongest(other));
  /** @type {(one: Looked, other: Looked) => string} */
  const only = ({ counting }, other) =>
    counting
      .filter((id) => !other.counting.includes(id))
      .map((id) => data.asked[id].ask)
      .join("; ");
  const slots = {
    told: differing(here, there).map(listItem),
    moves: moved.map(([one, other]) => make("move", { name: one.name, from: standing(one), into: standing(other) })),
    here: only(here, there),
    there: only(there, here),
    same: fill(words.advisor_same, { count: both.length - moved.length }),
  };
  return make("changing", slots, { here: slots.here, there: slots.there });
}

function setBeside(/** @type {string} */ code) {
  byId("beside").value = code;
  show();
  settle();
  (document.getElementById("changed") ?? byId("answer")).focus();
}

function swap() {
  const [, ...place] = besides();
  const code = [codeOf(shown), ...place].join("/");
  const other = lookBeside(shown.on);
  if (other) {
    fillForm({ ...other, answers: other.told }, other.on);
    setBeside(code);
  }
}

// ---- what an advisor does

/** @type {(given: Given, on?: string) => void} */
function fillForm({ concerns, answers, organisation = "" }, on = field("on").value) {
  for (const input of boxes) {
    input.checked = concerns.includes(input.value);
  }
  for (const ask of asks) {
    const given = answers[ask.dataset.fact ?? ""] ?? null;
    all(ask, "input").forEach((input) => (input.checked = input.value === given));
  }
  for (const { id } of ofOrganisation) {
    field(id).value = answers[id] ?? "";
  }
  field("organisation").value = organisation;
  field("on").value = on;
}

function readCode() {
  const input = byId("code");
  const wrong = byId("code-wrong");
  if (!input.value.trim()) {
    show();
    return;
  }
  const found = codes.read(input.value);
  const fine = found && found !== "other";
  wrong.textContent = (fine ? "" : wrong.dataset[found ? "other" : "text"]) || "";
  input.setAttribute("aria-invalid", `${!fine}`);
  if (fine) {
    input.value = "";
    fillForm(found, found.on);
    show();
    byId("answer").focus();
    settle();
  } else {
    input.focus();
  }
}

// As service/answers/case_file.py writes it.
function makeCase() {
  const { decision, organisation, on } = shown;
  const answers = Object.entries(decision.answers).filter(([fact]) => !(organisation && fact in unknown));
  const pairs = [[subject.id, decision.concerns], ...answers];
  const written = pairs.map(([fact, one]) => `${fact} = ${JSON.stringify(one).replaceAll(",", ", ")}`).join(", ");
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
  fillForm({ concerns: [], answers: {} }, data.today);
  byId("beside").value = "";
  show();
  boxes[0].focus();
  settle();
}

// ---- starting

/** @type {(act: () => void) => (event: Event) => void} */
const apart = (act) => (event) => beside(/** @type {Element} */ (event.target).closest(".ww-bar, .ww-case"), act);

/** @type {Record<string, (event: Event) => void>} */
const ACTS = {
  show,
  compare: () => setBeside(codeOf(shown)),
  single: () => setBeside(""),
  swap,
  read: apart(readCode),
  case: apart(makeCase),
};
/** @type {Record<string, () => void>} */
const KEYS = { KeyV: () => goOn(null), KeyP: () => byId("answer").focus(), KeyW: clear };

shut(() => {}, "font-src 'self'"); // a letter that was not shown before
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("click", (event) => {
  const button = /** @type {Part} */ (event.target).closest("button");
  const folded = button?.closest(".ww-ask");
  const act = button?.name === "way" ? () => setBeside(button.value) : ACTS[button?.value ?? ""];
  if (folded) {
    unfold(folded);
  } else if (act) {
    event.preventDefault();
    careful(act)(event);
  }
});
form.addEventListener(
  "change",
  careful(({ target }) => target !== byId("code") && show()),
);
facts.addEventListener("keydown", keyed);
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
all(form, "[data-server]").forEach((one) => (one.hidden = true));
byId("mode").textContent = byId("mode").dataset.device ?? "";
show();
