// @ts-check
/** The list of joint-prevention groups: filtered, sortable, with its files. */

import { get, work } from "./api.js";
import { byId, el } from "./dom.js";
import { KINDS } from "./joint.js";
import { gradeOf, markOf, row } from "./rows.js";
import { t } from "./words.js";

const MOST = 10000;
/** @type {[string, string][]} kind and sentence of its button */
const CHOICES = [["all", "groups.kind.all"], ["site", "groups.kind.site"], ["alliance", "groups.kind.alliance"], ["area", "groups.kind.area"]];
/** @type {[string, string][]} column and sentence of its heading */
const COLUMNS = [["worst", "groups.worst"], ["name", "groups.name"], ["n", "groups.units"], ["diameter_m", "groups.across"]];

/** @param {string | null} kind @returns {string} a kind that the list knows */
export const kindOf = (kind) => (kind && CHOICES.some(([known]) => known === kind) ? kind : "site");

export class GroupList {
  /** @param {any} boot @param {{ group: (id: string) => void, choose: (layer: string, id: string) => void, kind: (kind: string) => void }} acts */
  constructor(boot, acts) {
    this.boot = boot;
    this.acts = acts;
    this.kind = "site";
    this.major = false;
    this.column = "worst";
    this.down = true;
    /** @type {any} */
    this.read = null;
    this.lang = /** @type {"zh" | "en"} */ (document.documentElement.lang.slice(0, 2));
    const kinds = CHOICES.map(([kind, sentence]) => el("button", { type: "button", class: "choice", "data-kind": kind, "aria-pressed": "false", text: t(sentence), onclick: () => acts.kind(kind) }));
    byId("group-kinds").replaceChildren(...kinds);
    byId("group-build").addEventListener("click", () => this.build());
    const major = /** @type {HTMLInputElement} */ (byId("group-major"));
    major.addEventListener("change", () => {
      this.major = major.checked;
      this.show();
    });
  }

  /** @param {string} kind @param {AbortSignal} signal */
  async open(kind, signal) {
    this.kind = kind;
    byId("groups-status").textContent = t("map.loading");
    this.read = await get("/groups", { limit: MOST }, signal);
    this.show();
  }

  /** Forms all groups anew, by the policy of those before, and shows them. */
  async build() {
    const button = /** @type {HTMLButtonElement} */ (byId("group-build"));
    const before = this.read?.about;
    const inputs = before ? { policy: before.policy, major_only: before.major_only } : {};
    button.disabled = true;
    try {
      const job = await work("groups", inputs, (now) => {
        byId("groups-status").textContent = t("groups.building", { percent: now.progress ?? 0 });
      });
      if (job.status !== "successful") throw new Error(job.problem?.message ?? job.status);
      this.read = await get("/groups", { limit: MOST });
      this.show();
    } catch (error) {
      byId("groups-status").textContent = t("groups.failed", { why: error instanceof Error ? error.message : "" });
    } finally {
      button.disabled = false;
    }
  }

  /** @param {string} column */
  sort(column) {
    this.down = column === this.column ? !this.down : column !== "name";
    this.column = column;
    this.show();
    /** @type {HTMLElement | null} */ (document.querySelector(`#group-table [data-column=${column}]`))?.focus();
  }

  chosen() {
    const { kind, major, column, down, boot, lang } = this;
    const severity = (/** @type {any} */ group) => gradeOf(boot, group.worst)?.severity ?? 0;
    const value = (/** @type {any} */ group) => (column === "worst" ? severity(group) : column === "name" ? group.name[lang] : group[column] ?? -1);
    const fits = (/** @type {any} */ group) => (kind === "all" || group.kind === kind) && (!major || ["red", "orange"].includes(group.worst));
    const found = this.read.groups.filter(fits);
    const order = (/** @type {any} */ a, /** @type {any} */ b) => (typeof a === "string" ? a.localeCompare(b, lang === "zh" ? "zh-CN" : "en") : a - b);
    // The list comes worst first, then largest: a stable sort keeps that among equals.
    return found.sort((/** @type {any} */ a, /** @type {any} */ b) => (down ? -1 : 1) * order(value(a), value(b)));
  }

  show() {
    const { about } = this.read;
    for (const button of document.querySelectorAll("#group-kinds button")) {
      button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.kind === this.kind));
    }
    const found = this.chosen();
    const total = this.read.groups.filter((/** @type {any} */ g) => this.kind === "all" || g.kind === this.kind).length;
    byId("groups-status").textContent = !about ? t("groups.unbuilt") : found.length ? t("groups.shown", { n: found.length, total }) : t("groups.none");
    byId("groups-note").textContent = about ? [t("groups.about", { policy: about.policy, day: about.built_at.slice(0, 10), graded: about.graded, units: about.units }),
      about.changed_since.length ? t("groups.changed") : ""].filter(Boolean).join(" ") : "";
    byId("group-build").textContent = t(about ? "groups.rebuild" : "groups.build");
    byId("group-table").replaceChildren(...(found.length ? [this.heading(), el("tbody", {}, ...found.map((/** @type {any} */ g) => this.line(g)))] : []));
    byId("group-table").hidden = !found.length;
    byId("group-files").replaceChildren(...(about ? ["xlsx", "csv", "geojson"].map((kind) => this.file(kind)) : []));
    byId("group-alone").replaceChildren(...this.alone(about));
  }

  heading() {
    const cells = COLUMNS.map(([column, sentence]) => {
      const sorted = column === this.column ? (this.down ? "descending" : "ascending") : "none";
      const arrow = el("span", { "aria-hidden": "true", text: sorted === "none" ? "" : this.down ? " ↓" : " ↑" });
      const button = el("button", { type: "button", "data-column": column, onclick: () => this.sort(column) }, el("span", { text: t(sentence) }), arrow);
      return el("th", { scope: "col", "aria-sort": sorted }, button);
    });
    return el("thead", {}, el("tr", {}, ...cells));
  }

  /** @param {any} group */
  line(group) {
    const grade = gradeOf(this.boot, group.worst);
    const detail = [this.kind === "all" ? t(KINDS[group.kind]) : "", t("groups.graded", { graded: group.graded })].filter(Boolean).join(" · ");
    const open = el("button", { type: "button", class: "row-open", onclick: () => this.acts.group(group.id) }, el("span", { class: "row-name", text: group.name[this.lang] }), el("span", { class: "secondary", text: detail }));
    const across = group.diameter_m === null ? "–" : Math.round(group.diameter_m).toLocaleString("en");
    return el("tr", { "data-group": group.id }, el("td", {}, markOf(grade), el("span", { class: "unseen", text: grade?.label ?? "" })), el("td", {}, open),
      el("td", { class: "figure", text: group.n }), el("td", { class: "figure", text: across }));
  }

  /** @param {string} kind */
  file(kind) {
    const query = new URLSearchParams({ lang: this.lang });
    if (this.kind !== "all") query.set("kind", this.kind);
    if (this.major) query.set("major", "true");
    return el("a", { class: "button", href: `/groups.${kind}?${query}`, download: true, text: kind.toUpperCase() });
  }

  /** Who has major risk and is in no site group. @param {any} about */
  alone(about) {
    if (!about?.alone.length || !["all", "site"].includes(this.kind)) return [];
    const rows = about.alone.map((/** @type {any} */ one) => row(gradeOf(this.boot, one.grade), one.name ?? one.id, this.read.why_alone[one.why], () => this.acts.choose("enterprises", one.id)));
    return [el("details", {}, el("summary", { text: t("groups.alone", { n: rows.length }) }), el("ul", { class: "rows" }, ...rows))];
  }
}
