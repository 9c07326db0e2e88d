// @ts-check
/** A siting plan: its card with figures, curve and proof, and what of it is drawn. */

import { get } from "./api.js";
import { drawCurve } from "./curve.js";
import { byId, el } from "./dom.js";
import { gradeOf, markOf, row } from "./rows.js";
import { t } from "./words.js";

const FIRST = 6;
/** @type {Record<string, string>} */
const STATUS = { new: "plan.status.new", existing: "plan.status.existing", required: "plan.status.required" };
/** @type {Record<string, string>} */
const WHY = { no_road_near: "plan.why.no_road_near", no_candidate_in_time: "plan.why.no_candidate_in_time", not_by_this_plan: "plan.why.not_by_this_plan" };

/** @param {any} words text in both languages */
const said = (words) => words[/** @type {"zh" | "en"} */ (document.documentElement.lang.slice(0, 2))] ?? "";

/** @param {string} id @param {AbortSignal} signal */
export const readPlan = (id, signal) => get(`/plans/${encodeURIComponent(id)}`, {}, signal);

/** A share in whole percent, since the data carry no more. @param {number | null} share */
const percent = (share) => (share === null ? "–" : `${share > 0 && share < 0.005 ? "<1" : Math.floor(100 * share + 1e-9)} %`);

/** @param {string} title @param {...(Node | null)} content */
const section = (title, ...content) => el("section", {}, el("h3", { text: title }), ...content);

/** In words how sure it is that there is no better plan. @param {any} plan @param {string} optimal the sentence for a proof */
function proof(plan, optimal) {
  if (plan.status === "optimal") return t(optimal);
  return plan.gap === null ? t("plan.unproved") : t("plan.feasible", { gap: Number((100 * plan.gap).toPrecision(2)) });
}

/** @param {any} plan */
export const proofInShort = (plan) => proof(plan, "plan.optimal.short");

/** @param {any} plan */
export const fromTo = (plan) => (plan.share_before === null ? percent(plan.share) : `${percent(plan.share_before)} → ${percent(plan.share)}`);

/**
 * @param {any} boot @param {any} plan
 * @param {{ choose: (layer: string, id: string) => void, close: () => void, plans: () => void, fly: (at: [number, number]) => void, look: (at: [number, number][]) => void }} acts
 */
export function showPlan(boot, plan, acts) {
  const cameras = plan.subject === "cameras";
  const whole = cameras ? plan.in_view.find((/** @type {any} */ r) => r.kind === "all" && r.grade === "all")?.of : plan.cover.of_weight;
  const card = byId("card");
  card.replaceChildren(
    el("div", { class: "drawer-head" }, el("button", { type: "button", class: "quiet back", text: `‹ ${t("plans")}`, onclick: acts.plans }),
      el("button", { type: "button", class: "quiet icon", "aria-label": t("close"), text: "×", onclick: acts.close })),
    el("h2", { id: "card-name", text: said(plan.name) }),
    el("p", { class: "tags" }, ...plan.notice.map((/** @type {any} */ one) => el("span", { class: "tag", text: said(one) }))),
    el("p", { class: "headline" }, el("strong", { text: fromTo(plan) }), el("span", { class: "secondary", text: t(cameras ? "plan.cameras.share" : "plan.centres.share", { n: plan.cover.n, of: plan.cover.of, minutes: plan.parameters.minutes ?? "" }) })),
    el("p", { class: plan.status === "optimal" ? "proof is-proved" : "proof", text: proof(plan, "plan.optimal") }),
    ...(plan.changed_since.length ? [el("p", { class: "secondary", text: t("plan.changed") })] : []),
    ...(cameras ? cameraFigures(boot, plan) : centreFigures(boot, plan)),
    ...(plan.curve ? [section(t("plan.curve"), drawCurve(plan.curve, plan.new, whole, acts.look))] : []),
    ...(cameras ? cameraRows(plan, acts) : centreRows(boot, plan, acts)),
    proofRows(plan), downloads(plan),
  );
  card.hidden = false;
}

/** @param {string[]} heads @param {HTMLElement[][]} rows cells */
function table(heads, rows) {
  const head = heads.map((text, at) => el("th", { scope: "col", class: at ? "figure" : "", text }));
  return el("table", { class: "figures" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows.map((cells) => el("tr", {}, ...cells))));
}

