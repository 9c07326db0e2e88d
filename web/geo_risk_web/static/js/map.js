// @ts-check
/** The map itself: sources, marks, tips, selection. */

import * as maplibre from "../vendor/maplibre-gl/maplibre-gl.mjs";
import { bounds, labelPoint } from "./areas.js";
import { byId, el, isPhone, isStill } from "./dom.js";
import { gradeMark, hatch, icon, markSvg, pixelRatio } from "./marks.js";
import { PALETTES, gradeFilter, isArea, isMarked, isRoad, owner, styleLayers, styleSources } from "./style.js";
import { theme } from "./theme.js";
import { t } from "./words.js";

maplibre.setWorkerUrl(new URL("../vendor/maplibre-gl/maplibre-gl-worker.mjs", import.meta.url).href);

/** @param {any} boot @returns {[string, ImageData][]} */
function pictures(boot) {
  const dark = theme() === "dark";
  return [
    ["hatch", hatch(PALETTES[theme()].hatch)],
    ...boot.grades.map((/** @type {any} */ grade) => [`mark-${grade.id}`, gradeMark(grade, dark)]),
    ...boot.layers.map((/** @type {any} */ layer) => [`icon-${layer.id}`, icon(layer.symbol, layer.colour)]),
  ];
}

/** Room that the panels take, so that “whole city” is the part that can be seen. */
export function padding() {
  const open = ["card", "list", "groups", "plans"].map(byId).filter((drawer) => !drawer.hidden);
  if (isPhone()) return { top: 16, bottom: open.length ? byId("map").clientHeight * 0.6 : 72, left: 16, right: 16 };
  const room = byId("map").clientWidth - 252 - 240;
  const taken = open.reduce((sum, drawer) => sum + drawer.offsetWidth + 8, 0);
  return { top: 32, bottom: 32, left: 252, right: 40 + Math.max(0, Math.min(taken, room)) };
}

