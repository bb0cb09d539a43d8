// The questionnaire in the browser: shows the parts that the page brought along, and decides by the graph it brought.
// Answers live in `given` and nowhere else; history holds the number of a page, never an answer.

import { saveCalendar } from "./deadlines.js";
import { Finder } from "./finder.js";
import { DECLINED, Graph, ORGANISATION } from "./graph.js";
import { beforeLeaving, leaving } from "./leave.js";
import { beside, careful, data, shut, words } from "./page.js";
import { all, byId, element, fill, find, listItem, make, part, slot, unique } from "./parts.js";
import { fillReferral, firstHeading } from "./referral.js";
import { settle } from "./settling.js";

const [BEFORE, REFERRAL] = ["before", "referral"];
const FONTS = 3000; // how long they may take

const main = byId("main");
const graph = new Graph(data.rulebase);
const CONCERNS = graph.concerns.id;
const before = [...main.childNodes];

// In a frame there are no entries in the history: they would tell the site around it that somebody went on.
const framed = document.body.dataset.framed !== undefined;

/** @type {Given} */
let given;
/** @type {string[]} */
let subjects; // what was chosen for the concerns: concerns, and examples as a form says them
/** @type {Record<string, string[]>} */
let preset; // per step what is chosen beforehand, until that step has been shown
/** @type {string[]} */
let pages = []; // the step of each history entry of ours; after a reload those before are not known any more
let here = 0; // the number of the entry that is shown
let furthest = 0; // and of the last one that exists
/** @type {Part | null} */
let pressed = null; // the button that sends a form, where a browser does not say which it was

function forget() {
  given = { concerns: [], answers: {} };
  subjects = [];
  preset = { ...data.preset };
}

function wipe() {
  forget();
  pages = [];
}

// ---- where a person stands

// Asked twice for each answer: what comes next, and the page for it.
let last = /** @type {{ key: string, progress: Progress } | null} */ (null);

function progressNow() {
  const key = JSON.stringify(given);
  if (last?.key !== key) {
    last = { key, progress: graph.progress(given, data.organisations[given.organisation ?? ""]?.facts ?? {}) };
  }
  return last.progress;
}

// A page that later answers made needless, or that is not ready yet, gives way to the step that is next.
function stepNow(/** @type {Progress} */ { path, next, certain }) {
  const step = pages[here] ?? BEFORE;
  const ready = [BEFORE, ...path, next ?? REFERRAL, ...(certain ? [REFERRAL] : [])];
  return ready.includes(step) ? step : (next ?? REFERRAL);
}

function show(/** @type {{ error?: boolean, dropped?: string[] }} */ { error = false, dropped = [] } = {}) {
  const progress = progressNow();
  const step = stepNow(progress);
  const { page, complete } = step === BEFORE ? { page: before, complete: () => {} } : makeStep(step, progress);
  main.replaceChildren(...page);
  if (dropped.length) {
    main.prepend(make("dropped"));
    find(main, "ul").append(...dropped.map((fact) => listItem(data.questions[fact].text)));
  }
  document.title = `${error ? `${words.error_mark}: ` : ""}${titleOf(step, progress)} – ${words.site_name}`;
  if (error) {
    showError(step);
  } else {
    lookAt(slot(main, "dropped") ?? find(main, "h1"));
    scrollTo(0, 0);
  }
  settle(careful(complete));
}

function titleOf(/** @type {string} */ step, /** @type {Progress} */ progress) {
  const own = words[`${step}_title`];
  return own ?? (step === REFERRAL ? find(main, "h1").textContent : `${askedBy(step)} – ${position(step, progress)}`);
}

const askedBy = (/** @type {string} */ step) => data.questions[step]?.text ?? words.organisation_ask;

// The site around a frame may not see it scroll either.
function lookAt(/** @type {Part} */ node) {
  node.focus({ preventScroll: framed });
  if (framed) {
    scrollTo(0, node.getBoundingClientRect().top + scrollY);
  }
}

// Which question it is, of those that are asked: what an example told is not.
function position(/** @type {string} */ step, /** @type {Progress} */ { path, most }) {
  const asked = path.filter((one) => one === step || !toldNow().includes(one));
  const at = asked.indexOf(step);
  return fill(words.position, { number: (at < 0 ? asked.length : at) + 1, most: most - path.length + asked.length });
}

function go(/** @type {string} */ step, dropped = /** @type {string[]} */ ([])) {
  here += 1;
  furthest = here;
  pages.length = here;
  pages[here] = step;
  if (!framed) {
    history.pushState(here, "");
  }
  show({ dropped });
}

function travel(/** @type {number} */ steps) {
  settle(); // the history takes its time
  if (framed) {
    arriveAt(here + steps);
  } else {
    history.go(steps);
  }
}

function arriveAt(/** @type {number} */ number) {
  keep();
  here = number;
  show();
}

