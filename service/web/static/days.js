// A day as people fill it in, held between two others.

const FOUR = /^\d{4}-\d{2}-\d{2}$/;

export function exists(day) {
  const [year, month, date] = day.split("-").map(Number);
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, date);
  return FOUR.test(day) && at.getUTCMonth() === month - 1 && at.getUTCDate() === date;
}

// What is wrong with what a field holds: "unclear", "early", "late", or nothing. An empty field holds nothing wrong.
export function wrongWith({ value, validity }, earliest, latest) {
  if (!value) {
    return validity.badInput ? "unclear" : null;
  }
  if (/^\d{5}/.test(value)) {
    return "late"; // a year of more than four digits
  }
  if (!exists(value)) {
    return "unclear";
  }
  return value < earliest ? "early" : value > latest ? "late" : null;
}

// Today where the person is.
export function today() {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((one) => String(one).padStart(2, "0")).join("-");
}

export const inYears = (day, years) => `${Number(day.slice(0, 4)) + years}-12-31`;

// A day in words: "1 februari 2026". `months` are their names, with a space between.
export function said(day, months) {
  const [year, month, date] = day.split("-").map(Number);
  return `${date} ${months.split(" ")[month - 1]} ${year}`;
}
