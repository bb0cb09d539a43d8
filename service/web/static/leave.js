// "Leave this site": by the button, or by pressing Shift three times. Wipes what is on screen and in memory first.
// Every link of ours replaces its page, so that the history holds one entry of this site and Back leads past it.

import "./settling.js";

const link = document.getElementById("exit");
const WITHIN = 5000;

let pages = { place: () => ({ here: 0, furthest: 0 }), forget: () => {} };
export let leaving = false;

// Lets the questionnaire say at which of its history entries it is, which is its last one, and what to forget.
export function beforeLeaving(own) {
  pages = own;
}

// Goes back to the entry by which the person came in and replaces that one. Forward could still reach what lay after
// it: an entry that leads away cuts that off.
async function replaceAll(address, where = location) {
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
function traverse(steps) {
  return new Promise((done) => {
    addEventListener("popstate", done, { once: true });
    setTimeout(done, 1000);
    history.go(steps);
  });
}

export function leave() {
  if (leaving) {
    return;
  }
  const cover = document.createElement("div");
  cover.className = "ww-cover";
  const said = document.createElement("p");
  said.className = "ww-hidden";
  said.setAttribute("role", "alert");
  said.textContent = link.dataset.leaving;
  cover.append(said);
  document.body.replaceChildren(cover);
  document.title = "…";
  // Straight there: our server may be out of reach. Without JavaScript the link goes by way of us, to clear the cache.
  // Of a frame the whole window goes. Where the site around it forbids that, the person is told to close it.
  replaceAll(link.dataset.exit, top.location).catch(() => {
    said.className = "ww-refused";
    said.textContent = link.dataset.refused;
  });
}

document.addEventListener("click", (event) => {
  const to = event.target.closest("a[href]");
  const apart = to && to !== link && to.target;
  const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!to || apart || elsewhere) {
    return;
  }
  event.preventDefault();
  if (to === link) {
    leave();
  } else if (to.hash) {
    // Not by the address: a fragment would be an entry in the history.
    document.getElementById(to.hash.slice(1)).focus();
  } else {
    replaceAll(to.href);
  }
});

let pressed = [];
addEventListener("keydown", (event) => {
  if (event.key !== "Shift") {
    pressed = [];
  } else if (!event.repeat) {
    pressed = [...pressed, event.timeStamp].slice(-3);
  }
  if (pressed.length === 3 && pressed[2] - pressed[0] < WITHIN) {
    leave();
  }
});
