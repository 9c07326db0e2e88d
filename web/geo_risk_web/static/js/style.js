// @ts-check
/** The map's style from the catalogue: pure functions, no map needed. */

export const FONT = ["Noto Sans SC"];

export const PALETTES = {
  light: {
    sea: "#dfe9ec", land: "#f5f3ee", city: "#fbfaf7", cityEdge: "#8b857a", townEdge: "#b5afa3",
    house: "#e6e4df", houseEdge: "#d3d0c9",
    road: "#ffffff", casing: "#d8d3c8", ink: "#1f2328", muted: "#6b6a63", halo: "#fbfaf7",
    hatch: "#c9c9c4", selection: "#ffffff", selectionEdge: "#22384d", plan: "#1d6b62",
  },
  dark: {
    sea: "#0f1a20", land: "#16191c", city: "#1b1f23", cityEdge: "#77726a", townEdge: "#4a4843",
    house: "#2a2f33", houseEdge: "#383e43",
    road: "#33373b", casing: "#24282c", ink: "#e8eaec", muted: "#9aa0a6", halo: "#16191c",
    hatch: "#4d5154", selection: "#ffffff", selectionEdge: "#0b0d0f", plan: "#6fd0c2",
  },
};

/** @typedef {{ id: string, title: string, symbol: string, colour: string, graded: boolean, geometry: string[], zoom: [number, number], label_zoom: number, shown: boolean, total: number, order: number }} Layer */
/** @typedef {{ id: string, colour: string, severity: number, shape: string, mark: string, label: string, level: string }} Grade */

const isDrawnAs = (/** @type {Layer} */ layer, /** @type {string[]} */ symbols) => symbols.includes(layer.symbol);
export const isArea = (/** @type {Layer} */ layer) => isDrawnAs(layer, ["area", "boundary", "land"]);
export const isMarked = (/** @type {Layer} */ layer) => layer.symbol === "grade";
export const isRoad = (/** @type {Layer} */ layer) => layer.symbol === "road";
const isHouse = (/** @type {Layer} */ layer) => layer.symbol === "building";
export const isBase = (/** @type {Layer} */ layer) => isArea(layer) || isRoad(layer) || isHouse(layer);

const polygon = ["==", ["geometry-type"], "Polygon"];
const grade = ["coalesce", ["get", "grade"], "no_data"];

/** @param {Grade[]} grades @param {any} key */
const gradeColour = (grades, key) => ["match", key, ...grades.slice(0, -1).flatMap((g) => [g.id, g.colour]), grades.at(-1)?.colour ?? "#c9c9c4"];

/** @param {Layer} layer @param {any} p palette @param {Grade[]} grades @returns {any[]} */
function areaLayers(layer, p, grades) {
  const base = { source: layer.id, filter: polygon };
  const edge = { type: "line", ...base, layout: { "line-join": "round" } };
  if (layer.symbol === "land") {
    return [{ id: `fill:${layer.id}`, type: "fill", ...base, paint: { "fill-color": p.land } },
      { id: `edge:${layer.id}`, ...edge, paint: { "line-color": p.townEdge, "line-width": 0.6 } }];
  }
  if (layer.symbol === "boundary") return [{ id: `fill:${layer.id}`, type: "fill", ...base, paint: { "fill-color": p.city } }];
  if (layer.id !== "towns") {
    return [{ id: `fill:${layer.id}`, type: "fill", ...base, paint: { "fill-color": p.city, "fill-opacity": 0.01 } },
      { id: `edge:${layer.id}`, ...edge, paint: { "line-color": p.townEdge, "line-width": 0.6, "line-dasharray": [3, 2] } },
      label(layer, p, { "text-field": ["get", "name"] }, { minzoom: 12.5 })];
  }
  const fill = gradeColour(grades, ["coalesce", ["get", "fill"], "no_data"]);
  const known = ["all", polygon, ["!=", ["coalesce", ["get", "fill"], "no_data"], "no_data"]];
  return [
    { id: `fill:${layer.id}`, type: "fill", ...base, filter: known, paint: { "fill-color": fill, "fill-opacity": ["interpolate", ["linear"], ["zoom"], 13, 0.28, 15.5, 0.1] } },
    { id: `hatch:${layer.id}`, type: "fill", ...base, filter: ["all", polygon, ["!", known]], paint: { "fill-pattern": "hatch", "fill-opacity": 0.8 } },
    { id: `inner:${layer.id}`, ...edge, filter: known, paint: { "line-color": fill, "line-width": 1.5, "line-offset": -1.25, "line-opacity": 0.75 } },
    { id: `edge:${layer.id}`, ...edge, paint: { "line-color": p.townEdge, "line-width": 1 } },
  ];
}

