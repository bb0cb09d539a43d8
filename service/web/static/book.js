// Finds rules in the book: by a word, and by an answer in a column. Without it all tables stand there whole.

const form = /** @type {HTMLFormElement} */ (document.getElementById("filters"));
const search = /** @type {HTMLInputElement} */ (document.getElementById("find"));
const told = /** @type {HTMLOutputElement} */ (form.querySelector("output"));
const [before = "", after = ""] = (form.dataset.not ?? "").split("{answers}");
const OR = " / ";
const ANY = "-";

const tables = [...document.querySelectorAll(".ww-rules")].map((table) => ({
  table,
  rows: [...table.querySelectorAll("tbody tr")]
    .filter((row) => row.querySelector("[scope=row]"))
    .map((row) => ({
      row: /** @type {HTMLElement} */ (row),
      text: plain(row.textContent ?? ""),
      cells: [...row.children].map((cell) => (cell.textContent ?? "").trim()),
    })),
  selects: /** @type {Map<number, HTMLSelectElement>} */ (new Map()),
}));

// Small letters without accents, so that what is typed in haste is found.
function plain(/** @type {string} */ text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

// A cell names the answers that meet the rule, or those few that do not.
function read(/** @type {string} */ cell) {
  const without = cell.startsWith(before) && cell.endsWith(after) && before + after !== "";
  const named = without ? cell.slice(before.length, cell.length - after.length) : cell;
  return { without, labels: cell === ANY ? [] : named.split(OR) };
}

function holds(/** @type {string} */ cell, /** @type {string} */ answer) {
  const { without, labels } = read(cell);
  return cell === ANY || labels.includes(answer) !== without;
}

function column(/** @type {(typeof tables)[number]} */ one, /** @type {Element} */ head) {
  const place = [...(head.parentElement?.children ?? [])].indexOf(head);
  const labels = new Set(one.rows.flatMap(({ cells }) => read(cells[place] ?? ANY).labels));
  const select = document.createElement("select");
  select.className = "ww-input";
  select.setAttribute("aria-label", head.textContent ?? "");
  select.append(new Option(form.dataset.all, ""), ...[...labels].sort().map((label) => new Option(label)));
  select.addEventListener("change", show);
  one.selects.set(place, select);
  head.append(select);
}

function show() {
  const words = plain(search.value).split(/\s+/);
  let count = 0;
  for (const { table, rows, selects } of tables) {
    const chosen = [...selects].filter(([, select]) => select.value);
    let here = 0;
    for (const { row, text, cells } of rows) {
      const fits = words.every((word) => text.includes(word));
      row.hidden = !fits || !chosen.every(([place, select]) => holds(cells[place] ?? ANY, select.value));
      here += row.hidden ? 0 : 1;
    }
    for (const body of table.querySelectorAll("tbody")) {
      body.hidden = !body.querySelector("tr:not([hidden]) [scope=row]");
    }
    count += here;
  }
  told.textContent = (form.dataset.found ?? "").replace("{count}", String(count));
}

for (const one of tables) {
  for (const head of one.table.querySelectorAll("thead [data-fact]")) {
    column(one, head);
  }
}
search.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
