// @ts-check
/** A row with the mark of a grade, a name and what to know of it: the same in card, lists and groups. */

import { el } from "./dom.js";
import { markSvg } from "./marks.js";

/** @param {any} boot @param {string | null | undefined} id */
export const gradeOf = (boot, id) => boot.grades.find((/** @type {any} */ grade) => grade.id === id) ?? null;

/** @param {any} grade or null: the place stays empty */
export function markOf(grade) {
  const mark = el("span", { class: "grade-mark" });
  if (grade) mark.append(markSvg(grade.shape, grade.colour));
  return mark;
}

/** @param {any} grade its mark, or null for none @param {string} name @param {string} detail @param {(() => void) | null} act what a click does */
export function row(grade, name, detail, act) {
  const shown = { class: grade ? "row" : "row unmarked" };
  const parts = [grade ? markOf(grade) : null, el("span", { class: "row-name", text: name }), el("span", { class: "secondary", text: detail })];
  return el("li", {}, act ? el("button", { type: "button", ...shown, onclick: act }, ...parts) : el("div", shown, ...parts));
}