/** @param {any} grade @param {string} name */
const gradeCell = (grade, name) => el("th", { scope: "row" }, el("span", { class: "graded" }, markOf(grade), el("span", { text: name })));

/** @param {any} text */
const figure = (text) => el("td", { class: "figure", text });

/** What is in view by grade and by town, and what plain circles would claim. @param {any} boot @param {any} plan */
function cameraFigures(boot, plan) {
  const of = (/** @type {string} */ kind, /** @type {string} */ grade) => plan.in_view.find((/** @type {any} */ r) => r.kind === kind && r.grade === grade);
  const change = (/** @type {any} */ seen) => figure(seen ? `${Math.floor(seen.pct_before)} → ${Math.floor(seen.pct_after)} %` : "–");
  const rows = boot.grades.filter((/** @type {any} */ g) => of("all", g.id)).map((/** @type {any} */ g) => [
    gradeCell(g, g.label), change(of("points", g.id)), change(of("roads", g.id)), figure(`${Math.floor(of("all", g.id).pct_circles)} %`),
  ]);
  const heads = ["plan.grade", "plan.points", "plan.roads", "plan.circles"].map((key) => t(key));
  return [section(t("plan.seen"), table(heads, rows), el("p", { class: "secondary", text: t("plan.circles.note") })), ...townFigures(boot, plan)];
}

/** @param {any} boot @param {any} plan */
function townFigures(boot, plan) {
  if (!plan.by_town?.length) return [];
  const rows = plan.by_town.map((/** @type {any} */ town) => {
    const change = town.of ? `${Math.floor(town.pct_before)} → ${Math.floor(town.pct_after)} %` : "–";
    const name = boot.places[town.id] ?? town.name ?? town.id ?? t("plan.no_town");
    return [gradeCell(gradeOf(boot, town.grade), name), figure(town.new_cameras), figure(change)];
  });
  return [section(t("plan.towns"), table(["plan.town", "plan.new", "plan.seen.short"].map((key) => t(key)), rows))];
}

/** Who is reached in time, by grade and by town. @param {any} boot @param {any} plan */
function centreFigures(boot, plan) {
  const count = (/** @type {any} */ one) => [figure(`${one.n} / ${one.of}`), figure(one.of ? percent(one.n / one.of) : "–")];
  const { by_grade: grades = {}, by_town: towns = {} } = plan.cover;
  const byGrade = boot.grades.filter((/** @type {any} */ g) => grades[g.id]).map((/** @type {any} */ g) => [gradeCell(g, g.label), ...count(grades[g.id])]);
  const worst = Object.entries(towns).sort(([, a], [, b]) => a.n / a.of - b.n / b.of);
  const byTown = worst.map(([id, one]) => [el("th", { scope: "row", text: boot.places[id] ?? (id || t("plan.no_town")) }), ...count(one)]);
  const heads = (/** @type {string} */ first) => [t(first), t("plan.reached"), t("plan.share")];
  return [
    ...(byGrade.length ? [section(t("plan.by_grade"), table(heads("plan.grade"), byGrade))] : []),
    ...(Object.keys(towns).some((id) => id) ? [section(t("plan.by_town"), table(heads("plan.town"), byTown))] : []),
  ];
}

/** The first few rows, the others behind a fold. @param {HTMLElement[]} rows */
function folded(rows) {
  const first = el("ul", { class: "rows" }, ...rows.slice(0, FIRST));
  if (rows.length <= FIRST) return [first];
  return [first, el("details", {}, el("summary", { text: t("joint.more", { n: rows.length - FIRST }) }), el("ul", { class: "rows" }, ...rows.slice(FIRST)))];
}

/** New cameras in the order of building. @param {any} plan @param {any} acts */
function cameraRows(plan, acts) {
  const total = plan.in_view.find((/** @type {any} */ r) => r.kind === "all" && r.grade === "all")?.of ?? 1;
  const news = plan.features.filter((/** @type {any} */ f) => f.properties.kind === "camera" && f.properties.status === "new");
  const rows = news.map((/** @type {any} */ one) => {
    const { id, order, phase, heading_deg, hfov_deg, adds } = one.properties;
    const heading = hfov_deg >= 360 ? t("plan.all_round") : t("plan.heading", { deg: Math.round(heading_deg) });
    const detail = [heading, plan.phases.length > 1 ? t("plan.phase", { n: phase }) : "", t("plan.adds", { share: Number((100 * adds / total).toPrecision(1)) })].filter(Boolean).join(" · ");
    return row(null, `${order}. ${id}`, detail, () => acts.fly(one.geometry.coordinates));
  });
  return rows.length ? [section(t("plan.order"), ...folded(rows))] : [];
}

