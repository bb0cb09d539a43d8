// Days: as people fill them in, held between two others; as they are said; on which a deadline ends; in a calendar.

const DAY = 24 * 60 * 60 * 1000;
const FORM = /^\d{4}-\d{2}-\d{2}$/;
const LINE = 75; // bytes

// Milliseconds in UTC, so that no time zone shifts a day. Date.UTC would make 1926 of the year 26.
/** @type {(year: number, month: number, day: number) => number} */
const at = (year, month, day) => new Date(0).setUTCFullYear(year, month - 1, day);
const iso = (/** @type {number} */ time) => new Date(time).toISOString().slice(0, 10);
const numbers = (/** @type {string} */ day) => /** @type {[number, number, number]} */ (day.split("-").map(Number));

export const exists = (/** @type {string} */ day) => FORM.test(day) && iso(at(...numbers(day))) === day;

// The last day of a deadline, as the law counts: a month that lacks the day ends on its last one.
export function due(/** @type {string} */ start, /** @type {Span} */ { days, weeks, months }) {
  const [year, month, day] = numbers(start);
  if (months) {
    const last = new Date(at(year, month + months + 1, 0)).getUTCDate();
    return iso(at(year, month + months, Math.min(day, last)));
  }
  return iso(at(year, month, day) + ((days ?? 0) + (weeks ?? 0) * 7) * DAY);
}

// What is wrong with what a field holds: "unclear", "early", "late", or nothing. An empty field holds nothing wrong.
/** @type {(field: { value: string, validity: { badInput: boolean } }, earliest: string, latest: string) => string | null} */
export function wrongWith({ value, validity }, earliest, latest) {
  if (!value) {
    return validity.badInput ? "unclear" : null;
  }
  if (/^\d{5}/.test(value)) {
    return "late"; // a year of more than four digits
  }
  return !exists(value) ? "unclear" : value < earliest ? "early" : value > latest ? "late" : null;
}

// Today where the person is.
export function today() {
  const now = new Date();
  return iso(at(now.getFullYear(), now.getMonth() + 1, now.getDate()));
}

/** @type {(day: string, years: number) => string} */
export const inYears = (day, years) => `${Number(day.slice(0, 4)) + years}-12-31`;

// A day in words: "1 februari 2026". `months` are their names, with a space between.
export function inWords(/** @type {string} */ day, /** @type {string} */ months) {
  const [year, month, date] = numbers(day);
  return `${date} ${months.split(" ")[month - 1]} ${year}`;
}

// events: what ends after a span from a start; name: what a calendar shows, which must give nothing away.
/** @type {(file: { events: (Span & { text: string, start: string })[], name: string, stamp: Date }) => string} */
export function calendar({ events, name, stamp }) {
  const made = stamp.toISOString().replace(/[-:]|\.\d+/g, "");
  const lines = events.flatMap((event, number) => [
    "BEGIN:VEVENT",
    `UID:${made}-${number}@wegwijzer.invalid`,
    `DTSTAMP:${made}`,
    `DTSTART;VALUE=DATE:${due(event.start, event).replaceAll("-", "")}`,
    `SUMMARY:${escaped(name)}`,
    `DESCRIPTION:${escaped(event.text)}`,
    "CLASS:PRIVATE",
    "TRANSP:TRANSPARENT",
    "END:VEVENT",
  ]);
  const whole = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Wegwijzer//NL", ...lines, "END:VCALENDAR"];
  return whole.map((line) => `${folded(line)}\r\n`).join("");
}

const escaped = (/** @type {string} */ text) => text.replace(/[\\;,]/g, "\\$&").replace(/\r?\n/g, "\\n");

// No line is longer than 75 bytes; the next part begins with a space. A letter of several bytes is never cut.
function folded(/** @type {string} */ line) {
  let parts = "";
  let room = LINE;
  for (const letter of line) {
    const size = new TextEncoder().encode(letter).length;
    if (size > room) {
      parts += "\r\n ";
      room = LINE - 1;
    }
    parts += letter;
    room -= size;
  }
  return parts;
}
