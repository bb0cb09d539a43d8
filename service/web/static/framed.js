// The questionnaire in a frame on another site. Tells that site one thing: how high the frame must be for the highest
// question at this width. That follows from the width alone, so it says nothing about an answer.

import "./questionnaire.js";

const LEAST = 320, MOST = 2000;
// A list of the whole government and a referral scroll inside, whatever the height: a frame for those would be mostly
// empty below a question, and would have the way out below the fold.
const SCROLLS = ["step-organisation", "step-referral"];

const mode = document.getElementById("mode");
const main = document.getElementById("main");
let width = 0;

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

mode.addEventListener("device", tell);
addEventListener("resize", tell);
tell();