/** Sites with what each is worth, who is not reached, and the clauses. @param {any} boot @param {any} plan @param {any} acts */
function centreRows(boot, plan, acts) {
  const sites = plan.features.filter((/** @type {any} */ f) => f.properties.role === "site");
  const rank = (/** @type {any} */ f) => (f.properties.status === "new" ? 0 : 1);
  sites.sort((/** @type {any} */ a, /** @type {any} */ b) => rank(a) - rank(b) || b.properties.marginal - a.properties.marginal);
  const rows = sites.map((/** @type {any} */ one) => {
    const { id, status, reaches, median_s, lost_without } = one.properties;
    const took = median_s === null ? "" : t("plan.median", { s: median_s });
    const lost = t("plan.loss", { n: lost_without.n, share: percent(lost_without.share) });
    const name = `${t(STATUS[status])} ${id.split("/").pop()}`;
    return row(null, name, [t("plan.reaches", { n: reaches }), took, lost].filter(Boolean).join(" · "), () => acts.fly(one.geometry.coordinates));
  });
  const missed = plan.features.filter((/** @type {any} */ f) => f.properties.role === "demand_not_reached");
  const missing = missed.map((/** @type {any} */ one) => missedRow(boot, one, acts));
  const clauses = plan.clauses.map((/** @type {any} */ one) => el("li", { text: said(one.say) }));
  return [
    section(t("plan.sites"), ...folded(rows)),
    ...(missing.length ? [section(t("plan.missed", { n: missing.length }), ...folded(missing))] : []),
    ...(plan.excluded.n ? [el("p", { class: "secondary", text: t("plan.excluded", { n: plan.excluded.n }) })] : []),
    ...(clauses.length ? [section(t("plan.clauses"), el("details", {}, el("summary", { text: t("plan.clauses.open", { n: clauses.length }) }), el("ul", { class: "reasons" }, ...clauses)))] : []),
  ];
}

/** @param {any} boot @param {any} one @param {any} acts */
function missedRow(boot, one, acts) {
  const { id, why, grade, seconds } = one.properties;
  const [layer, key] = id.includes("/") ? id.split("/") : [null, id];
  const late = seconds === null ? "" : t("plan.after", { s: seconds });
  const open = layer ? () => acts.choose(layer, key) : () => acts.fly(one.geometry.coordinates);
  return row(gradeOf(boot, grade), key, [t(WHY[why]), late].filter(Boolean).join(" · "), open);
}

/** @param {any} plan */
function proofRows(plan) {
  const number = (/** @type {number} */ value) => Number(value.toPrecision(8)).toLocaleString("en", { maximumFractionDigits: 2 });
  const rows = [
    [t("plan.objective"), number(plan.objective)], [t("plan.bound"), number(plan.bound)],
    [t("plan.gap"), plan.gap === null ? "–" : `${Number((100 * plan.gap).toPrecision(2))} %`],
    [t("plan.seconds"), String(plan.seconds)], [t("plan.solver"), `${plan.solver}, seed ${plan.seed}`],
    [t("plan.hash"), plan.input_hash.slice(0, 16)], [t("plan.made"), plan.made_at.slice(0, 16).replace("T", " ")],
  ];
  const list = el("dl", {}, ...rows.flatMap(([title, value]) => [el("dt", { text: title }), el("dd", { text: value })]));
  return section(t("plan.proof"), list, el("p", { class: "secondary", text: t("plan.check", { id: plan.id }) }));
}

/** @param {any} plan */
function downloads(plan) {
  const lang = document.documentElement.lang.slice(0, 2);
  return el("p", { class: "downloads" }, el("a", { class: "button", href: `/plans/${encodeURIComponent(plan.id)}.geojson?lang=${lang}`, download: true, text: t("plan.download") }));
}

/** What of a plan is drawn: fields of view or the area reached, places, and who is not reached. @param {any} plan */
export function planFeatures(plan) {
  const drawn = plan.features.filter((/** @type {any} */ f) => f.geometry && f.properties.role !== "excluded");
  return drawn.map((/** @type {any} */ f) => ({ type: "Feature", geometry: f.geometry, properties: { what: f.properties.kind ?? f.properties.role, fresh: f.properties.status === "new" } }));
}
