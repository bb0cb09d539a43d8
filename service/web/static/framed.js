// The questionnaire in a frame on another site. Tells that site one thing: how high the frame must be for the highest
// question at this width. That follows from the width alone, so it says nothing about an answer. WordPress hears it in
// words of its own, and lets a frame go nowhere but by asking: docs/decisions/012.

import { all, byId, part } from "./parts.js";
import "./questionnaire.js";

const LEAST = 320;
const MOST = 2000;
// A list of the whole government and a referral scroll inside, whatever the height: a frame for those would be mostly
// empty below a question, and would have the way out below the fold.
const SCROLLS = ["step-organisation", "step-referral"];

const mode = byId("mode");
const main = byId("main");
let width = -1; // none yet: a frame that is not displayed has a width of 0, and tells a height all the same
let px = 0;

// By this word WordPress knows its frames; it stands in the address that it gives them.
const secret = /^#\?secret=([A-Za-z0-9]+)$/.exec(location.hash)?.[1];
const toWordPress = (/** @type {{ message: string, value: number | string }} */ said) =>
  secret && parent.postMessage({ ...said, secret }, "*");
// There the height is all there is, without the bound that our own script sets to it: the way out must stay in sight.
const tellWordPress = () => px && toWordPress({ message: "height", value: Math.min(px, screen.availHeight) });

function highest() {
  const copy = /** @type {Part} */ (main.cloneNode(false));
  copy.removeAttribute("id");
  copy.inert = true;
  copy.classList.add("ww-measured");
  document.body.append(copy);
  const steps = all(document, 'template[id^="step-"]').filter(({ id }) => !SCROLLS.includes(id));
  const heights = steps.map(({ id }) => {
    copy.replaceChildren(part(id));
    return copy.offsetHeight;
  });
  copy.remove();
  return all(document, ".ww-header, .ww-notices").reduce((sum, one) => sum + one.offsetHeight, Math.max(...heights));
}

function tell() {
  if (mode.dataset.mode === "device" && innerWidth !== width) {
    width = innerWidth;
    px = Math.min(MOST, Math.max(LEAST, highest()));
    parent.postMessage({ wegwijzer: 1, type: "height", px }, "*");
    tellWordPress();
  }
}

// A site can take away more than we ask for: WordPress leaves a frame nothing but scripts. Without forms a browser sends
// none and says nothing of it, not even to us. So no button needs a form here: a press is enough.
const Submit = globalThis.SubmitEvent ?? Event;

addEventListener("click", (event) => {
  const submitter = /** @type {Element} */ (event.target).closest("button");
  if (submitter?.type === "submit" && !event.defaultPrevented) {
    event.preventDefault();
    submitter.form?.dispatchEvent(new Submit("submit", { bubbles: true, cancelable: true, submitter }));
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

byId("held").hidden = whole() && !secret;
const exit = byId("exit");
exit.addEventListener("refused", () => {
  toWordPress({ message: "link", value: new URL(exit.dataset.by ?? "", location.href).href }); // to our own site alone
});
mode.addEventListener("device", tell);
addEventListener("resize", tell);
addEventListener("message", ({ source, data }) => {
  if (source === parent && data?.message === "ready" && data.secret === secret) {
    tellWordPress(); // its script came later than we
  }
});
tell();
