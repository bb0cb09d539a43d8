// Finds rules in the book: by a word, and by an answer to a question; opens the sentence that somebody comes for.
// Without it everything stands there, folded.

const form = /** @type {HTMLFormElement} */ (document.getElementById("filters"));
const search = /** @type {HTMLInputElement} */ (document.getElementById("find"));
const told = /** @type {HTMLOutputElement} */ (form.querySelector("output"));
const [before = "", after = ""] = (form.dataset.not ?? "").split("{answers}");
const OR = " / ";
const ANY = "-";
const FEW = 30; // rules that are unfolded when they are found

/** @typedef {{ row: HTMLElement, text: string, cells: Map<string, string> }} Row */
/** @typedef {{ box: HTMLElement, rows: Row[] }} Rules */

// A subject with its places, or of one place.
const subjects = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-subject]")]);
const groups = subjects.map((box) => {
  const places = /** @type {HTMLElement[]} */ ([...box.querySelectorAll("[data-place]")]);
  const parts = (places.length ? places : [box]).map((place) => ({ box: place, rows: rowsOf(place) }));
  const rows = parts.flatMap((one) => one.rows);
  return { box, parts, rows, selects: /** @type {Map<string, HTMLSelectElement>} */ (new Map()) };
});

/** @type {(place: HTMLElement) => Row[]} */
function rowsOf(place) {
  const heads = [...place.querySelectorAll("thead th")].map((head) => head.textContent ?? "");
  const facts = [...place.querySelectorAll("thead th")].map((head) => head.matches("[data-fact]"));
  const names = [place, place.parentElement?.closest("[data-subject]")].map(
    (one) => one?.querySelector(":scope > summary, :scope > [data-name]")?.textContent ?? "",
  );
  return [...place.querySelectorAll("tbody tr:has([scope=row]), [data-row]")].map((row) => ({
    row: /** @type {HTMLElement} */ (row),
    text: plain([...names, row.textContent].join(" ")),
    cells: new Map(
      [...row.children].flatMap((cell, at) => (facts[at] ? [[heads[at] ?? "", (cell.textContent ?? "").trim()]] : [])),
    ),
  }));
}

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

// What has no column holds for every answer.
function holds(/** @type {string} */ cell, /** @type {string} */ answer) {
  const { without, labels } = read(cell);
  return cell === ANY || labels.includes(answer) !== without;
}

// A list of answers for each question of a group, folded.
function addFilter(/** @type {(typeof groups)[number]} */ { box, rows, selects }) {
  const lists = document.createElement("div");
  lists.className = "ww-filters";
  for (const fact of new Set(rows.flatMap(({ cells }) => [...cells.keys()]))) {
    const labels = new Set(rows.flatMap(({ cells }) => read(cells.get(fact) ?? ANY).labels));
    const select = document.createElement("select");
    select.className = "ww-input";
    select.append(new Option(form.dataset.all, ""), ...[...labels].sort().map((label) => new Option(label)));
    select.addEventListener("change", show);
    selects.set(fact, select);
    const label = document.createElement("label");
    label.append(fact, select);
    lists.append(label);
  }
  if (!selects.size) {
    return;
  }
  const filter = document.createElement("details");
  filter.className = "ww-details";
  const summary = document.createElement("summary");
  summary.textContent = form.dataset.filter ?? "";
  filter.append(summary, lists);
  box.querySelector("[data-place], .ww-scroll")?.before(filter);
}

/** @type {(part: Rules, asked: boolean) => number} */
function count({ box, rows }, asked) {
  const found = rows.filter(({ row }) => !row.hidden).length;
  const number = box.querySelector(":scope > summary [data-count]");
  if (number) {
    number.textContent = String(found);
  }
  box.hidden = asked && !found;
  return found;
}

// Few that are found are unfolded; where nothing is asked, all is folded as it was.
function unfold(/** @type {HTMLElement} */ box, /** @type {boolean} */ open) {
  const fold = box instanceof HTMLDetailsElement ? box : box.querySelector(":scope > details");
  if (fold instanceof HTMLDetailsElement) {
    fold.open = open;
  }
}

// Hides the rules of a group that do not fit; how many do.
/** @type {(group: (typeof groups)[number], words: string[]) => number} */
function hide({ rows, selects }, words) {
  const chosen = [...selects].filter(([, select]) => select.value);
  for (const { row, text, cells } of rows) {
    const fits = words.every((word) => text.includes(word));
    row.hidden = !fits || !chosen.every(([fact, { value }]) => holds(cells.get(fact) ?? ANY, value));
  }
  return rows.filter(({ row }) => !row.hidden).length;
}

function show() {
  const words = plain(search.value).split(/\s+/).filter(Boolean);
  const all = groups.map((one) => hide(one, words)).reduce((sum, one) => sum + one, 0);
  for (const { box, parts, rows, selects } of groups) {
    const filtered = [...selects.values()].some(({ value }) => value);
    const asked = filtered || words.length > 0;
    const found = count({ box, rows }, words.length > 0);
    unfold(box, filtered || (asked && all <= FEW));
    for (const part of parts.filter((one) => one.box !== box)) {
      count(part, asked);
      unfold(part.box, asked && found <= FEW);
    }
  }
  told.textContent = (form.dataset.found ?? "").replace("{count}", String(all));
}

function arrive(/** @type {Element | null} */ there) {
  if (there?.matches(".ww-sentence")) {
    unfold(/** @type {HTMLElement} */ (there), true);
  }
}

groups.forEach(addFilter);
arrive(document.getElementById(location.hash.slice(1)));
addEventListener("hashchange", () => arrive(document.getElementById(location.hash.slice(1))));
document.addEventListener("focusin", ({ target }) => arrive(/** @type {Element} */ (target)));
search.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
