// @ts-check
/** “In view”: the way to the same features without seeing the map; worst first. */

import { get } from "./api.js";
import { byId } from "./dom.js";
import { row } from "./rows.js";
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
    return row(grade, name, `${grade.label} · ${layer.title}`, () => choose(layer.id, String(id)));
  });
  byId("rows").replaceChildren(...rows);
  byId("list-status").textContent = rows.length ? t("list.shown", { n: rows.length, total: view.total }) : t("list.empty");
}
