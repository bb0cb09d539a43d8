// Runs as soon as the page that explains is read: until it is known whether this browser decides by itself, nobody can
// begin, for the first answers would go to the server. A plain script, so that an old browser runs it too.
(function () {
  "use strict";
  var PATIENCE = 25000;
  var impatient = 0;
  var box = /** @type {HTMLElement} */ (document.getElementById("mode"));
  var said = /** @type {HTMLElement} */ (box.querySelector("p"));
  var button = /** @type {HTMLButtonElement} */ (document.querySelector("main button"));
  var careful = location.protocol === "file:" ? box.getAttribute("data-disk") : said.textContent;
  var alone = box.hasAttribute("data-alone"); // no server takes a form: then nobody can begin in the careful way
  /** @type {(mode: string, kind: string, text: string | null) => void} */
  var say = function (mode, kind, text) {
    clearTimeout(impatient);
    box.className = "ww-alert ww-alert--" + kind;
    box.setAttribute("data-mode", mode);
    said.textContent = text;
    button.disabled = mode === "wait" || (mode === "server" && alone);
    if (alone) {
      /** @type {HTMLElement} */ (document.getElementById("alone")).hidden = mode !== "server";
    }
  };
  say("wait", "info", box.getAttribute("data-wait"));
  if (!("noModule" in document.createElement("script"))) {
    say("server", "info", careful);
    return;
  }
  box.addEventListener("device", function () {
    say("device", "safe", box.getAttribute("data-device"));
  });
  var server = function () {
    if (box.getAttribute("data-mode") === "wait") {
      say("server", "info", careful);
    }
  };
  addEventListener("error", server, true); // a script that did not come, or that failed; such an event does not bubble
  impatient = setTimeout(server, PATIENCE);
})();
