// The parts that a page brought along, and how they are filled.

export const byId = (/** @type {string} */ id) => /** @type {Part} */ (document.getElementById(id));
/** @type {(node: ParentNode, selector: string) => Part} */
export const find = (node, selector) => /** @type {Part} */ (node.querySelector(selector));
/** @type {(node: ParentNode, selector: string) => Part[]} */
export const all = (node, selector) => /** @type {Part[]} */ ([...node.querySelectorAll(selector)]);
export const slot = (/** @type {ParentNode} */ node, /** @type {string} */ name) => find(node, `[data-slot="${name}"]`);

/** @type {<T>(items: T[]) => T[]} */
export const unique = (items) => [...new Set(items)];
/** @type {(text: string, values: Record<string, unknown>) => string} */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => `${values[name]}`);

export const part = (/** @type {string} */ id) => /** @type {DocumentFragment} */ (byId(id).content.cloneNode(true));

// A part with its slots filled, less what does not hold.
/** @type {(id: string, slots?: Slots, holds?: Record<string, unknown>) => Part} */
export const make = (id, slots = {}, holds = {}) =>
  fillIn(/** @type {Part} */ (part(id).firstElementChild), slots, holds);

/** @type {<T extends ParentNode>(node: T, slots: Slots, holds?: Record<string, unknown>) => T} */
export function fillIn(node, slots, holds = {}) {
  for (const [name, filling] of Object.entries(slots)) {
    slot(node, name).replaceChildren(...[filling].flat());
  }
  for (const name of Object.keys(holds).filter((one) => !holds[one])) {
    find(node, `[data-part="${name}"], [data-slot="${name}"]`).remove();
  }
  return node;
}

/** @type {(tag: string, text: string, more?: object) => HTMLElement} */
export const element = (tag, text, more) => Object.assign(document.createElement(tag), { textContent: text, ...more });
export const listItem = (/** @type {string} */ text) => element("li", text);
