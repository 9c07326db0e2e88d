// @ts-check
/** The search: an ARIA combobox; Ctrl+K reaches it, Enter flies there and opens the card. */

import { get, newest, wasAborted } from "./api.js";
import { byId, el, settled } from "./dom.js";
import { gradeOf, markOf } from "./rows.js";
import { t } from "./words.js";

/** @param {any} boot @param {(layer: string, id: string) => void} choose */
export function createSearch(boot, choose) {
  const input = /** @type {HTMLInputElement} */ (byId("search"));
  const list = byId("found");
  const status = byId("found-status");
  const signal = newest();
  /** @type {any[]} */
  let results = [];
  let active = -1;

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const point = (/** @type {number} */ index) => {
    active = results.length ? (index + results.length) % results.length : -1;
    [...list.children].forEach((row, i) => row.setAttribute("aria-selected", String(i === active)));
    if (active < 0) return;
    input.setAttribute("aria-activedescendant", `found-${active}`);
    list.children[active].scrollIntoView({ block: "nearest" });
  };
  const take = (/** @type {number} */ index) => {
    const result = results[index];
    if (!result) return;
    close();
    input.value = result.name;
    choose(result.layer, result.id);
  };
  const show = (/** @type {string} */ text) => {
    const rows = results.map((result, i) => {
      const node = row(boot, result, i);
      node.addEventListener("mousedown", (event) => event.preventDefault());
      node.addEventListener("click", () => take(i));
      return node;
    });
    const none = el("li", { class: "secondary none", role: "option", "aria-disabled": "true", "aria-selected": "false", text: t("search.none", { text }) });
    list.replaceChildren(...(rows.length ? rows : [none]));
    status.textContent = results.length ? t("search.count", { n: results.length }) : t("search.none", { text });
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    point(0);
  };
  const ask = settled(async () => {
    const text = input.value.trim();
    if (!text) return close();
    try {
      results = (await get("/search", { q: text, limit: 20 }, signal())).results;
      show(text);
    } catch (error) {
      if (wasAborted(error)) return;
      results = [];
      status.textContent = t("error.fetch");
      close();
    }
  }, 120);

  input.addEventListener("input", () => ask());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && list.hidden) ask();
    else if (event.key === "ArrowDown") point(active + 1);
    else if (event.key === "ArrowUp") point(active - 1);
    else if (event.key === "Enter") take(active);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    input.focus();
    input.select();
  });
}

/** @param {any} boot @param {any} result @param {number} index */
function row(boot, result, index) {
  const grade = gradeOf(boot, result.grade);
  const layer = boot.layers.find((/** @type {any} */ l) => l.id === result.layer);
  const where = [layer?.title, result.address].filter(Boolean).join(" · ");
  return el("li", { role: "option", id: `found-${index}`, "aria-selected": "false" }, markOf(grade),
    el("span", { class: "found-text" }, el("span", { text: result.name }), el("span", { class: "secondary", text: where })),
    grade ? el("span", { class: "secondary", text: grade.label }) : null);
}
