// A page that has just come takes no press for half a second. Whoever presses twice, or again because nothing seemed to
// happen, means the page that is gone: the second press would choose an answer that nobody read.
// The way out always works, and so does the link past the head of the page, which chooses nothing. What a script presses
// is no second press of a hand, and counts.

const SETTLES = 500; // milliseconds, from when the page was seen
const LONGEST = 1000; // to wait for that: of a frame out of sight nothing is painted
const PRESSES = ["Enter", " ", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];
const PRESSED = "a, button, input, label, select, summary";

const { dataset } = document.documentElement;
let takes = Infinity; // from when on a press counts, by the clock of events
let turns = 0;
let refused = false; // a press that began too early, and whose click is still to come
const held = new Set(); // keys that went down too early and are not up yet

// Says that another page has taken, or is about to take, the place of the one that was pressed. What can wait until it was
// seen is done then, before it takes a press.
export function settle(afterwards = /** @type {(event?: any) => void} */ (() => {})) {
  const turn = (turns += 1);
  takes = Infinity;
  dataset.settling = "yes";
  const seen = () => {
    if (turn === turns && takes === Infinity) {
      takeFrom(performance.now() + SETTLES);
      afterwards();
    }
  };
  requestAnimationFrame(() => requestAnimationFrame(seen));
  setTimeout(seen, LONGEST);
}

function takeFrom(/** @type {number} */ time) {
  const turn = turns;
  takes = time;
  dataset.settling = "yes";
  setTimeout(() => turn === turns && (dataset.settling = "no"), time - performance.now());
}

// The way out always works, and so does the link past the head of the page.
const early = (/** @type {any} */ { isTrusted, timeStamp, target }) =>
  isTrusted && timeStamp < takes && !target.closest?.("#exit, .nl-skip-link");

function refuse(/** @type {Event} */ event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** @type {Record<string, (event: any) => void>} */
const LISTENERS = {
  pointerdown: (event) => (refused = early(event)),
  pointercancel: () => (refused = false),
  // Focus stays where the new page put it.
  mousedown: (event) => (refused || early(event)) && event.preventDefault(),
  click: (event) => {
    if (early(event) || (refused && event.isTrusted && event.detail)) {
      refuse(event);
    }
    refused = false;
  },
  keydown: (event) => {
    const presses = PRESSES.includes(event.key) && event.target.closest?.(PRESSED);
    if (presses && (early(event) || (event.repeat && held.has(event.code)))) {
      held.add(event.code);
      refuse(event);
    }
  },
  keyup: (event) => held.delete(event.code) && event.preventDefault(),
};

Object.entries(LISTENERS).forEach(([name, listen]) => addEventListener(name, listen, true));
dataset.guarded = ""; // style sheets hang on this, and not on what turns with every page: that would style all of it anew
settle();
for (const { startTime } of performance.getEntriesByName("first-contentful-paint")) {
  takeFrom(startTime + SETTLES); // the page was seen before this script came
}