/** @param {Layer} layer @param {any} p @param {object} layout @param {object} more */
const label = (layer, p, layout, more = {}) => ({
  id: `label:${layer.id}`, type: "symbol", source: layer.id, ...more,
  layout: { "text-font": FONT, "text-size": 12, "text-padding": 4, "text-max-width": 9, ...layout },
  paint: { "text-color": p.muted, "text-halo-color": p.halo, "text-halo-width": 1.4 },
});

/** Houses are ground, not features: grey, without names, and a click falls through. @param {Layer} layer @param {any} p */
function houseLayers(layer, p) {
  const base = { source: layer.id, "source-layer": layer.id, minzoom: layer.zoom[0] };
  const near = ["interpolate", ["linear"], ["zoom"], 14, 0.5, 15, 1];
  return [
    { id: `house:${layer.id}`, type: "fill", ...base, paint: { "fill-color": p.house, "fill-opacity": near, "fill-antialias": false } },
    { id: `house-edge:${layer.id}`, type: "line", ...base, paint: { "line-color": p.houseEdge, "line-opacity": near, "line-width": ["interpolate", ["linear"], ["zoom"], 14, 0.3, 17, 1] } },
  ];
}

const WIDTHS = { trunk: [1.2, 7], secondary: [0.7, 5], local: [0.3, 3.2] };

/** @param {number} extra px of casing on both sides together */
const roadWidth = (extra) => {
  const at = (/** @type {number} */ i) => ["match", ["coalesce", ["get", "road_class"], "local"],
    "trunk", WIDTHS.trunk[i] + extra, "secondary", WIDTHS.secondary[i] + extra, WIDTHS.local[i] + extra];
  return ["interpolate", ["exponential", 1.4], ["zoom"], 10, at(0), 16, at(1)];
};

const roadOpacity = ["step", ["zoom"], ["match", ["coalesce", ["get", "road_class"], "local"], "local", 0, 1], 12.8, 1];

/** @param {Layer} layer @param {any} p */
function roadLayers(layer, p) {
  const base = { source: layer.id, type: "line", layout: { "line-join": "round", "line-cap": "round" } };
  return [
    { id: `casing:${layer.id}`, ...base, paint: { "line-color": p.casing, "line-width": roadWidth(1.6), "line-opacity": roadOpacity } },
    { id: `line:${layer.id}`, ...base, paint: { "line-color": p.road, "line-width": roadWidth(0), "line-opacity": roadOpacity } },
  ];
}

/** @param {Layer} layer @param {any} p */
const roadLabel = (layer, p) => label(layer, p, { "symbol-placement": "line", "text-size": 11, "text-field": ["get", "name"], "symbol-spacing": 400 }, { id: `label:${layer.id}`, minzoom: 13 });

