// @ts-check
/** The list of siting plans, and the form that makes a new one. */

import { get, work } from "./api.js";
import { byId, el } from "./dom.js";
import { fromTo, proofInShort } from "./plan.js";
import { t } from "./words.js";

const MOST = 1000;
const CAMERAS = "cameras";
const SECONDS = 60;
/** @type {Record<string, { sentence: string, usual: number }>} its words, and how many new ones are asked for at first */
const SUBJECTS = {
  cameras: { sentence: "plans.subject.cameras", usual: 40 },
  fire_station: { sentence: "plans.subject.fire_station", usual: 4 },
  rescue_team: { sentence: "plans.subject.rescue_team", usual: 4 },
  depot: { sentence: "plans.subject.depot", usual: 3 },
  shelter: { sentence: "plans.subject.shelter", usual: 5 },
};

export class PlanList {
  /** @param {any} boot @param {{ plan: (id: string) => void }} acts */
  constructor(boot, acts) {
    this.acts = acts;
    this.lang = /** @type {"zh" | "en"} */ (document.documentElement.lang.slice(0, 2));
    /** @type {AbortController | null} */
    this.working = null;
    byId("plan-form").replaceChildren(...this.fields(boot));
    byId("plan-form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.working) this.working.abort();
      else this.make();
    });
    this.subject().addEventListener("change", () => this.fit());
    this.fit();
  }

  subject() {
    return /** @type {HTMLSelectElement} */ (byId("plan-subject"));
  }

  /** @param {any} boot */
  fields(boot) {
    const option = (/** @type {string} */ value, /** @type {string} */ text) => el("option", { value, text });
    const subjects = Object.entries(SUBJECTS).map(([kind, one]) => option(kind, t(one.sentence)));
    const towns = Object.entries(boot.towns).map(([id, name]) => option(id, name));
    const field = (/** @type {string} */ sentence, /** @type {HTMLElement} */ input) => el("label", { class: "field" }, el("span", { text: t(sentence) }), input);
    return [
      field("plans.what", el("select", { id: "plan-subject" }, ...subjects)),
      field("plans.p", el("input", { id: "plan-p", type: "number", min: 0, max: 200, required: true })),
      field("plans.town", el("select", { id: "plan-town" }, option("", t("plans.city")), ...towns)),
      el("label", { class: "check", id: "plan-crossings-field" }, el("input", { id: "plan-crossings", type: "checkbox" }), el("span", { text: t("plans.crossings") })),
      el("button", { id: "plan-make", class: "button", type: "submit", text: t("plans.make") }),
    ];
  }

  /** Shows what the chosen subject needs. */
  fit() {
    const kind = this.subject().value;
    /** @type {HTMLInputElement} */ (byId("plan-p")).value = String(SUBJECTS[kind].usual);
    byId("plan-town").parentElement?.toggleAttribute("hidden", kind !== CAMERAS);
    byId("plan-crossings-field").hidden = kind === CAMERAS;
  }

  inputs() {
    const kind = this.subject().value;
    const p = Number(/** @type {HTMLInputElement} */ (byId("plan-p")).value);
    const common = { p, time_limit: SECONDS };
    if (kind === CAMERAS) return { ...common, town: /** @type {HTMLSelectElement} */ (byId("plan-town")).value };
    return { ...common, purpose: kind, crossings: /** @type {HTMLInputElement} */ (byId("plan-crossings")).checked };
  }

  async make() {
    const process = this.subject().value === CAMERAS ? "camera-plan" : "centre-plan";
    this.working = new AbortController();
    byId("plan-make").textContent = t("plans.cancel");
    try {
      const job = await work(process, this.inputs(), (now) => {
        byId("plan-status").textContent = t("plans.making", { percent: now.progress ?? 0, now: now.message ?? "" });
      }, this.working.signal);
      if (job.status === "dismissed") throw new Error(t("plans.dismissed"));
      if (job.status !== "successful") throw new Error([job.problem?.message, job.problem?.fix].filter(Boolean).join("。") || job.status);
      const made = await get(`/jobs/${job.jobID}/results`);
      byId("plan-status").textContent = "";
      await this.open();
      this.acts.plan(made.id);
    } catch (error) {
      byId("plan-status").textContent = t("plans.failed", { why: error instanceof Error ? error.message : "" });
    } finally {
      this.working = null;
      byId("plan-make").textContent = t("plans.make");
    }
  }

  /** @param {AbortSignal} [signal] */
  async open(signal) {
    const { plans } = await get("/plans", { limit: MOST }, signal);
    byId("plans-status").textContent = plans.length ? "" : t("plans.none");
    byId("plan-rows").replaceChildren(...plans.map((/** @type {any} */ plan) => this.line(plan)));
  }

  /** @param {any} plan */
  line(plan) {
    const notice = plan.notice.map((/** @type {any} */ one) => one[this.lang])[0] ?? "";
    const open = el("button", { type: "button", class: "row-open", "data-plan": plan.id, onclick: () => this.acts.plan(plan.id) },
      el("span", { class: "row-name", text: plan.name[this.lang] }),
      el("span", { class: "secondary", text: `${fromTo(plan)} · ${proofInShort(plan)}` }),
      notice ? el("span", { class: "secondary", text: notice }) : null);
    return el("li", {}, open);
  }
}
