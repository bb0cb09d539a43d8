// Copying a line of code from the guide for web teams.

import "./leave.js";

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copies]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const said = button.nextElementSibling;
      try {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
        said.textContent = button.dataset.done;
      } catch {
        said.textContent = button.dataset.failed; // a browser or a policy may forbid it
      }
    });
  }
}
