// The questionnaire in a frame on another site. Tells that site one thing: how high the frame must be for the highest
// question at this width. That follows from the width alone, so it says nothing about an answer.

import "./questionnaire.js";

const LEAST = 320, MOST = 2000;
// A list of the whole government and a referral scroll inside, whatever the height: a frame for those would be mostly
// empty below a question, and would have the way out below the fold.
const SCROLLS = ["step-organisation", "step-referral"];

const mode = document.getElementById("mode");
const main = document.getElementById("main");
const held = document.getElementById("held");
let width; // none yet: a frame that is not displayed has a width of 0, and tells a height all the same

function highest() {
  const copy = main.cloneNode(false);
  copy.removeAttribute("id");
  copy.inert = true;
  copy.classList.add("ww-measured");
  document.body.append(copy);
  const heights = [...document.querySelectorAll('template[id^="step-"]')].filter(({ id }) => !SCROLLS.includes(id)).map((one) => {
    copy.replaceChildren(document.getElementById("position").content.cloneNode(true), one.content.cloneNode(true));
    return copy.offsetHeight;
  });
  copy.remove();
  const around = [...document.querySelectorAll(".ww-header, .ww-notices")].map((one) => one.offsetHeight);
  return Math.max(...heights) + around.reduce((sum, one) => sum + one, 0);
}

function tell() {
  if (mode.dataset.mode === "device" && innerWidth !== width) {
    width = innerWidth;
    const px = Math.min(MOST, Math.max(LEAST, highest()));
    parent.postMessage({ wegwijzer: 1, type: "height", px }, "*");
  }
}

// A site can take away more than we ask for: WordPress leaves a frame nothing but scripts. Without forms a browser sends
// none and says nothing of it, not even to us. So no button needs a form here: a press is enough.
const Submit = globalThis.SubmitEvent ?? Event;

addEventListener("click", (event) => {
  const submitter = event.target.closest("button[type=submit]");
  if (submitter && !event.defaultPrevented) {
    event.preventDefault();
    submitter.form.dispatchEvent(new Submit("submit", { bubbles: true, cancelable: true, submitter }));
  }
});

// Whoever takes away forms has taken away the rest as well, which cannot be seen from here: leaving, windows, printing.
// WebKit tells a page of a form that it does not send; there it is the mark of WordPress in the address that says it.
function whole() {
  const form = document.createElement("form");
  let sent = !form.requestSubmit;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    sent = true;
  });
  document.body.append(form);
  form.requestSubmit?.();
  form.remove();
  return sent;
}

held.hidden = whole() && !location.hash.startsWith("#?secret=");
mode.addEventListener("device", tell);
addEventListener("resize", tell);
tell();
