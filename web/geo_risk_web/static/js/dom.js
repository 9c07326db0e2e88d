// @ts-check
/** Building elements: text reaches the page as text only. */

/**
 * @param {string} tag
 * @param {Record<string, string | number | boolean | null | EventListener>} attributes `text` sets textContent; `on…` adds a listener; false and null are left out
 * @param {...(Node | null)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (name === "text") node.textContent = String(value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`the page has no #${id}`);
  return node;
}

/**
 * @template {unknown[]} A
 * @param {(...args: A) => void} run
 * @param {number} milliseconds
 * @returns {(...args: A) => void}
 */
export function settled(run, milliseconds) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...args), milliseconds);
  };
}

export const isPhone = () => matchMedia("(max-width: 720px)").matches;
export const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