// What is chosen on the page that is shown counts, also when somebody goes back from it.
function keep() {
  const chosen = all(main, ".ww-control:checked");
  const values = chosen.map((input) => input.value);
  if (!chosen.length) {
    return false;
  }
  const step = chosen[0].name;
  const answers = { ...given.answers, [step]: values[0] };
  const told =
    step === CONCERNS ? concernsOf(values) : step === ORGANISATION ? { organisation: values[0] } : { answers };
  given = { ...given, ...told };
  subjects = stillChosen(step === CONCERNS ? values : subjects);
  return true;
}

const concernOf = (/** @type {string} */ value) => value.split(" ")[0];
const toldBy = (/** @type {string[]} */ values) =>
  unique(values.flatMap((value) => value.split(" ").slice(1))).map((pair) => pair.split("="));
const toldNow = () => toldBy(subjects).map(([fact]) => fact);

// What was chosen for the concerns, less the examples that answers contradict; their concerns stay.
function stillChosen(/** @type {string[]} */ chosen) {
  const kept = chosen.filter((value) =>
    toldBy([value]).every(([fact, said]) => (given.answers[fact] ?? said) === said),
  );
  const left = chosen.map(concernOf).filter((concern) => !kept.map(concernOf).includes(concern));
  return [...kept, ...unique(left)];
}

// An example is a concern with answers; what two examples do not agree on is asked, and what is not told any more goes.
function concernsOf(/** @type {string[]} */ values) {
  const pairs = toldBy(values);
  const agreed = pairs.filter(([fact]) => pairs.filter(([other]) => other === fact).length === 1);
  const answers = Object.entries(given.answers).filter(([fact]) => !toldNow().includes(fact));
  return { concerns: unique(values.map(concernOf)), answers: Object.fromEntries([...answers, ...agreed]) };
}

// An answer that stands apart is the only one: it takes the others away, and they take it away.
function leaveAlone(/** @type {Event} */ { target }) {
  const control = /** @type {Part} */ (target);
  const away = control.closest(".ww-option--apart") ? ".ww-control" : ".ww-option--apart .ww-control";
  if (control.matches("[type=checkbox]:checked")) {
    all(main, away).forEach((one) => (one.checked = one === control));
  }
}

function answer() {
  if (keep()) {
    const progress = progressNow();
    given = progress.given;
    go(progress.next ?? REFERRAL, progress.dropped);
  } else {
    if (pages[here] === CONCERNS) {
      given = { ...given, ...concernsOf([]) };
      subjects = [];
    }
    show({ error: true });
  }
}

function submit(/** @type {SubmitEvent} */ event) {
  const form = /** @type {Part} */ (event.target);
  event.preventDefault();
  if ("calendar" in form.dataset) {
    beside(form, () => saveCalendar(form));
    return;
  }
  const button = /** @type {Part | null} */ (event.submitter ?? pressed);
  const [to, step] = (button?.value ?? "next").split(":");
  const next = nextPage(to, step);
  if (to === "back") {
    travel(-1);
  } else if (to === "again") {
    forget();
    travel(-here);
  } else if (next) {
    go(next);
  } else {
    answer();
  }
}

// Where a button leads that answers nothing.
function nextPage(/** @type {string} */ to, /** @type {string} */ step) {
  if (to === "show") {
    keep();
    return REFERRAL;
  }
  const onward = { [BEFORE]: CONCERNS, [REFERRAL]: progressNow().next }[pages[here] ?? BEFORE];
  return to === "change" ? step : onward;
}

// ---- pages

// What is seen first, and what completes it afterwards.
function makeStep(/** @type {string} */ step, /** @type {Progress} */ progress) {
  const page = /** @type {Part} */ (/** @type {unknown} */ (part(`step-${step}`)));
  let complete = () => {};
  if (step === REFERRAL) {
    slot(page, "answers").append(...progress.path.map(answeredRow));
    complete = fillReferral(page, progress, graph);
  } else {
    slot(page, "position").textContent = position(step, progress);
    if (progress.certain && progress.next) {
      page.prepend(certainly(progress));
      find(page, "h1").setAttribute("aria-describedby", "certain-step"); // it is said with the question, which has the focus
    }
    const chosen = [...chosenOf(step), ...(preset[step] ?? [])];
    delete preset[step];
    if (step === ORGANISATION) {
      makeSearchable(page, chosen[0]);
    }
    all(page, ".ww-control").forEach((input) => (input.checked = chosen.includes(input.value)));
    all(page, ".ww-more").forEach((folded) => (folded.open = folded.querySelector(":checked") !== null));
  }
  return { page: [...page.childNodes], complete };
}

const certainly = (/** @type {Progress} */ progress) => make("certain", { certain: firstHeading(progress, graph) });

function chosenOf(/** @type {string} */ step) {
  const one = step === ORGANISATION ? given.organisation : given.answers[step];
  return step === CONCERNS ? subjects : one === undefined ? [] : [one];
}

