/** “In view”: the way to the same features without seeing the map; worst first. */

import { get } from "./api.js";
import { byId, el } from "./dom.js";
import { markSvg } from "./marks.js";
import { t } from "./words.js";

const MOST = 50;

/**
 * @param {any} boot
 * @param {{ layers: any[], off: string[], bbox: string, counts: Record<string, Record<string, number>> }} view
 * @param {AbortSignal} signal
 */
export async function inView(boot, view, signal) {
  const found = [];
  let total = 0;
  for (const grade of boot.grades) {
    if (view.off.includes(grade.id)) continue;
    for (const layer of view.layers) {
      const n = view.counts[layer.id]?.[grade.id] ?? 0;
      total += n;
      if (!n || found.length >= MOST) continue;
      const query = { bbox: view.bbox, grade: grade.id, limit: MOST - found.length };
      const page = await get(`/collections/${layer.id}/items`, query, signal);
      found.push(...page.features.map((/** @type {any} */ feature) => ({ layer, grade, feature })));
    }
  }
  return { found, total };
}

/** @param {{ found: any[], total: number }} view @param {(layer: string, id: string) => void} choose */
export function showList(view, choose) {
  const rows = view.found.map(({ layer, grade, feature }) => {
    const { id, name } = feature.properties;
    const mark = el("span", { class: "grade-mark" });
    mark.append(markSvg(grade.shape, grade.colour));
    const open = () => choose(layer.id, String(id));
    return el("li", {}, el("button", { type: "button", class: "row", onclick: open }, mark,
      el("span", { class: "row-name", text: name }), el("span", { class: "secondary", text: `${grade.label} · ${layer.title}` })));
  });
  byId("rows").replaceChildren(...rows);
  byId("list-status").textContent = rows.length ? t("list.shown", { n: rows.length, total: view.total }) : t("list.empty");
}
