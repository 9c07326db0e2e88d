// @ts-check
/** Starts the page and keeps map, legend, list, card and address bar in step. */

import { get, newest, wasAborted } from "./api.js";
import { readCard, showCard } from "./card.js";
import { byId, isPhone, settled } from "./dom.js";
import { GroupList, kindOf } from "./groups.js";
import { groupShapes, linkShapes, readGroup, showGroup } from "./joint.js";
import { createLayerPanel } from "./layers.js";
import { createLegend } from "./legend.js";
import { inView, showList } from "./list.js";
import { createMap, flyTo, isArea, isRoad, listenToPointer, lookAt, select, showJoint, showLayers, showPlanOn, showRollup } from "./map.js";
import { planFeatures, readPlan, showPlan } from "./plan.js";
import { PlanList } from "./plans.js";
import { countExternalRequests } from "./requests.js";
import { createSearch } from "./search.js";
import { readState, writeState } from "./state.js";
import { isMarked } from "./style.js";
import { toggleTheme } from "./theme.js";
import { setWords, t } from "./words.js";

const MOST_AREAS = 2000;
const DRAWERS = ["list", "groups", "plans"];

/** @param {string} text */
function notice(text) {
  byId("notice").textContent = text;
  byId("notice").hidden = !text;
}

/** @param {any} boot @returns {Promise<Record<string, any>>} */
async function readAreas(boot) {
  const drawn = boot.layers.filter((/** @type {any} */ l) => (isArea(l) || isRoad(l)) && l.total);
  const pages = drawn.map((/** @type {any} */ l) => get(`/collections/${l.id}/items`, { limit: MOST_AREAS }));
  const read = await Promise.all(pages);
  return Object.fromEntries(drawn.map((/** @type {any} */ l, /** @type {number} */ i) => [l.id, read[i]]));
}

/** @param {any} boot @param {any} rollup @param {any} areas */
function showStatus(boot, rollup, areas) {
  byId("status-demo").textContent = boot.notice ?? t("status.real");
  const said = (/** @type {any} */ text) => (typeof text === "string" ? text : text?.[boot.lang] ?? "");
  /** @type {Record<string, string>} */
  const words = { ...Object.fromEntries(boot.grades.map((/** @type {any} */ g) => [g.id, g.label])), graded: t("status.graded") };
  const worded = said(rollup.formula).replace(/[a-z_]+/g, (/** @type {string} */ word) => words[word] ?? word).replaceAll("*", "×");
  const formula = [said(rollup.title), worded].filter(Boolean).join(" ");
  if (formula && areas.towns) byId("status-fill").textContent = t("status.fill", { formula });
  const origin = areas.towns?.features?.[0]?.properties?.origin ?? areas.city?.features?.[0]?.properties?.origin;
  if (origin) byId("status-origin").textContent = t("status.origin", { origin });
}

/** Everything the page shows that depends on what is looked at. */
class Page {
  /** @param {any} boot @param {any} areas @param {any} map @param {import("./state.js").State} state */
  constructor(boot, areas, map, state) {
    this.boot = boot;
    this.areas = areas;
    this.map = map;
    this.state = state;
    /** @type {Map<string, any>} */
    this.rollup = new Map();
    /** @type {Record<string, Record<string, number>>} */
    this.counts = {};
    const usable = boot.layers.filter((/** @type {any} */ l) => (state.layers ? state.layers.includes(l.id) : l.shown));
    this.shown = new Set(usable.map((/** @type {any} */ l) => l.id));
    this.cardSignal = newest();
    this.countSignal = newest();
    this.drawerSignal = newest();
    /** @type {any} */
    this.acts = {
      choose: (/** @type {string} */ layer, /** @type {string} */ id) => this.open(layer, id, true),
      group: (/** @type {string} */ id) => this.openGroup(id, true),
      kind: (/** @type {string} */ kind) => this.listGroups(kind),
      list: () => this.listGroups(this.state.groups ?? "site"),
      plan: (/** @type {string} */ id) => this.openPlan(id, true),
      plans: () => this.listPlans(),
      fly: (/** @type {[number, number]} */ at) => flyTo(map, at),
      look: (/** @type {[number, number][]} */ at) => lookAt(map, at),
      close: () => this.close(),
    };
    this.groups = new GroupList(boot, this.acts);
    this.plans = new PlanList(boot, this.acts);
    this.setCounts = createLegend(boot, state.off, (off) => this.filter(off));
    createLayerPanel(boot, this.shown, () => this.toggled());
    createSearch(boot, this.acts.choose);
  }