/** @param {any} boot @param {any} areas @param {any} fontFaces @param {[number, number, number] | null} view */
export function createMap(boot, areas, fontFaces, view) {
  const box = bounds(areas.city?.features?.[0]?.geometry) ?? boot.extent ?? [73, 18, 135, 54];
  /** @type {any} */
  const map = new maplibre.Map({
    container: "map",
    style: { version: 8, "font-faces": fontFaces, sources: styleSources(boot.layers, areas), layers: styleLayers(boot, theme()) },
    ...(view ? { zoom: view[0], center: [view[2], view[1]] } : { bounds: box, fitBoundsOptions: { padding: padding() } }),
    minZoom: 3, maxZoom: 19, dragRotate: false, pitchWithRotate: false, attributionControl: false, fadeDuration: isStill() ? 0 : 150,
    locale: { "Map.Title": t("map"), "NavigationControl.ZoomIn": t("zoom.in"), "NavigationControl.ZoomOut": t("zoom.out") },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.on("styleimagemissing", () => {});
  for (const [name, picture] of pictures(boot)) map.addImage(name, picture, { pixelRatio });
  map.addControl(new maplibre.ScaleControl({ unit: "metric", maxWidth: 96 }), "bottom-right");
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "bottom-right");
  map.addControl(new HomeControl(box), "bottom-right");
  document.addEventListener("themechange", () => repaint(map, boot));
  return map;
}

class HomeControl {
  /** @param {[number, number, number, number]} box */
  constructor(box) {
    this.box = box;
  }
  /** @param {any} map */
  onAdd(map) {
    const go = () => map.fitBounds(this.box, { padding: padding(), animate: !isStill() });
    this.node = el("div", { class: "maplibregl-ctrl maplibregl-ctrl-group" },
      el("button", { type: "button", class: "home", "aria-label": t("zoom.home"), title: t("zoom.home"), text: "⌂", onclick: go }));
    return this.node;
  }
  onRemove() {
    this.node?.remove();
  }
}

/** @param {any} map @param {any} boot */
function repaint(map, boot) {
  for (const [name, picture] of pictures(boot)) map.updateImage(name, picture);
  for (const layer of styleLayers(boot, theme())) {
    for (const [name, value] of Object.entries(layer.paint ?? {})) map.setPaintProperty(layer.id, name, value);
  }
}

/** @param {any} map @param {any} boot @param {Set<string>} shown @param {string[]} off */
export function showLayers(map, boot, shown, off) {
  const known = new Map(boot.layers.map((/** @type {any} */ layer) => [layer.id, layer]));
  for (const { id } of map.getStyle().layers) {
    const layer = known.get(id === "badges" ? "towns" : owner(id));
    if (!layer) continue;
    map.setLayoutProperty(id, "visibility", shown.has(layer.id) ? "visible" : "none");
    if (isMarked(layer)) map.setFilter(id, off.length ? gradeFilter(off) : null);
  }
}

/** @param {any} map @param {any} boot @param {any} areas @param {any} rollup */
export function showRollup(map, boot, areas, rollup) {
  const by = new Map(rollup.areas.map((/** @type {any} */ area) => [area.id, area]));
  const towns = (areas.towns?.features ?? []).map((/** @type {any} */ town) => {
    const id = town.properties.id ?? town.id;
    return { ...town, properties: { ...town.properties, id, ...(by.get(id) ?? {}) } };
  });
  map.getSource("towns")?.setData({ type: "FeatureCollection", features: towns });
  const badges = towns.flatMap((/** @type {any} */ town) => {
    const at = labelPoint(town.geometry);
    const { id, name, grade, graded = 0, total = 0 } = town.properties;
    const properties = { id, name, grade: grade ?? "no_data", share: `${graded}/${total}` };
    return at ? [{ type: "Feature", geometry: { type: "Point", coordinates: at }, properties }] : [];
  });
  map.getSource("badges").setData({ type: "FeatureCollection", features: badges });
  const names = (areas.surroundings?.features ?? []).flatMap((/** @type {any} */ area) => {
    const at = labelPoint(area.geometry);
    return at ? [{ type: "Feature", geometry: { type: "Point", coordinates: at }, properties: { name: area.properties.name } }] : [];
  });
  map.getSource("neighbours").setData({ type: "FeatureCollection", features: names });
  return by;
}

/** @param {any} map @param {any} boot @param {any} point @returns {{ layer: string, id: string, name: string, grade: string | null } | null} */
function under(map, boot, point) {
  const near = [[point.x - 5, point.y - 5], [point.x + 5, point.y + 5]];
  const touchable = map.getStyle().layers.map((/** @type {any} */ l) => l.id).filter((/** @type {string} */ id) => /^(point|outline|fill|hatch|badges)/.test(id));
  const hits = map.queryRenderedFeatures(near, { layers: touchable });
  const rank = (/** @type {any} */ hit) => (hit.layer.id.startsWith("point:") ? 3 : hit.layer.id === "badges" ? 2 : hit.layer.id.startsWith("outline:") ? 1 : 0);
  const worth = (/** @type {any} */ hit) => rank(hit) * 10 + (boot.grades.find((/** @type {any} */ g) => g.id === hit.properties.grade)?.severity ?? 0);
  const usable = hits.filter((/** @type {any} */ hit) => hit.properties.id && !["city", "surroundings"].includes(owner(hit.layer.id)));
  usable.sort((/** @type {any} */ a, /** @type {any} */ b) => worth(b) - worth(a));
  const hit = usable[0];
  if (!hit) return null;
  const layer = hit.layer.id === "badges" ? "towns" : owner(hit.layer.id);
  return { layer, id: String(hit.properties.id), name: String(hit.properties.name ?? ""), grade: hit.properties.grade ?? null };
}

/** @param {any} map @param {any} boot @param {(found: {layer: string, id: string} | null) => void} choose */
export function listenToPointer(map, boot, choose) {
  const tip = byId("tip");
  map.on("click", (/** @type {any} */ event) => choose(under(map, boot, event.point)));
  map.on("mousemove", (/** @type {any} */ event) => {
    const found = under(map, boot, event.point);
    map.getCanvas().style.cursor = found ? "pointer" : "";
    tip.hidden = !found;
    if (!found) return;
    const grade = boot.grades.find((/** @type {any} */ g) => g.id === found.grade);
    tip.replaceChildren(...(grade ? [markSvg(grade.shape, grade.colour)] : []), el("span", { text: found.name }),
      ...(grade ? [el("span", { class: "secondary", text: grade.label })] : []));
    tip.style.transform = `translate(${event.point.x + 14}px, ${event.point.y + 14}px)`;
  });
  map.on("mouseout", () => (tip.hidden = true));
}

/** @param {any} map @param {any} feature GeoJSON Feature or null @param {boolean} move */
export function select(map, feature, move) {
  const geometry = feature?.geometry ?? null;
  map.getSource("selected")?.setData({ type: "FeatureCollection", features: geometry ? [{ type: "Feature", geometry, properties: {} }] : [] });
  const box = bounds(geometry);
  if (!move || !box) return;
  const moving = { padding: padding(), maxZoom: Math.max(map.getZoom(), 15.5), animate: !isStill(), duration: 600 };
  map.fitBounds(box, moving);
}

/** @param {any} map @param {import("./joint.js").Shapes | null} shapes @param {boolean} move */
export function showJoint(map, shapes, move) {
  const feature = (/** @type {any} */ geometry, properties = {}) => ({ type: "Feature", geometry, properties });
  const features = !shapes ? [] : [
    ...shapes.areas.map((area) => feature(area)),
    ...shapes.lines.map((coordinates) => feature({ type: "LineString", coordinates })),
    ...shapes.members.map(({ at, lead }) => feature({ type: "Point", coordinates: at }, { lead })),
  ];
  map.getSource("joint")?.setData({ type: "FeatureCollection", features });
  const box = bounds({ coordinates: features.map((one) => one.geometry.coordinates) });
  if (move && box) map.fitBounds(box, { padding: padding(), maxZoom: 16, animate: !isStill(), duration: 600 });
}

/** @param {any} map @param {any[]} features of a plan @param {boolean} move to what is new */
export function showPlanOn(map, features, move) {
  map.getSource("plan")?.setData({ type: "FeatureCollection", features });
  lookAt(map, []);
  const news = features.filter((one) => one.properties.fresh && ["camera", "site"].includes(one.properties.what));
  const box = bounds({ coordinates: news.map((one) => one.geometry.coordinates) });
  if (move && box) map.fitBounds(box, { padding: padding(), maxZoom: 16, animate: !isStill(), duration: 600 });
}

/** Where the new sites of another plan would be. @param {any} map @param {[number, number][]} at */
export function lookAt(map, at) {
  const features = at.map((coordinates) => ({ type: "Feature", geometry: { type: "Point", coordinates }, properties: {} }));
  map.getSource("other")?.setData({ type: "FeatureCollection", features });
}

/** @param {any} map @param {[number, number]} at */
export function flyTo(map, at) {
  map.easeTo({ center: at, zoom: Math.max(map.getZoom(), 16), padding: padding(), animate: !isStill(), duration: 600 });
}

export { isArea, isRoad };
