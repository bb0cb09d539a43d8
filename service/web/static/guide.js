// Copying a line of code from the guide for web teams.

import "./leave.js";

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copies]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
      button.nextElementSibling.textContent = button.dataset.done;
    });
  }
}