/** @param {Layer} layer @param {any} p @param {Grade[]} grades */
function pointLayers(layer, p, grades) {
  const tiled = { source: layer.id, "source-layer": layer.id, minzoom: layer.zoom[0] };
  const image = isMarked(layer) ? ["concat", "mark-", grade] : `icon-${layer.id}`;
  const severity = ["match", grade, ...grades.flatMap((g) => [g.id, g.severity]), 0];
  const big = layer.id === "hazard_sources" ? 1.15 : 1;
  const outlines = layer.geometry.includes("outline") ? [
    { id: `outline:${layer.id}`, type: "fill", source: layer.id, "source-layer": `${layer.id}_outline`, minzoom: 14,
      paint: { "fill-color": layer.graded ? gradeColour(grades, grade) : layer.colour, "fill-opacity": 0.28 } },
    { id: `outline-edge:${layer.id}`, type: "line", source: layer.id, "source-layer": `${layer.id}_outline`, minzoom: 14,
      paint: { "line-color": layer.graded ? gradeColour(grades, grade) : layer.colour, "line-width": 1.5 } },
  ] : [];
  return [...outlines, {
    id: `point:${layer.id}`, type: "symbol", ...tiled,
    layout: {
      "icon-image": image, "icon-allow-overlap": true, "icon-ignore-placement": isMarked(layer),
      "icon-size": ["interpolate", ["linear"], ["zoom"], 10, 0.34 * big, 12, 0.46 * big, 14, 0.8 * big, 16, 1 * big],
      "symbol-sort-key": layer.graded ? severity : 0,
      "text-field": ["step", ["zoom"], "", Math.max(14.5, layer.label_zoom), ["get", "name"]],
      "text-font": FONT, "text-size": 12, "text-anchor": "top", "text-offset": [0, 0.9], "text-optional": true, "text-max-width": 9,
    },
    paint: { "text-color": p.ink, "text-halo-color": p.halo, "text-halo-width": 1.4 },
  }];
}

/** @param {any} p */
const selectionLayers = (p) => [
  { id: "selected-edge", type: "line", source: "selected", paint: { "line-color": p.ink, "line-width": 2.5 } },
  { id: "selected-halo", type: "circle", source: "selected", filter: ["==", ["geometry-type"], "Point"],
    paint: { "circle-radius": 13, "circle-color": p.selection, "circle-stroke-color": p.selectionEdge, "circle-stroke-width": 2 } },
];

/** A unit's ring and links, or a group: ink only, since the four colours are grades. @param {any} p */
const jointLayers = (p) => [
  { id: "joint-area", type: "fill", source: "joint", filter: polygon, paint: { "fill-color": p.ink, "fill-opacity": 0.06 } },
  { id: "joint-edge", type: "line", source: "joint", filter: polygon, paint: { "line-color": p.ink, "line-width": 1.5, "line-dasharray": [4, 3] } },
  { id: "joint-link", type: "line", source: "joint", filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": p.ink, "line-width": 1.2, "line-opacity": 0.65 } },
  { id: "joint-member", type: "circle", source: "joint", filter: ["==", ["geometry-type"], "Point"],
    paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 11, 5, 15, ["case", ["get", "lead"], 15, 12]], "circle-color": p.selection,
      "circle-stroke-color": p.selectionEdge, "circle-stroke-width": ["case", ["get", "lead"], 3, 1.5] } },
];

const isWhat = (/** @type {string[]} */ ...kinds) => ["in", ["get", "what"], ["literal", kinds]];
const fresh = ["boolean", ["get", "fresh"], false];

/** A siting plan in ink: what is seen or reached beneath, places above; what is new is stronger. @param {any} p */
const planLayers = (p) => [
  { id: "plan-area", type: "fill", source: "plan", filter: isWhat("area"), paint: { "fill-color": p.plan, "fill-opacity": 0.14 } },
  { id: "plan-view", type: "fill", source: "plan", filter: isWhat("view"), paint: { "fill-color": p.plan, "fill-opacity": ["case", fresh, 0.42, 0.16] } },
  { id: "plan-edge", type: "line", source: "plan", filter: isWhat("area", "view"), paint: { "line-color": p.plan, "line-width": ["case", fresh, 1.4, 0.7], "line-opacity": 0.8 } },
  { id: "plan-missed", type: "circle", source: "plan", filter: isWhat("demand_not_reached"), paint: { "circle-radius": 9, "circle-opacity": 0, "circle-stroke-color": p.ink, "circle-stroke-width": 1.5 } },
];

/** @param {any} p */
const planPlaces = (p) => ({
  id: "plan-place", type: "circle", source: "plan", filter: isWhat("camera", "site"),
  paint: {
    "circle-radius": ["interpolate", ["linear"], ["zoom"], 11, ["case", ["==", ["get", "what"], "site"], ["case", fresh, 8, 5], ["case", fresh, 4, 1.5]], 15, ["case", ["==", ["get", "what"], "site"], ["case", fresh, 11, 8], ["case", fresh, 6, 4]]],
    "circle-color": ["case", fresh, p.plan, p.selection], "circle-stroke-color": ["case", fresh, p.selection, p.plan],
    "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 11, ["case", fresh, 1.5, 0.8], 15, 2],
  },
});

