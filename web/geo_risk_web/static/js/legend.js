// @ts-check
/** The legend is the filter: each grade a button with mark, name and live count. */

import { byId, el } from "./dom.js";
import { markSvg } from "./marks.js";
import { t } from "./words.js";

/** @param {any} boot @param {string[]} off @param {(off: string[]) => void} changed */
export function createLegend(boot, off, changed) {
  const hidden = new Set(off);
  const buttons = boot.grades.map((/** @type {any} */ grade) => {
    const count = el("span", { class: "count", text: "–" });
    const button = el("button", { type: "button", class: "grade", "aria-pressed": String(!hidden.has(grade.id)), "data-grade": grade.id },
      el("span", { class: "grade-mark" }), el("span", { class: "grade-letter", "aria-hidden": "true", text: grade.letter }),
      el("span", { class: "grade-label", text: grade.label }), count);
    button.firstElementChild?.append(markSvg(grade.shape, grade.colour));
    button.addEventListener("click", () => {
      if (!hidden.delete(grade.id)) hidden.add(grade.id);
      button.setAttribute("aria-pressed", String(!hidden.has(grade.id)));
      changed([...hidden]);
    });
    byId("grades").append(el("li", {}, button));
    return [grade.id, count];
  });
  /** @param {Record<string, number>} counts per grade */
  return (counts) => {
    let shown = 0;
    let total = 0;
    for (const [id, node] of buttons) {
      const n = counts[id] ?? 0;
      node.textContent = String(n);
      total += n;
      if (!hidden.has(id)) shown += n;
    }
    byId("legend-status").textContent = byId("legend-hint").textContent = t("legend.of", { n: shown, total });
  };
}
