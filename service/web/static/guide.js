// Copying a line of code from the guide for web teams.

import "./leave.js";
import { all, byId } from "./parts.js";

for (const button of navigator.clipboard ? all(document, "[data-copies]") : []) {
  const { copies = "", done = "", failed = "" } = button.dataset;
  const said = /** @type {Element} */ (button.nextElementSibling);
  button.hidden = false;
  button.addEventListener("click", () => {
    const copying = navigator.clipboard.writeText(byId(copies).textContent ?? "");
    copying.then(() => (said.textContent = done)).catch(() => (said.textContent = failed)); // a policy may forbid it
  });
}
