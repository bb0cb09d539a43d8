// What stands in for a text that was not translated gets its language, for whoever hears it. The server does so in what
// it sends (passages.py); this in what scripts put on the page, at once after they did.

const MARKS = /[\u2068\u2069]/;
const FROM = "\u2068";
const language = document.documentElement.dataset.fallback ?? "";

/** @type {(node: Text) => void} */
function say(node) {
  const option = node.parentElement?.closest("option"); // which holds no element
  if (option) {
    option.lang = language;
    node.data = node.data.replace(/[\u2068\u2069]/g, "");
    return;
  }
  /** @type {(string | HTMLElement)[]} */
  const said = [];
  let depth = 0;
  for (const piece of node.data.split(/([\u2068\u2069])/)) {
    if (MARKS.test(piece)) {
      depth = Math.max(0, depth + (piece === FROM ? 1 : -1));
    } else if (piece) {
      said.push(depth ? Object.assign(document.createElement("span"), { lang: language, textContent: piece }) : piece);
    }
  }
  node.replaceWith(...said);
}

/** @type {(node: Node) => void} */
function look(node) {
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let one = node instanceof Text ? node : walker.nextNode(); one; one = walker.nextNode()) {
    if (one instanceof Text && MARKS.test(one.data) && !one.parentElement?.closest("script, style")) {
      found.push(one);
    }
  }
  found.forEach(say);
}

new MutationObserver((changes) => {
  for (const { addedNodes, target, type } of changes) {
    (type === "characterData" ? [target] : addedNodes).forEach(look);
  }
}).observe(document.body, { childList: true, characterData: true, subtree: true });
look(document.body);