/** @param {any} p */
const badgeLayer = (p) => ({
  id: "badges", type: "symbol", source: "badges", maxzoom: 15,
  layout: {
    "icon-image": ["concat", "mark-", ["get", "grade"]], "icon-size": 0.85, "icon-anchor": "bottom", "icon-allow-overlap": true, "icon-ignore-placement": true,
    "text-field": ["format", ["get", "name"], {}, "\n", {}, ["get", "share"], { "font-scale": 0.8 }],
    "text-font": FONT, "text-size": ["interpolate", ["linear"], ["zoom"], 10, 12, 14, 15], "text-anchor": "top", "text-offset": [0, 0.1], "text-optional": true, "text-line-height": 1.25,
  },
  paint: { "text-color": p.ink, "text-halo-color": p.halo, "text-halo-width": 2.2 },
});

/**
 * @param {{ layers: Layer[], grades: Grade[] }} boot
 * @param {"light" | "dark"} theme
 * @returns {any[]} style layers, bottom first
 */
export function styleLayers(boot, theme) {
  const p = PALETTES[theme];
  const { layers, grades } = boot;
  const areas = layers.filter(isArea);
  const roads = layers.filter(isRoad);
  const points = layers.filter((layer) => !isBase(layer));
  const hasSea = layers.some((layer) => layer.id === "city" && layer.total > 0);
  return [
    { id: "background", type: "background", paint: { "background-color": hasSea ? p.sea : p.land } },
    ...areas.flatMap((layer) => areaLayers(layer, p, grades)),
    ...layers.filter(isHouse).flatMap((layer) => houseLayers(layer, p)),
    ...roads.flatMap((layer) => roadLayers(layer, p)),
    { id: "edge:city", type: "line", source: "city", layout: { "line-join": "round" }, paint: { "line-color": p.cityEdge, "line-width": 1.6 } },
    ...roads.map((layer) => roadLabel(layer, p)),
    ...(layers.some((layer) => layer.id === "surroundings") ? [label({ .../** @type {Layer} */ (layers.find((l) => l.id === "surroundings")), id: "neighbours" }, p, { "text-field": ["get", "name"] }, { maxzoom: 14 })] : []),
    ...jointLayers(p),
    ...planLayers(p),
    ...selectionLayers(p),
    ...points.flatMap((layer) => pointLayers(layer, p, grades)),
    planPlaces(p),
    { id: "plan-other", type: "circle", source: "other", paint: { "circle-radius": 9, "circle-color": p.plan, "circle-opacity": 0.25, "circle-stroke-color": p.ink, "circle-stroke-width": 2.2 } },
    badgeLayer(p),
  ];
}

const EMPTY = { type: "FeatureCollection", features: [] };

/** @param {Layer[]} layers @param {Record<string, any>} areas GeoJSON by layer id */
export function styleSources(layers, areas) {
  /** @type {Record<string, any>} */
  const sources = { joint: geojson(EMPTY), plan: geojson(EMPTY), other: geojson(EMPTY), selected: geojson(EMPTY), badges: geojson(EMPTY), neighbours: geojson(EMPTY), city: geojson(EMPTY) };
  for (const layer of layers) {
    if (isArea(layer) || isRoad(layer)) sources[layer.id] = geojson(areas[layer.id] ?? EMPTY);
    else {
      const tiles = [`${location.origin}/collections/${layer.id}/tiles/WebMercatorQuad/{z}/{y}/{x}`];
      sources[layer.id] = { type: "vector", tiles, minzoom: Math.min(layer.zoom[0], 14), maxzoom: 16 };
    }
  }
  return sources;
}

/** @param {any} data */
const geojson = (data) => ({ type: "geojson", data });

/** @param {string} styleLayer @returns {string} the layer of the catalogue that a style layer draws */
export const owner = (styleLayer) => {
  const id = styleLayer.slice(styleLayer.indexOf(":") + 1);
  return id === "neighbours" ? "surroundings" : id;
};

/** @param {string[]} off grades filtered out */
export const gradeFilter = (off) => ["!", ["in", grade, ["literal", off]]];
