// The questionnaire in the browser: shows the parts that the page brought along, and decides from the table of rules.
// Answers live in `given` and nowhere else; history holds the number of a page, never an answer.

import { fit } from "./audience.js";
import { calendar, due } from "./calendar.js";
import { CaseCode } from "./casecode.js";
import { inYears, said as inWords, today, wrongWith } from "./days.js";
import { handOver, shut } from "./device.js";
import { DECLINED, Journey, ORGANISATION } from "./journey.js";
import { beforeLeaving, leaving } from "./leave.js";
import { asks, opens } from "./opening.js";
import { Reading } from "./reading.js";
import { settle } from "./settling.js";

const BEFORE = "before", CHECK = "check", REFERRAL = "referral";
const NONE = { concerns: [], answers: {} };
const FONTS = 3000; // how long they may take
const EARLIEST = "1950-01-01", AHEAD = 10; // no working life began before; no contract of ours ends later, in years

const main = document.getElementById("main");
const data = JSON.parse(document.getElementById("data").textContent);
const words = data.words;
const reading = new Reading(data.table);
const codes = new CaseCode({ ...data.code, facts: data.table.facts });
const journey = new Journey(data.table, reading, (id) => data.organisations[id].facts);
const before = [...main.childNodes];

// In a frame there are no entries in the history: they would tell the site around it that somebody went on.
const framed = document.body.dataset.framed !== undefined;

let given = NONE;
let preset = { ...data.preset }; // per step what is chosen beforehand, until that step has been shown
let pages = []; // the step of each history entry of ours; after a reload those before are not known any more
let here = 0; // the number of the entry that is shown
let furthest = 0; // and of the last one that exists
let pressed = null; // the button that sends a form, where a browser does not say which it was

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const part = (id) => document.getElementById(id).content.cloneNode(true);
const slot = (node, name) => node.querySelector(`[data-slot="${name}"]`);
const unique = (items) => [...new Set(items)];

// ---- where a person stands

// A page that later answers made needless, or that is not ready yet, gives way to the step that is next.
function stepAt(number, stand) {
  const step = pages[number] ?? BEFORE;
  const complete = stand.next === null && [CHECK, REFERRAL].includes(step);
  return step === BEFORE || complete || [...stand.path, stand.next].includes(step) ? step : (stand.next ?? CHECK);
}

function show({ error = false, dropped = [] } = {}) {
  const stand = journey.at(given);
  const step = stepAt(here, stand);
  const page = step === BEFORE ? before : [...makeStep(step, stand).childNodes];
  main.replaceChildren(...(dropped.length ? [droppedNote(dropped)] : []), ...page);
  document.title = `${error ? `${words.error_mark}: ` : ""}${titleOf(step, stand)} – ${words.site_name}`;
  if (error) {
    showError(step);
  } else {
    lookAt(slot(main, "dropped") ?? main.querySelector("h1"));
    scrollTo(0, 0);
  }
  settle();
}

// The site around a frame may not see it scroll either.
function lookAt(node) {
  node.focus({ preventScroll: framed });
  if (framed) {
    scrollTo(0, node.getBoundingClientRect().top + scrollY);
  }
}

function titleOf(step, stand) {
  const titles = { [BEFORE]: words.before_title, [CHECK]: words.check_title, [REFERRAL]: words.referral_title };
  return titles[step] ?? position(step, stand);
}

function position(step, { path, most }) {
  const at = path.indexOf(step);
  return fill(words.position, { number: (at < 0 ? path.length : at) + 1, most });
}

function go(step, dropped) {
  here += 1;
  furthest = here;
  pages.length = here;
  pages[here] = step;
  if (!framed) {
    history.pushState(here, "");
  }
  show({ dropped });
}

function travel(steps) {
  settle(); // the history takes its time
  if (framed) {
    arriveAt(here + steps);
  } else {
    history.go(steps);
  }
}

function arriveAt(number) {
  keep();
  here = number;
  show();
}

