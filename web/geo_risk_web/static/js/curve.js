// @ts-check
/** The trade-off curve of a plan as a drawing: what each further site adds, and how sure that is. */

import { el } from "./dom.js";
import { t } from "./words.js";

const NS = "http://www.w3.org/2000/svg";
const WIDTH = 320;
const HEIGHT = 168;
const EDGE = { left: 40, right: 10, top: 10, bottom: 26 };

/** @typedef {{ p: number, objective: number, share: number, bound: number, status: string, at?: [number, number][] }} Point */

/** @param {string} tag @param {Record<string, string | number>} attributes @param {...Node} children @returns {SVGElement} */
function svg(tag, attributes, ...children) {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** @param {number} x @param {number} y @param {string} text @param {string} anchor */
function words(x, y, text, anchor) {
  const node = svg("text", { x, y, "text-anchor": anchor });
  node.textContent = text;
  return node;
}

/** The next round share above the highest that is drawn. @param {number} most */
const top = (most) => [0.02, 0.1, 0.2, 0.4, 0.6, 0.8, 1].find((step) => step >= most) ?? 1;

/** The bound as a share of all demand: of the same whole as the share. @param {Point} point @param {number} whole */
const boundOf = (point, whole) => (point.status === "optimal" || !whole ? point.share : Math.min(1, point.bound / whole));

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(share < 0.02 && share > 0 ? 1 : 0)} %`;

/**
 * @param {{ points: Point[], knee: number | null }} curve @param {number} chosen how many sites the plan has
 * @param {number} whole the weight of all demand @param {(at: [number, number][]) => void} look shows the new sites of a point
 * @returns {HTMLElement}
 */
export function drawCurve(curve, chosen, whole, look) {
  const { points, knee } = curve;
  const last = points[points.length - 1].p;
  const first = points[0].p;
  const ceiling = top(Math.max(...points.map((one) => boundOf(one, whole))));
  const x = (/** @type {number} */ p) => EDGE.left + ((p - first) / Math.max(1, last - first)) * (WIDTH - EDGE.left - EDGE.right);
  const y = (/** @type {number} */ share) => HEIGHT - EDGE.bottom - (share / ceiling) * (HEIGHT - EDGE.top - EDGE.bottom);
  const path = (/** @type {[number, number][]} */ at) => at.map(([p, share], i) => `${i ? "L" : "M"}${x(p).toFixed(1)} ${y(share).toFixed(1)}`).join("");
  const line = points.map((one) => /** @type {[number, number]} */ ([one.p, one.share]));
  const above = points.map((one) => /** @type {[number, number]} */ ([one.p, boundOf(one, whole)]));
  const marks = points.map((one) => {
    const at = { cx: x(one.p), cy: y(one.share) };
    if (one.p === chosen) return svg("circle", { ...at, r: 5.5, class: "curve-chosen" });
    return svg("circle", { ...at, r: points.length > 30 ? 1.4 : 2.4, class: one.p === knee ? "curve-knee" : "curve-point" });
  });
  const ticks = [0, ceiling / 2, ceiling].flatMap((share) => [
    svg("line", { x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(share), y2: y(share), class: "curve-grid" }),
    words(EDGE.left - 6, y(share) + 4, percent(share), "end"),
  ]);
  const steps = [...new Set([first, Math.round((first + last) / 2), last])].map((p) => words(x(p), HEIGHT - 8, String(p), p === first ? "start" : p === last ? "end" : "middle"));
  const turn = points.find((one) => one.p === knee && one.p !== chosen);
  const label = turn ? [svg("circle", { cx: x(turn.p), cy: y(turn.share), r: 5.5, class: "curve-ring" })] : [];
  const end = points[points.length - 1];
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "curve", role: "img", "aria-label": t("plan.curve.said", { first, last, from: percent(points[0].share), to: percent(end.share) }) },
    ...ticks, svg("path", { d: `${path(above)}L${path([...line].reverse()).slice(1)}Z`, class: "curve-band" }), svg("path", { d: path(line), class: "curve-line" }), ...label, ...marks, ...steps);
  const cursor = svg("line", { y1: EDGE.top, y2: HEIGHT - EDGE.bottom, class: "curve-cursor", visibility: "hidden" });
  drawing.append(cursor);
  const move = (/** @type {Point} */ point) => {
    for (const end of ["x1", "x2"]) cursor.setAttribute(end, String(x(point.p)));
    cursor.setAttribute("visibility", "visible");
    look(point.at ?? []);
  };
  return el("div", {}, drawing, slider(points, chosen, whole, move), legend(chosen, knee, points.some((one) => one.status !== "optimal")), table(points, whole));
}

/** Another number of sites: its figures in words, its sites on the map. @param {Point[]} points @param {number} chosen @param {number} whole @param {(point: Point) => void} move */
function slider(points, chosen, whole, move) {
  const start = Math.max(0, points.findIndex((one) => one.p === chosen));
  const said = (/** @type {Point} */ one) => t("plan.curve.at", { p: one.p, share: percent(one.share), most: percent(boundOf(one, whole)) });
  const words = el("output", { class: "secondary", text: said(points[start]) });
  const input = el("input", { type: "range", id: "plan-slider", min: 0, max: points.length - 1, value: start, "aria-label": t("plan.curve.p"), "aria-valuetext": said(points[start]) });
  input.addEventListener("input", () => {
    const point = points[Number(/** @type {HTMLInputElement} */ (input).value)];
    words.textContent = said(point);
    input.setAttribute("aria-valuetext", said(point));
    move(point);
  });
  return el("div", { class: "slider" }, input, words);
}

/** @param {number} chosen @param {number | null} knee @param {boolean} open whether a point is not proved */
function legend(chosen, knee, open) {
  const said = [t("plan.curve.axes"), t("plan.curve.chosen", { p: chosen }), knee === null ? "" : t("plan.curve.knee", { p: knee }), t(open ? "plan.curve.band" : "plan.curve.proved")];
  return el("p", { class: "secondary", text: said.filter(Boolean).join(" ") });
}

/** @param {Point[]} points @param {number} whole */
function table(points, whole) {
  const rows = points.map((one) => el("tr", {}, el("td", { class: "figure", text: one.p }), el("td", { class: "figure", text: percent(one.share) }), el("td", { class: "figure", text: `≤ ${percent(boundOf(one, whole))}` })));
  const heads = ["plan.curve.p", "plan.curve.share", "plan.curve.bound"].map((key) => el("th", { scope: "col", class: "figure", text: t(key) }));
  return el("details", {}, el("summary", { text: t("plan.curve.table") }), el("table", { class: "figures" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows)));
}
