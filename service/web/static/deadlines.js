// The deadlines of a referral in a calendar: a day for each start, and a file made on the device.

import { calendar, due, inWords, inYears, today, wrongWith } from "./dates.js";
import { data, handOver, words } from "./page.js";
import { all, byId, element, fill, fillIn, listItem, make, unique } from "./parts.js";

const EARLIEST = "1950-01-01"; // no working life began before
const AHEAD = 10; // years: no contract of ours ends later

/** @type {Record<string, Deadline>} */
const deadlines = data.terms;

const mayCome = (/** @type {Part} */ input) => termsAt(input).some((id) => deadlines[id].mayCome);
const termsAt = (/** @type {Part} */ input) => (input.dataset.terms ?? "").split(" ");

export function fillCalendar(/** @type {Part} */ page, /** @type {string[]} */ ids) {
  const starts = unique(ids.map((id) => deadlines[id].starts));
  const fields = starts.map((one) => field(ids.filter((id) => deadlines[id].starts === one)));
  fillIn(page, { starts: fields }, { calendar: ids.length });
}

// One day for all deadlines that start on it.
function field(/** @type {string[]} */ ids) {
  const [{ starts }] = ids.map((id) => deadlines[id]);
  const box = make("start");
  const [label, said, wrong, input] = /** @type {Part[]} */ ([...box.children]);
  label.htmlFor = input.id = `start-${starts}`;
  label.textContent = words[`starts_${starts}`];
  said.id = `${input.id}-terms`;
  wrong.id = `${input.id}-error`;
  said.append(...ids.map(line));
  input.setAttribute("aria-describedby", `${said.id} ${wrong.id}`);
  input.dataset.terms = ids.join(" ");
  input.min = EARLIEST;
  input.max = latest(input);
  input.addEventListener("change", () => sayDays(box, input));
  return box;
}

// The last day of each deadline that starts on the day that was filled in, as soon as it is; wrong days are told at once.
function sayDays(/** @type {Part} */ box, /** @type {Part} */ input) {
  const start = sayWrong(input) ? "" : input.value;
  for (const item of all(box, "[data-past]")) {
    item.textContent = start ? saidOf(item.dataset.past ?? "", start) : "";
  }
}

const latest = (/** @type {Part} */ input) => (mayCome(input) ? inYears(today(), AHEAD) : today());

// A deadline with a place to say that it is over.
function line(/** @type {string} */ id) {
  const item = listItem(deadlines[id].text);
  const past = element("span", "", { className: "ww-past" });
  past.setAttribute("role", "status");
  past.dataset.past = id;
  item.append(past);
  return item;
}

export function saveCalendar(/** @type {Part} */ form) {
  const inputs = all(form, "[data-terms]");
  const wrong = inputs.filter(sayWrong);
  const filled = inputs.filter(({ value }) => value && !wrong.length);
  const told = filled.flatMap((input) => termsAt(input).map((id) => ({ id, start: input.value, ...deadlines[id] })));
  const running = told.filter((one) => due(one.start, one) >= today());
  inputs.forEach((input) => sayDays(/** @type {Part} */ (input.closest(".utrecht-form-field")), input));
  const none = told.length ? words.calendar_none : words.calendar_error;
  fillIn(form, {
    calendarerror: wrong.length ? words.calendar_wrong : running.length ? "" : none,
    calendarsaid: running.length && running.length < told.length ? words.calendar_part : "",
  });
  if (running.length) {
    const file = calendar({ events: running, name: words.calendar_name, stamp: new Date() });
    handOver(file, "text/calendar", `${words.calendar_file}.ics`);
  } else if (!told.length) {
    (wrong[0] ?? inputs[0]).focus();
  }
}

// "The last day is …"; of one that is over, what can still be done.
function saidOf(/** @type {string} */ id, /** @type {string} */ start) {
  const last = due(start, deadlines[id]);
  const date = inWords(last, words.months);
  return last < today()
    ? `${fill(words.calendar_past, { date })} ${deadlines[id].past}`
    : fill(words.deadline_last, { date });
}

function sayWrong(/** @type {Part} */ input) {
  const wrong = wrongWith(input, EARLIEST, latest(input));
  const said = `day_${wrong === "late" && mayCome(input) ? "far" : wrong}`;
  byId(`${input.id}-error`).textContent = wrong ? fill(words[said], { year: today().slice(0, 4) }) : "";
  input.setAttribute("aria-invalid", `${wrong !== null}`);
  input.closest(".utrecht-form-field")?.classList.toggle("utrecht-form-field--invalid", wrong !== null);
  return wrong !== null;
}