// What is chosen on the page that is shown counts, also when somebody goes back from it.
function keep() {
  const controls = [...main.querySelectorAll(".ww-control")];
  const chosen = controls.filter((input) => input.checked).map((input) => input.value);
  if (!chosen.length) {
    return false;
  }
  const step = controls[0].name;
  if (step === journey.concerns.id) {
    given = { ...given, concerns: chosen };
  } else if (step === ORGANISATION) {
    given = { ...given, organisation: chosen[0] };
  } else {
    given = { ...given, answers: { ...given.answers, [step]: chosen[0] } };
  }
  return true;
}

function answer() {
  if (!keep()) {
    given = pages[here] === journey.concerns.id ? { ...given, concerns: [] } : given;
    show({ error: true });
    return;
  }
  const stand = journey.at(given);
  given = stand.given;
  go(stand.next ?? CHECK, stand.dropped);
}

function submit(event) {
  const form = event.target;
  event.preventDefault();
  if ("calendar" in form.dataset) {
    beside(form, () => saveCalendar(form));
    return;
  }
  const to = (event.submitter ?? pressed)?.value ?? "next";
  if (to === "back") {
    travel(-1);
  } else if (to === "again") {
    given = NONE;
    preset = { ...data.preset };
    travel(-here);
  } else if (to.startsWith("change:")) {
    go(to.slice("change:".length));
  } else if (to === "result") {
    go(REFERRAL);
  } else if (to === "check") {
    go(CHECK);
  } else if ((pages[here] ?? BEFORE) === BEFORE) {
    go(journey.steps[0]);
  } else {
    answer();
  }
}

// Should a page of ours fail, then say so: the form must not be sent any more.
function careful(act) {
  return (event) => {
    try {
      act(event);
    } catch {
      main.replaceChildren(part("wrong"));
      main.querySelector("h1").focus();
      settle();
    }
  };
}

// What stands beside the advice never takes the advice along when it fails: it says so at its own place.
function beside(box, act) {
  try {
    act();
  } catch {
    box.querySelector("[data-failed]")?.remove();
    box.append(part("failed"));
  }
}

// ---- pages

function makeStep(step, stand) {
  const page = part(`step-${step}`);
  if (step === CHECK) {
    slot(page, "answers").append(...stand.path.map(answeredRow));
  } else if (step === REFERRAL) {
    fillReferral(page, stand);
  } else {
    const line = part("position");
    slot(line, "position").textContent = position(step, stand);
    page.prepend(line);
    const chosen = [...chosenOf(step), ...(preset[step] ?? [])];
    delete preset[step];
    for (const input of page.querySelectorAll(".ww-control")) {
      input.checked = chosen.includes(input.value);
    }
    if (step === ORGANISATION) {
      makeSearchable(page);
    }
  }
  return page;
}

function chosenOf(step) {
  if (step === journey.concerns.id) {
    return given.concerns;
  }
  const one = step === ORGANISATION ? given.organisation : given.answers[step];
  return one === undefined ? [] : [one];
}

function answeredRow(step) {
  const row = part("answered").firstElementChild;
  const question = step === ORGANISATION ? words.organisation_label : data.questions[step].text;
  const [dt, dd] = row.children;
  dt.textContent = question;
  for (const chosen of chosenOf(step)) {
    const said = document.createElement("span");
    said.className = "ww-answer";
    said.textContent = step === ORGANISATION ? organisationName(chosen) : data.questions[step].labels[chosen];
    dd.append(said);
  }
  const button = row.querySelector("button");
  button.value = `change:${step}`;
  button.querySelector(".ww-hidden").textContent = ` ${fill(words.change_what, { question })}`;
  return row;
}

function organisationName(chosen) {
  return chosen === DECLINED ? words.organisation_declined : data.organisations[chosen].name;
}

function droppedNote(facts) {
  const note = part("dropped").firstElementChild;
  note.querySelector("ul").append(...facts.map((fact) => listItem(data.questions[fact].text)));
  return note;
}

function listItem(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}