function answeredRow(/** @type {string} */ step) {
  const row = make("answered");
  const { text, labels } = data.questions[step] ?? { text: words.organisation_label };
  const [question, said] = row.children;
  question.textContent = text;
  const chosen = chosenOf(step).map((one) => labels?.[one] ?? nameOf(one));
  said.append(...chosen.map((one) => element("span", one, { className: "ww-answer" })));
  const button = find(row, "button");
  button.value = `change:${step}`;
  find(button, ".ww-hidden").textContent = ` ${fill(words.change_what, { question: text })}`;
  return row;
}

const nameOf = (/** @type {string} */ organisation) =>
  organisation === DECLINED ? words.organisation_declined : data.organisations[organisation].name;

function showError(/** @type {string} */ step) {
  const choose = data.questions[step]?.several ? words.error_choose_some : words.error_choose;
  const message = step === ORGANISATION ? words.organisation_error : choose;
  const summary = make("error");
  Object.assign(find(summary, "a"), { textContent: message, href: `#${step}-0` });
  const form = find(main, "form");
  form.before(summary);
  find(form, ".utrecht-form-field").classList.add("utrecht-form-field--invalid");
  const field = find(form, "fieldset");
  const said = element("p", message, { className: "utrecht-form-field-error-message", id: `${step}-error` });
  find(field, ".ww-options").before(said);
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${said.id}`.trim());
  lookAt(find(summary, "h2"));
}

// ---- the organisation

/** @type {Finder | undefined} */
let finder;

const ready = () => (finder ??= new Finder(data.finding, data.organisations));

function organisationRow(/** @type {string} */ id) {
  const { name, short, now } = data.organisations[id];
  const row = make("organisation-row");
  const [input, label] = [find(row, "input"), find(row, "label")];
  Object.assign(input, { id: `organisation-${id}`, value: id });
  label.htmlFor = input.id;
  label.append(short ? `${name} (${short})` : name);
  if (now) {
    label.append(" ", element("small", fill(words.organisation_now, { name: now })));
  }
  return row;
}

function makeSearchable(/** @type {Part} */ page, /** @type {string | undefined} */ chosen) {
  const field = find(page, "#q");
  const said = slot(page, "found");
  const box = find(page, ".ww-organisations");
  const usual = /** @type {Part[]} */ ([...box.children]);
  const rows = new Map(usual.map((row) => [find(row, "input").value, row]));
  const rowOf = (/** @type {string} */ id) => {
    const row = rows.get(id) ?? organisationRow(id);
    rows.set(id, row);
    return row;
  };
  const list = (/** @type {Part[]} */ found) => {
    const kept = [.../** @type {HTMLCollectionOf<Part>} */ (box.children)].filter(
      (row) => row.querySelector(":checked") && !found.includes(row),
    );
    const listed = [...kept, ...found];
    if (listed.length !== box.children.length || listed.some((row, place) => row !== box.children[place])) {
      box.replaceChildren(...listed);
    }
  };
  if (chosen && data.organisations[chosen] && !rows.has(chosen)) {
    box.prepend(rowOf(chosen));
  }
  find(page, "[data-server]").remove();
  field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  field.addEventListener("focus", ready); // before the first key, which would wait for it
  field.addEventListener("input", () => {
    const found = ready().find(field.value);
    list(found ? found.map(({ id }) => rowOf(id)) : usual);
    said.textContent = found ? findingSaid(found) : "";
  });
}

// How many there are; or why the first is taken; or what to take when there is none.
function findingSaid(/** @type {{ id: string, why?: string }[]} */ found) {
  const { other } = data.finding;
  const named = found.filter(({ id, why }) => id !== other || why);
  const [{ why } = { why: undefined }] = named;
  const none = other ? words.organisation_none_other : words.organisation_none;
  const count = fill(named.length ? words.organisation_count : none, {
    count: named.length,
    name: other && nameOf(other),
  });
  return why ?? count;
}

// ---- starting

// A font is asked for only when a letter needs it; later nothing may be asked for any more. Without it, it goes too.
function loadFonts() {
  const fonts = ["400", "700"].map((weight) => document.fonts.load(`${weight} 1em "Fira Sans"`));
  return Promise.race([Promise.all(fonts), new Promise((done) => setTimeout(done, FONTS))]).catch(() => {});
}

function beginHistory() {
  here = history.state ?? 0;
  furthest = here + 1; // after a reload there may be more of our entries than we know of
  if (history.state === null) {
    furthest = 0;
    history.replaceState(0, "");
  }
  history.scrollRestoration = "manual";
  onpopstate = careful(({ state }) => leaving || arriveAt(state ?? 0));
}

async function begin() {
  await loadFonts();
  shut(wipe);
  if (!framed) {
    beginHistory();
  }
  document.addEventListener("click", ({ target }) => (pressed = /** @type {Part} */ (target).closest("button")), true);
  document.addEventListener("submit", careful(submit));
  document.addEventListener("change", leaveAlone);
  byId("shift").hidden = false;
  beforeLeaving({ place: () => (framed ? { here: 0, furthest: 0 } : { here, furthest }), forget: wipe });
  byId("mode").dispatchEvent(new Event("device"));
}

forget();
begin();
