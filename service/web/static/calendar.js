// Terms as an iCalendar file (RFC 5545), made on the device. Whole days, computed in UTC so that no time zone shifts them.

const DAY = 24 * 60 * 60 * 1000;
const LINE = 75;

// The day on which a term ends. A month that lacks the day ends on its last one.
export function due(start, { days, weeks, months }) {
  const [year, month, day] = start.split("-").map(Number);
  if (months) {
    const last = new Date(at(year, month + months, 0)).getUTCDate();
    return iso(at(year, month - 1 + months, Math.min(day, last)));
  }
  return iso(at(year, month - 1, day) + ((days ?? 0) + (weeks ?? 0) * 7) * DAY);
}

// Date.UTC would make 1926 of the year 26.
const at = (...day) => new Date(0).setUTCFullYear(...day);

// events: [{id, text, start, days, weeks, months}]; name: what a calendar shows, which must give nothing away.
export function calendar({ events, name, stamp }) {
  const made = stamp.toISOString().replace(/[-:]|\.\d+/g, "");
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Wegwijzer//NL",
    ...events.flatMap((event, number) => {
      const day = due(event.start, event);
      return [
        "BEGIN:VEVENT",
        `UID:${made}-${number}@wegwijzer.invalid`,
        `DTSTAMP:${made}`,
        `DTSTART;VALUE=DATE:${day.replaceAll("-", "")}`,
        `SUMMARY:${escaped(name)}`,
        `DESCRIPTION:${escaped(event.text)}`,
        "CLASS:PRIVATE",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
      ];
    }),
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join("");
}

const iso = (time) => new Date(time).toISOString().slice(0, 10);

const escaped = (text) => text.replace(/[\\;,]/g, "\\$&").replace(/\r?\n/g, "\\n");

// No line is longer than 75 bytes; the next part begins with a space. A letter of several bytes is never cut.
function folded(line) {
  const parts = [""];
  let room = LINE;
  for (const letter of line) {
    const size = new TextEncoder().encode(letter).length;
    if (size > room) {
      parts.push("");
      room = LINE - 1;
    }
    parts[parts.length - 1] += letter;
    room -= size;
  }
  return parts.join("\r\n ");
}