function showError(step) {
  const message =
    step === ORGANISATION ? words.organisation_error : data.questions[step].several ? words.error_choose_some : words.error_choose;
  const summary = part("error").firstElementChild;
  const toField = summary.querySelector("a");
  toField.textContent = message;
  toField.href = `#${step}-0`;
  const form = main.querySelector("form");
  form.before(summary);
  form.querySelector(".utrecht-form-field").classList.add("utrecht-form-field--invalid");
  const field = form.querySelector("fieldset");
  const said = document.createElement("p");
  said.className = "utrecht-form-field-error-message";
  said.id = `${step}-error`;
  said.textContent = message;
  field.querySelector(".ww-options").before(said);
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${said.id}`.trim());
  lookAt(summary.querySelector("h2"));
}

// ---- the organisation: every word counts from its beginning, whatever its case and accents

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];

const finds = (wanted, names) => wanted.every((word) => names.some((name) => name.startsWith(word)));

function makeSearchable(page) {
  const field = page.querySelector("#q");
  const found = slot(page, "found");
  const rows = [...page.querySelectorAll(".ww-organisations .ww-option")];
  const other = page.querySelector("[data-catch-all]");
  const none = other
    ? fill(words.organisation_none_other, { name: data.organisations[other.querySelector("input").value].name })
    : words.organisation_none;
  page.querySelector("[data-server]").remove();
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
    }
  });
  field.addEventListener("input", () => {
    const wanted = plain(field.value);
    const fits = rows.filter((row) => row.dataset.names.split("|").some((names) => finds(wanted, plain(names))));
    for (const row of rows) {
      row.hidden = !fits.includes(row) && row !== other && !row.querySelector(":checked");
    }
    found.textContent = !wanted.length ? "" : fits.length ? fill(words.organisation_count, { count: fits.length }) : none;
  });
}

// ---- the referral

function fillReferral(page, { given, situation }) {
  const decision = reading.decide(situation);
  const concerns = unique(decision.referrals.map((one) => one.concern));
  const person = { answers: situation.answers, organisation: given.organisation, told: new Set() };
  slot(page, "concerns").append(...concerns.map((concern) => concernSection(concern, decision, person)));
  slot(page, "closed").append(...decision.closed.map(closedDoor));
  slot(page, "overview").append(...concerns.map((concern) => overviewRow(concern, decision)));
  if (concerns.length < 2) {
    page.querySelector('[data-part="overview"]').remove();
  }
  if (!decision.closed.length) {
    page.querySelector('[data-part="closed"]').remove();
  }
  beside(page.querySelector('[data-part="code"] .ww-details-body'), () => fillCode(page, given));
  beside(page.querySelector('[data-part="calendar"]'), () => fillCalendar(page, decision, person));
  const printing = page.querySelector("[data-print]");
  printing.addEventListener("click", () => beside(printing.parentElement, () => print()));
}

const labelOf = (concern) => data.questions[journey.concerns.id].labels[concern];

function overviewRow(concern, { referrals }) {
  const row = part("overview").firstElementChild;
  const first = referrals.find((one) => one.concern === concern && one.as === "first");
  slot(row, "label").textContent = labelOf(concern);
  slot(row, "name").textContent = data.names[first.destination];
  return row;
}

function concernSection(concern, decision, person) {
  const section = part("concern").firstElementChild;
  slot(section, "label").textContent = fill(words.referral_concern, { concern: labelOf(concern) });
  for (const as of ["first", "also", "later"]) {
    const doors = decision.referrals.filter((one) => one.concern === concern && one.as === as);
    slot(section, as).append(...doors.map((one) => door(one, person)));
    if (!doors.length) {
      section.querySelector(`[data-part="${as}"]`).remove();
    }
  }
  return section;
}

function door(referral, person) {
  const card = part(`door-${referral.destination}.${referral.as}`).firstElementChild;
  const rules = referral.rules.map((rule) => data.rules[rule]);
  slot(card, "why").textContent = unique(rules.map((rule) => rule.why)).join(" ");
  const doubts = [...unique(rules.map((rule) => rule.doubt).filter(Boolean)), ...notes(rules, person)];
  slot(card, "doubts").append(...doubts.map(doubt));
  slot(card, "sources").append(...unique(rules.flatMap((rule) => rule.sources)).map((number) => part(`source-${number}`)));
  const terms = termsOf(referral, person).map((term) => part(`term-${term}`));
  slot(card, "terms").append(...terms);
  if (!terms.length) {
    card.querySelector('[data-part="terms"]').remove();
  }
  fillContacts(card, referral, person);
  return card;
}

// What to know of the facts of the organisation on which rules rest; what was told above is not told again.
function notes(rules, { organisation, told }) {
  const known = data.organisations[organisation]?.notes ?? {};
  const found = unique(rules.flatMap((rule) => rule.ofOrganisation).map((fact) => known[fact]).filter(Boolean));
  const fresh = found.filter((note) => !told.has(note));
  fresh.forEach((note) => told.add(note));
  return fresh;
}

// What is known of a person, for an audience.
function knownOf({ concern }, { answers, organisation }) {
  const { heldBy, kind } = data.organisations[organisation] ?? {};
  return { ...answers, [journey.concerns.id]: concern, organisation: heldBy, kind };
}

function termsOf(referral, person) {
  const named = unique(referral.rules.flatMap((rule) => data.rules[rule].terms));
  return named.filter((id) => data.terms[id] && fit(data.terms[id], knownOf(referral, person)) !== "not");
}

function doubt(said) {
  const line = part("doubt");
  slot(line, "said").textContent = said;
  return line;
}

function fillContacts(card, referral, person) {
  const { sure, perhaps } = { sure: slot(card, "contacts"), perhaps: slot(card, "perhaps") };
  const own = document.getElementById(`own-${person.organisation}-${referral.destination}`);
  if (own) {
    sure.prepend(own.content.cloneNode(true));
  }
  const known = knownOf(referral, person);
  for (const contact of [...sure.children]) {
    const fits = fit(JSON.parse(contact.dataset.audience), known);
    if (fits === "not") {
      contact.remove();
    } else if (fits === "unknown") {
      perhaps.append(contact);
    }
  }
  if (!card.querySelector("[data-unchecked]")) {
    slot(card, "unchecked").remove();
  }
  if (!perhaps.children.length) {
    card.querySelector('[data-part="perhaps"]').remove();
  }
  if (sure.children.length) {
    slot(card, "nocontact").remove();
  } else {
    sure.remove();
  }
}

function closedDoor({ destination, way, leads }) {
  const line = part("closed").firstElementChild;
  slot(line, "name").textContent = data.names[destination];
  if (way) {
    slot(line, "opens").textContent = `${words[opens(way)]}:`;
    slot(line, "needed").append(...asks(way.conditions, data, journey.concerns.id).map(listItem));
  }
  const parts = { needed: way, barred: leads && !way, never: !leads };
  for (const name of Object.keys(parts).filter((one) => !parts[one])) {
    line.querySelector(`[data-part="${name}"]`).remove();
  }
  return line;
}

// ---- the code, to read out over the telephone

function fillCode(page, told) {
  const { concerns, answers, organisation } = told;
  const pairs = [...concerns.map((one) => [journey.concerns.id, one]), ...Object.entries(answers)];
  const say = ([fact, answer]) => listItem(`${data.questions[fact].text} ${data.questions[fact].labels[answer]}`);
  slot(page, "reveals").append(...pairs.map(say));
  slot(page, "code").textContent = codes.write(told);
  if (!pairs.some(([fact, answer]) => data.few[fact].includes(answer))) {
    slot(page, "few").remove();
  }
  if (organisation) {
    slot(page, "named").textContent = codes.write(told, organisation);
  } else {
    page.querySelector('[data-part="named"]').remove();
  }
}

// ---- terms in a calendar, made on the device

function fillCalendar(page, { referrals }, person) {
  const box = page.querySelector('[data-part="calendar"]');
  const ids = unique(referrals.flatMap((one) => termsOf(one, person)));
  if (!ids.length) {
    box.remove();
    return;
  }
  for (const start of unique(ids.map(startOf))) {
    const terms = ids.filter((id) => startOf(id) === start);
    const field = part("start").firstElementChild;
    const [label, said, wrong, input] = field.children;
    label.htmlFor = input.id = `start-${start}`;
    label.textContent = words[`starts_${start}`];
    said.id = `${input.id}-terms`;
    wrong.id = `${input.id}-error`;
    said.append(...terms.map(termLine));
    input.setAttribute("aria-describedby", `${said.id} ${wrong.id}`);
    input.dataset.terms = terms.join(" ");
    input.min = EARLIEST;
    input.max = latestFor(input);
    slot(page, "starts").append(field);
  }
}

const startOf = (id) => data.terms[id].starts;
const termsAt = (input) => input.dataset.terms.split(" ");
const mayCome = (input) => termsAt(input).some((id) => data.terms[id].mayCome);
const latestFor = (input) => (mayCome(input) ? inYears(today(), AHEAD) : today());

// A term with a place to say that it is over.
function termLine(id) {
  const line = listItem(data.terms[id].text);
  const past = document.createElement("span");
  past.className = "ww-past";
  past.dataset.past = id;
  past.setAttribute("role", "status");
  line.append(past);
  return line;
}

const past = (input, id) => due(input.value, data.terms[id]) < today();

function wrongDay(input) {
  const wrong = wrongWith(input, EARLIEST, latestFor(input));
  return wrong && fill(words[`day_${wrong === "late" && mayCome(input) ? "far" : wrong}`], { year: today().slice(0, 4) });
}

function saveCalendar(form) {
  const inputs = [...form.querySelectorAll("[data-terms]")];
  const wrong = inputs.filter(sayWrong);
  const told = wrong.length ? [] : inputs.filter((input) => input.value).flatMap((input) => termsAt(input).map((id) => [input, id]));
  for (const line of form.querySelectorAll("[data-past]")) {
    const over = told.find(([input, id]) => id === line.dataset.past && past(input, id));
    line.textContent = over ? saidOver(...over) : "";
  }
  const running = told.filter((one) => !past(...one));
  const error = wrong.length ? words.calendar_wrong : !told.length ? words.calendar_error : running.length ? "" : words.calendar_none;
  slot(form, "calendarerror").textContent = error;
  slot(form, "calendarsaid").textContent = running.length && running.length < told.length ? words.calendar_part : "";
  if (wrong.length || !told.length) {
    (wrong[0] ?? inputs[0]).focus();
  }
  if (running.length) {
    const events = running.map(([input, id]) => ({ ...data.terms[id], start: input.value }));
    const file = calendar({ events, name: words.calendar_name, stamp: new Date() });
    handOver(file, "text/calendar", `${words.calendar_file}.ics`);
  }
}

function sayWrong(input) {
  const wrong = wrongDay(input);
  document.getElementById(`${input.id}-error`).textContent = wrong ?? "";
  input.setAttribute("aria-invalid", Boolean(wrong));
  input.closest(".utrecht-form-field").classList.toggle("utrecht-form-field--invalid", Boolean(wrong));
  return wrong;
}

function saidOver(input, id) {
  const last = inWords(due(input.value, data.terms[id]), words.months);
  return `${fill(words.calendar_past, { date: last })} ${data.terms[id].past}`;
}

// ---- starting

function forget() {
  given = NONE;
  pages = [];
}

const within = (time, promise) =>
  Promise.race([promise, new Promise((_, fail) => setTimeout(() => fail(new Error("it took too long")), time))]);

// A font is asked for only when a letter needs it; later nothing may be asked for any more. Without it, it goes too.
function loadFonts() {
  const fonts = ["400", "700"].map((weight) => document.fonts.load(`${weight} 1em "Fira Sans"`));
  return within(FONTS, Promise.all(fonts)).catch(() => {});
}

function beginHistory() {
  here = history.state ?? 0;
  furthest = here + 1; // after a reload there may be more of our entries than we know of
  if (history.state === null) {
    furthest = 0;
    history.replaceState(0, "");
  }
  history.scrollRestoration = "manual";
  addEventListener("popstate", careful(({ state }) => {
    if (!leaving) {
      arriveAt(state ?? 0);
    }
  }));
}

async function begin() {
  await loadFonts();
  shut();
  if (!framed) {
    beginHistory();
  }
  document.addEventListener("click", (event) => (pressed = event.target.closest("button")), true);
  document.addEventListener("submit", careful(submit));
  document.getElementById("shift").hidden = false;
  // A page that is kept for Back would show the answers again.
  addEventListener("pagehide", () => {
    forget();
    document.body.replaceChildren();
  });
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  beforeLeaving({ place: () => (framed ? { here: 0, furthest: 0 } : { here, furthest }), forget });
  document.getElementById("mode").dispatchEvent(new Event("device"));
}

begin();
