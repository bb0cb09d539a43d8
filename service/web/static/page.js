// What the pages that decide have in common: their data, what happens on the device alone, and what becomes of faults.

import { byId, element, find, make, part } from "./parts.js";
import { settle } from "./settling.js";

export const data = JSON.parse(byId("data").textContent ?? "");
// Most organisations are alike: what is known of them comes once for all that share it.
for (const [id, one] of Object.entries(data.organisations ?? {})) {
  const calling = { case: "without", body: one.now ?? one.name, ...one.calling };
  Object.assign(one, data.profiles[one.of], { heldBy: one.heldBy ?? id, calling });
}
// Rules come in the order of the rulebase, less what is empty; names to be found by the place of their organisation.
if (data.rulebase && data.finding) {
  const nothing = { doubts: [], sources: [], terms: [] };
  const ids = Object.keys(data.organisations);
  data.rules = Object.fromEntries(
    data.rulebase.rules.map((/** @type {any} */ { id }, /** @type {number} */ at) => [
      id,
      { ...nothing, ...data.rules[at] },
    ]),
  );
  data.finding.entries.forEach((/** @type {any} */ one) => (one.id = ids[one.id] ?? one.id));
}
/** @type {Record<string, string>} */
export const words = data.words;

// What a rule says of a source, by its number.
export function cited(/** @type {number} */ number) {
  const { id, locator, quote } = data.sources[number];
  return make(`source-${id}`, { locator, quote: quote ?? "" }, { verbatim: quote, quote });
}

// Should a page of ours fail, then say so: what was worked out for other answers may not stay, and no form may be sent.
/** @type {<E>(act: (event: E) => void) => (event: E) => void} */
export function careful(act) {
  return (event) => {
    try {
      act(event);
    } catch {
      byId("main").replaceChildren(part("wrong"));
      find(byId("main"), "h1").focus();
      settle();
    }
  };
}

// What stands beside the advice never takes the advice along when it fails: it says so at its own place.
export function beside(/** @type {Element | null} */ box, /** @type {() => void} */ act) {
  try {
    act();
  } catch {
    box?.querySelector("[data-failed]")?.remove();
    box?.append(part("failed"));
  }
}

// From here on the browser itself refuses every request of this page, also to us. A page that is kept for Back would show
// the answers again.
export function shut(/** @type {() => void} */ forget, more = "") {
  const content = `default-src 'none'; img-src data:; form-action 'none'; ${more}`;
  document.head.append(element("meta", "", { httpEquiv: "Content-Security-Policy", content }));
  addEventListener("pagehide", () => {
    forget();
    document.body.replaceChildren();
  });
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
}

export function handOver(/** @type {string} */ text, /** @type {string} */ type, /** @type {string} */ name) {
  const href = URL.createObjectURL(new Blob([text], { type }));
  element("a", "", { href, download: name, target: "_blank" }).click(); // not a page of ours
}