  /** @param {string[]} off */
  filter(off) {
    this.state.off = off;
    showLayers(this.map, this.boot, this.shown, off);
    this.look();
  }

  toggled() {
    this.state.layers = [...this.shown];
    this.filter(this.state.off);
  }

  bbox() {
    const box = this.map.getBounds();
    const clamp = (/** @type {number} */ x, /** @type {number} */ most) => Math.max(-most, Math.min(most, x)).toFixed(6);
    return [clamp(box.getWest(), 180), clamp(box.getSouth(), 90), clamp(box.getEast(), 180), clamp(box.getNorth(), 90)].join(",");
  }

  marked() {
    return this.boot.layers.filter((/** @type {any} */ l) => isMarked(l) && this.shown.has(l.id) && l.total).reverse();
  }

  /** Counts, list and address follow the view. */
  async look() {
    const centre = this.map.getCenter();
    this.state.view = [this.map.getZoom(), centre.lat, centre.lng];
    writeState(this.state);
    const layers = this.marked();
    const signal = this.countSignal();
    try {
      const ids = layers.map((/** @type {any} */ l) => l.id).join(",");
      this.counts = ids ? (await get("/counts", { layers: ids, bbox: this.bbox() }, signal)).counts : {};
      /** @type {Record<string, number>} */
      const sums = {};
      for (const per of Object.values(this.counts)) {
        for (const [grade, n] of Object.entries(per)) sums[grade] = (sums[grade] ?? 0) + n;
      }
      this.setCounts(sums);
      if (!byId("list").hidden) await this.fillList(signal);
    } catch (error) {
      if (!wasAborted(error)) notice(t("error.fetch"));
    }
  }

  /** @param {AbortSignal} signal */
  async fillList(signal) {
    const view = { layers: this.marked(), off: this.state.off, bbox: this.bbox(), counts: this.counts };
    showList(await inView(this.boot, view, signal), this.acts.choose);
  }

  /** @param {string} layer @param {string} id @param {boolean} move */
  async open(layer, id, move) {
    try {
      const read = await readCard(this.boot, layer, id, this.cardSignal());
      this.reveal(layer);
      const area = layer === "towns" ? this.rollup.get(id) : null;
      showCard(this.boot, read, area, this.acts);
      this.settle({ at: [layer, id] }, move);
      showJoint(this.map, read.joint ? linkShapes(read.joint) : null, false);
      select(this.map, read.feature, move);
    } catch (error) {
      if (!wasAborted(error)) notice(t("card.error"));
    }
  }

  /** @param {string} id @param {boolean} move */
  async openGroup(id, move) {
    try {
      const group = await readGroup(id, this.cardSignal());
      this.reveal(group.kind === "area" ? "towns" : "enterprises");
      showGroup(this.boot, group, this.acts);
      this.settle({ group: id }, move);
      select(this.map, null, false);
      showJoint(this.map, groupShapes(group, this.areas), move);
    } catch (error) {
      if (!wasAborted(error)) notice(t("card.error"));
    }
  }

  /** @param {string} id @param {boolean} move */
  async openPlan(id, move) {
    try {
      const plan = await readPlan(id, this.cardSignal());
      showPlan(this.boot, plan, this.acts);
      this.settle({ plan: id }, move);
      select(this.map, null, false);
      showJoint(this.map, null, false);
      showPlanOn(this.map, planFeatures(plan), move);
    } catch (error) {
      if (!wasAborted(error)) notice(t("card.error"));
    }
  }

  /**
   * A card was put up: on a phone it takes the place of the lists. A plan stays drawn under the
   * cards of what lies in it.
   * @param {{ at?: [string, string], group?: string, plan?: string }} shown @param {boolean} move
   */
  settle(shown, move) {
    if (isPhone()) this.closeDrawers();
    const { at = null, group = null, plan = null } = shown;
    Object.assign(this.state, { at, group, plan: plan ?? (at ? this.state.plan : null) });
    if (!this.state.plan) showPlanOn(this.map, [], false);
    if (move) byId("card").focus({ preventScroll: true });
    byId("card").scrollTop = 0;
    writeState(this.state);
  }

  /** @param {string} kind */
  async listGroups(kind) {
    this.state.groups = kindOf(kind);
    await this.openDrawer("groups", (signal) => this.groups.open(this.state.groups ?? "", signal));
  }

  async listPlans() {
    this.state.plans = true;
    await this.openDrawer("plans", (signal) => this.plans.open(signal));
  }

