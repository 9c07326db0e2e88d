// @ts-check
/** The layer panel: what is drawn, in three groups. */

import { byId, el } from "./dom.js";
import { isBase, isMarked } from "./style.js";
import { t } from "./words.js";

/** @param {any} boot @param {Set<string>} shown @param {(shown: Set<string>) => void} changed */
export function createLayerPanel(boot, shown, changed) {
  const groups = [
    ["layers.graded", boot.layers.filter(isMarked).reverse()],
    ["layers.other", boot.layers.filter((/** @type {any} */ l) => !isMarked(l) && !isBase(l)).reverse()],
    ["layers.base", boot.layers.filter(isBase).reverse()],
  ];
  for (const [title, layers] of groups) {
    const used = layers.filter((/** @type {any} */ layer) => layer.total > 0);
    if (!used.length) continue;
    const list = el("ul", {}, ...used.map((/** @type {any} */ layer) => row(layer, shown, changed)));
    byId("layer-groups").append(el("fieldset", {}, el("legend", { text: t(title) }), list));
  }
}

/** @param {any} layer @param {Set<string>} shown @param {(shown: Set<string>) => void} changed */
function row(layer, shown, changed) {
  const box = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", checked: shown.has(layer.id), "data-layer": layer.id }));
  box.addEventListener("change", () => {
    if (box.checked) shown.add(layer.id);
    else shown.delete(layer.id);
    changed(shown);
  });
  const label = el("label", { title: layer.note || null }, box, el("span", { text: layer.title }), el("span", { class: "count", text: layer.total }));
  return el("li", {}, label);
}
