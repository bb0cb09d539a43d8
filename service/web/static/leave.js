// "Leave this site": by the button, or by pressing Shift three times. Wipes what is on screen and in memory first.
// Every link of ours replaces its page, so that the history holds one entry of this site and Back leads past it.

import "./settling.js";

const link = /** @type {HTMLAnchorElement} */ (document.getElementById("exit"));
const WITHIN = 5000;

let pages = { place: () => ({ here: 0, furthest: 0 }), forget: () => {} };
export let leaving = false;

// Lets the questionnaire say at which of its history entries it is, which is its last one, and what to forget.
export function beforeLeaving(/** @type {typeof pages} */ own) {
  pages = own;
}

// Goes back to the entry by which the person came in and replaces that one. Forward could still reach what lay after
// it: an entry that leads away cuts that off.
async function replaceAll(/** @type {string} */ address, where = location) {
  if (leaving) {
    return;
  }
  leaving = true;
  const { here, furthest } = pages.place();
  pages.forget();
  if (here) {
    await traverse(-here);
  }
  if (furthest) {
    history.pushState(null, "", link.href);
    await traverse(-1);
  }
  where.replace(address);
}

// A step through the history ends with popstate; where none comes, we go on all the same.
function traverse(/** @type {number} */ steps) {
  return new Promise((done) => {
    addEventListener("popstate", done, { once: true });
    setTimeout(done, 1000);
    history.go(steps);
  });
}

function leave() {
  if (leaving) {
    return;
  }
  const { leaving: told = "", exit = "", refused = "" } = link.dataset;
  const said = Object.assign(document.createElement("p"), { className: "ww-hidden", textContent: told });
  said.setAttribute("role", "alert");
  const cover = Object.assign(document.createElement("div"), { className: "ww-cover" });
  cover.append(said);
  document.body.replaceChildren(cover);
  document.title = "…";
  // Straight there: our server may be out of reach. Without JavaScript the link goes by way of us, to clear the cache.
  // Of a frame the whole window goes. Where the site around it forbids that, the person is told to close it.
  replaceAll(exit, top?.location).catch(() => {
    Object.assign(said, { className: "ww-refused", textContent: refused });
    link.dispatchEvent(new Event("refused"));
  });
}

// In another tab or window, by the hand of the person.
const apart = (/** @type {MouseEvent} */ { button, ctrlKey, metaKey, shiftKey, altKey }) =>
  button || ctrlKey || metaKey || shiftKey || altKey;

const bare = (/** @type {{ href: string }} */ { href }) => href.split("#")[0];

function arrive(/** @type {HTMLElement | null} */ there) {
  there?.focus();
  if (there && document.activeElement !== there) {
    there.tabIndex = -1; // a part of the page that takes no focus by itself
    there.focus();
  }
}

document.addEventListener("click", (event) => {
  const to = /** @type {Element} */ (event.target).closest("a");
  if (!to?.href || (to !== link && to.target) || apart(event)) {
    return;
  }
  event.preventDefault();
  if (to === link) {
    leave();
  } else if (to.hash && bare(to) === bare(location)) {
    arrive(document.getElementById(to.hash.slice(1))); // not by the address: a fragment would be an entry in the history
  } else {
    replaceAll(to.href);
  }
});

/** @type {number[]} */
let pressed = [];
addEventListener("keydown", ({ key, repeat, timeStamp }) => {
  pressed = key !== "Shift" ? [] : repeat ? pressed : [...pressed.slice(-2), timeStamp];
  if (pressed.length === 3 && pressed[2] - pressed[0] < WITHIN) {
    leave();
  }
});