  /** One list at a time beside the map. @param {string} id @param {(signal: AbortSignal) => Promise<void>} fill */
  async openDrawer(id, fill) {
    const opening = byId(id).hidden;
    this.closeDrawers(id);
    if (isPhone() && opening) this.close();
    byId(id).hidden = false;
    byId(`${id}-toggle`).setAttribute("aria-expanded", "true");
    writeState(this.state);
    if (opening) byId(id).focus({ preventScroll: true });
    try {
      await fill(this.drawerSignal());
    } catch (error) {
      if (!wasAborted(error)) byId(`${id}-status`).textContent = t("error.fetch");
    }
  }

  /** @param {string} [kept] the one that stays */
  closeDrawers(kept) {
    for (const id of DRAWERS.filter((one) => one !== kept)) {
      byId(id).hidden = true;
      byId(`${id}-toggle`).setAttribute("aria-expanded", "false");
    }
    if (kept !== "groups") this.state.groups = null;
    if (kept !== "plans") this.state.plans = false;
    writeState(this.state);
  }

  /** What was asked for is drawn, even when its layer was off. @param {string} layer */
  reveal(layer) {
    if (this.shown.has(layer)) return;
    const box = /** @type {HTMLInputElement | null} */ (document.querySelector(`input[data-layer="${layer}"]`));
    if (box) box.checked = true;
    this.shown.add(layer);
    this.toggled();
  }

  close() {
    byId("card").hidden = true;
    Object.assign(this.state, { at: null, group: null, plan: null });
    select(this.map, null, false);
    showJoint(this.map, null, false);
    showPlanOn(this.map, [], false);
    writeState(this.state);
    this.map.getCanvas().focus({ preventScroll: true });
  }

  async listView() {
    await this.openDrawer("list", () => this.look());
  }
}

/** @param {Page} page */
function listenToFrame(page) {
  byId("theme").addEventListener("click", toggleTheme);
  /** @type {Record<string, () => void>} */
  const open = { list: () => page.listView(), groups: page.acts.list, plans: page.acts.plans };
  for (const id of DRAWERS) {
    byId(`${id}-toggle`).addEventListener("click", () => (byId(id).hidden ? open[id]() : page.closeDrawers()));
    document.querySelector(`[data-close=${id}]`)?.addEventListener("click", () => page.closeDrawers());
  }
  document.querySelector(".skip")?.addEventListener("click", (event) => {
    event.preventDefault();
    page.listView();
  });
  byId("menu").addEventListener("click", () => {
    const open = byId("layers").classList.toggle("is-open");
    byId("menu").setAttribute("aria-expanded", String(open));
  });
  byId("language").addEventListener("click", (event) => {
    event.preventDefault();
    const other = /** @type {HTMLAnchorElement} */ (byId("language")).search;
    location.assign(`${location.pathname}${other}${location.hash}`);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (!byId("card").hidden) page.close();
    else page.closeDrawers();
  });
}

async function start() {
  const fonts = fetch("/static/vendor/fonts.json").then((answer) => (answer.ok ? answer.json() : {}));
  const boot = await get("/boot.json");
  setWords(boot.messages);
  countExternalRequests();
  const areas = await readAreas(boot);
  const places = Object.values(areas).flatMap((page) => page.features.map((/** @type {any} */ f) => [f.properties.id, f.properties.name]));
  boot.places = Object.fromEntries(places);
  boot.towns = Object.fromEntries((areas.towns?.features ?? []).map((/** @type {any} */ f) => [f.properties.id, f.properties.name]));
  const state = readState();
  const fly = !state.view;
  const map = createMap(boot, areas, await fonts, state.view);
  const page = new Page(boot, areas, map, state);
  listenToFrame(page);
  map.on("load", async () => {
    showLayers(map, boot, page.shown, state.off);
    listenToPointer(map, boot, (found) => (found ? page.open(found.layer, found.id, false) : page.close()));
    map.on("moveend", settled(() => page.look(), 150));
    notice(boot.layers.some((/** @type {any} */ l) => l.total) ? "" : t("map.empty"));
    const rollup = await get("/rollup", { level: "town" }).catch(() => ({ areas: [] }));
    page.rollup = showRollup(map, boot, areas, rollup);
    showStatus(boot, rollup, areas);
    await page.look();
    if (state.groups) await page.listGroups(state.groups);
    else if (state.plans) await page.listPlans();
    if (state.plan) await page.openPlan(state.plan, fly && !state.at);
    if (state.group) await page.openGroup(state.group, fly);
    else if (state.at) await page.open(state.at[0], state.at[1], fly);
    document.documentElement.dataset.ready = "true";
  });
}

start().catch((error) => {
  console.error(error);
  notice(document.documentElement.lang === "en" ? "The map could not start. Reload the page." : "地图未能启动，请刷新页面。");
});
