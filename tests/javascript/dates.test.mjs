// Days and deadlines, by the cases that tests/test_deadlines.py runs in Python.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { calendar, due, exists, inWords, inYears, wrongWith } from "../../service/web/static/dates.js";

const cases = JSON.parse(readFileSync(new URL("../deadlines.json", import.meta.url), "utf-8"));
const field = (value, badInput = false) => ({ value, validity: { badInput } });

for (const { start, end, ...span } of cases.deadlines) {
  test(`${JSON.stringify(span)} from ${start} ends on ${end}`, () => assert.equal(due(start, span), end));
}

test("a day exists or it does not", () => {
  assert.deepEqual(cases.days.filter(exists), cases.days);
  assert.deepEqual(cases.noDays.filter(exists), []);
});

test("what is wrong with a day is said", () => {
  const wrong = (...given) => wrongWith(field(...given), "1950-01-01", "2026-11-28");
  assert.equal(wrong(""), null);
  assert.equal(wrong("", true), "unclear");
  assert.equal(wrong("2026-11-28"), null);
  assert.equal(wrong("1950-01-01"), null);
  assert.equal(wrong("2026-11-29"), "late");
  assert.equal(wrong("202601-01-01"), "late");
  assert.equal(wrong("1949-12-31"), "early");
  assert.equal(wrong("2026-02-30"), "unclear");
});

test("a day is said in words, and ten years on is the end of that year", () => {
  assert.equal(inWords("2026-02-01", "januari februari"), "1 februari 2026");
  assert.equal(inYears("2026-02-01", 10), "2036-12-31");
});

test("a calendar file reads back as what was said", () => {
  const text = `Één; twee, drie\\vier\nvijf — ${"ë".repeat(90)}`;
  const events = [{ text, start: "2026-01-31", days: null, weeks: null, months: 1 }];
  const made = calendar({ events, name: "Termijn", stamp: new Date("2026-11-24T12:00:00.123Z") });
  assert.ok(made.endsWith("END:VCALENDAR\r\n"));
  assert.ok(made.split("\r\n").every((line) => new TextEncoder().encode(line).length <= 75));
  const lines = made.replaceAll("\r\n ", "").split("\r\n");
  assert.ok(lines.includes("DTSTART;VALUE=DATE:20260228"));
  assert.ok(lines.includes("UID:20261124T120000Z-0@wegwijzer.invalid"));
  const said = lines.find((line) => line.startsWith("DESCRIPTION:")).slice("DESCRIPTION:".length);
  const read = { "\\n": "\n", "\\;": ";", "\\,": ",", "\\\\": "\\" };
  assert.equal(
    said.replace(/\\./g, (pair) => read[pair]),
    text,
  );
});
