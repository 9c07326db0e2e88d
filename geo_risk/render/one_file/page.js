// The page of the one-file map. All text from the data reaches the page by textContent only.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const map = window.map_geo_risk;
  const zh = data.lang === "zh";
  const say = (chinese, english) => (zh ? chinese : english);
  const grades = data.palette.grades;
  const severity = Object.fromEntries(grades.map((style, i) => [style.grade, grades.length - i]));
  const hiddenGrades = new Set();
  const state = { theme: "light", selected: null };
  const { Mark, Area, Line, renderer, redraw, legendMark, styleOf } = makeDrawing(data, map, state);

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    for (const child of children) {
      node.append(child instanceof Node ? child : document.createTextNode(String(child)));
    }
    return node;
  }

  // ---- features ---------------------------------------------------------------------------
  const at = (column, i) => (column.at ? column.values[column.at[i]] : column.values[i]);
  const layers = data.layers.map((layer) => ({ ...layer, on: layer.shown, n: layer.ids.length, paths: [], labels: [] }));
  const byId = Object.fromEntries(layers.map((layer) => [layer.id, layer]));
  const gradeAt = (layer, i) => (layer.grades ? at(layer.grades, i) : null);
  const isArea = (layer) => layer.kinds[0] === "area";
  const isMark = (layer) => layer.kinds.includes("point") && !isArea(layer);
  const position = (layer, i) =>
    layer.places[2 * i] === null ? null : L.latLng(layer.places[2 * i + 1], layer.places[2 * i]);
  // The city is tinted only where no finer units are shown over it.
  const tinted = (layer) => layer.id !== "city" || !(byId.towns && byId.towns.on && byId.towns.n);
  const EDGES = {
    city: { colour: "boundary-city", width: 1.6 },
    villages: { colour: "boundary-town", width: 0.6, dash: [4, 3] },
  };
  const ROAD_FROM_ZOOM = { secondary: 11, local: 13 };
  const group = L.featureGroup();
  const labels = L.layerGroup();
  const markOf = new Map();

  function add(layer, i, path) {
    layer.paths.push(path);
    group.addLayer(path);
    return path;
  }

  function options(layer, i, kind) {
    return { renderer, layer, i, kind, grade: gradeAt(layer, i), roadClass: at(layer.classes, i), hidden: false, interactive: layer.id !== "surroundings" };
  }

  function addShapes(layer) {
    const lines = layer.shapes.filter((shape) => shape[1] === "line");
    for (const [i, kind, parts] of layer.shapes) {
      if (kind !== "area") continue;
      const edge = EDGES[layer.id] || { colour: "boundary-town", width: 1 };
      const land = layer.id === "city" || layer.symbol === "land";
      const path = new Area(parts, { ...options(layer, i, "area"), fillGrade: at(layer.fills, i), land, tinted, edge });
      markOf.set(`${layer.id}/${i}`, add(layer, i, path));
    }
    for (const [i, , parts] of lines) add(layer, i, new Line(parts, { ...options(layer, i, "line"), casing: true, interactive: false }));
    for (const [i, , parts] of lines) {
      markOf.set(`${layer.id}/${i}`, add(layer, i, new Line(parts, { ...options(layer, i, "line"), casing: false })));
    }
  }

  function addMarks(layer) {
    const order = layer.ids.map((_, i) => i);
    if (layer.graded) order.sort((a, b) => severity[gradeAt(layer, a)] - severity[gradeAt(layer, b)]);
    for (const i of order) {
      const place = position(layer, i);
      if (!place) continue;
      const style = layer.graded ? styleOf[gradeAt(layer, i)] : null;
      const shape = style ? style.shape : layer.symbol === "cross" ? "cross" : "circle";
      const path = new Mark(place, { ...options(layer, i, "mark"), shape, fill: style ? style.colour : layer.colour, radius: 5 });
      markOf.set(`${layer.id}/${i}`, add(layer, i, path));
    }
  }

  function addLabels(layer) {
    if (!["towns", "villages", "surroundings"].includes(layer.id)) return;
    layer.names.forEach((name, i) => {
      const place = position(layer, i);
      if (!place) return;
      const icon = L.divIcon({ className: "label", iconSize: [0, 0], html: el("span", {}, name) });
      layer.labels.push(L.marker(place, { icon, interactive: false, keyboard: false }));
    });
  }

  layers.forEach(addShapes);
  layers.filter((layer) => layer.kinds.includes("point")).forEach((layer) => isMark(layer) && addMarks(layer));
  layers.forEach(addLabels);

  // ---- what is shown ----------------------------------------------------------------------
  function refresh() {
    const zoom = map.getZoom();
    const radius = zoom < 11 ? 4 : zoom < 13 ? 5 : zoom < 15 ? 6.5 : 8;
    for (const layer of layers) {
      const inZoom = zoom >= Math.min(layer.zoom[0], 19);
      for (const path of layer.paths) {
        const o = path.options;
        const filtered = layer.graded && !isArea(layer) && hiddenGrades.has(o.grade);
        o.hidden = !layer.on || !inZoom || filtered || zoom < (ROAD_FROM_ZOOM[o.roadClass] || 0);
        if (o.kind === "mark") path._radius = o.radius = layer.graded ? radius : radius * 0.7;
      }
      const named = layer.on && inZoom && zoom >= Math.min(layer.label_zoom, layer.id === "towns" ? 10.5 : 99);
      for (const label of layer.labels) {
        if (named) labels.addLayer(label);
        else labels.removeLayer(label);
      }
    }
    redraw();
    count();
  }

  // ---- frame ------------------------------------------------------------------------------
  document.title = data.title;
  const main = el("main", { "aria-label": say("地图", "Map") });
  main.append(map.getContainer());
  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", say("风险地图", "Risk map"));
  const status = el("p", { class: "silent", role: "status" });

  const input = el("input", {
    type: "search", role: "combobox", "aria-expanded": "false", "aria-controls": "results", autocomplete: "off",
    "aria-label": say("搜索名称、地址、代码", "Search names, addresses, codes"),
    placeholder: say("搜索 名称 · 地址 · 代码", "Search name · address · code"),
  });
  const results = el("ul", { class: "results", id: "results", role: "listbox", "aria-label": say("搜索结果", "Results") });
  const themeButton = el("button", { class: "icon", type: "button", "aria-label": say("深浅色切换", "Light or dark"), onclick: () => theme(state.theme === "light" ? "dark" : "light") }, "◐");
  const header = el("header", {}, el("h1", {}, data.title), el("div", { class: "search" }, input, results), themeButton);
  const footer = el("footer", {}, el("span", { class: "notice" }, data.notice),
    el("span", { class: "still" }, say("离线单文件 · 0 个外部请求", "Offline file · 0 requests")));
  document.body.prepend(header, main, footer);
  document.body.append(status);

  const counts = {};
  const total = el("p", { class: "total" });
  const legend = el("section", { class: "panel legend", "aria-label": say("图例与筛选", "Legend and filter") },
    el("h2", {}, say("风险等级", "Risk grade")),
    el("ul", {}, ...grades.map((style) => {
      counts[style.grade] = el("span", { class: "count" });
      const button = el("button", { type: "button", "aria-pressed": "true", "data-grade": style.grade },
        legendMark(style), el("span", { class: "letter" }, style.letter), el("span", { class: "name" }, style.label[data.lang]),
        el("span", { class: "level", "aria-hidden": "true" }, style.level[data.lang]), counts[style.grade]);
      button.addEventListener("click", () => {
        const shown = hiddenGrades.delete(style.grade) || !hiddenGrades.add(style.grade);
        button.setAttribute("aria-pressed", String(shown));
        refresh();
      });
      return el("li", {}, button);
    })), total);

  const counted = layers.filter((layer) => layer.graded && isMark(layer));
  function count() {
    const found = {};
    let all = 0;
    let seen = 0;
    for (const layer of counted) {
      if (!layer.on) continue;
      for (let i = 0; i < layer.n; i++) {
        const grade = gradeAt(layer, i);
        found[grade] = (found[grade] || 0) + 1;
        all += 1;
        if (!hiddenGrades.has(grade)) seen += 1;
      }
    }
    for (const style of grades) counts[style.grade].textContent = found[style.grade] || 0;
    total.textContent = say(`显示 ${seen} / ${all} 项`, `${seen} of ${all} shown`);
    status.textContent = total.textContent;
  }

  const small = matchMedia("(max-width: 640px)").matches;
  const control = el("details", { class: "panel layers", open: !small },
    el("summary", {}, say("图层", "Layers")),
    ...layers.slice().reverse().map((layer) => {
      const box = el("input", { type: "checkbox", "data-layer": layer.id });
      box.checked = layer.on;
      box.addEventListener("change", () => {
        layer.on = box.checked;
        refresh();
      });
      return el("label", {}, box, layer.title, el("span", { class: "count" }, layer.n));
    }));

  // ---- card -------------------------------------------------------------------------------
  const card = el("aside", { class: "panel card", tabindex: "-1", hidden: true, "aria-label": say("要素卡片", "Feature") });
  function close() {
    card.hidden = true;
    select(null);
  }
  function select(path) {
    if (state.selected) state.selected.options.selected = false;
    state.selected = path;
    if (path) {
      path.options.selected = true;
      if (path.options.kind === "mark") path.bringToFront();
    }
    redraw();
  }
  function open(layer, i) {
    const grade = gradeAt(layer, i);
    const style = grade && styleOf[grade];
    const why = at(layer.reasons, i);
    const rows = layer.columns.map((column) => [column.label, at(column, i)]);
    rows.push([say("定位级别", "Placed by"), at(layer.level, i)], [say("编号", "Id"), layer.ids[i]]);
    const list = el("dl");
    for (const [label, value] of rows) {
      if (value !== null && value !== "" && value !== undefined) list.append(el("dt", {}, label), el("dd", {}, value));
    }
    card.replaceChildren(
      el("div", { class: "top" }, el("h2", { class: "name" }, layer.names[i]),
        el("button", { class: "icon", type: "button", "aria-label": say("关闭", "Close"), onclick: close }, "×")),
      el("p", { class: "kind" }, layer.title));
    if (style) card.append(el("p", { class: "grade" }, legendMark(style), `${style.label[data.lang]} · ${style.level[data.lang]}`));
    if (why.length) card.append(el("h3", {}, say("为什么", "Why")), el("ul", { class: "why" }, ...why.map((line) => el("li", {}, line))));
    card.append(list);
    if (layer.coarse) card.append(el("p", { class: "note" }, say("位置已概略到约 1 公里", "Position given to about 1 km")));
    if (!position(layer, i)) card.append(el("p", { class: "note" }, say("未定位，不在图上", "Not placed, so not on the map")));
    card.hidden = false;
    card.scrollTop = 0;
    card.focus({ preventScroll: true });
    select(markOf.get(`${layer.id}/${i}`) || null);
  }
  main.append(legend, control, card);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      input.focus();
    }
  });

  // ---- search -----------------------------------------------------------------------------
  const SEARCHED = new Set(["address", "code", "credit_code"]);
  const entries = [];
  for (const layer of layers) {
    if (layer.id === "surroundings") continue;
    const columns = layer.columns.filter((column) => SEARCHED.has(column.name));
    layer.names.forEach((name, i) => {
      const text = [name, layer.ids[i], ...columns.map((column) => at(column, i) || "")].join("\n").toLowerCase();
      entries.push({ layer, i, text, name: name.toLowerCase() });
    });
  }
  entries.reverse();
  let found = [];
  let chosen = 0;
  function find() {
    const words = input.value.trim().toLowerCase();
    const hits = words ? entries.filter((entry) => entry.text.includes(words)) : [];
    const whole = (entry) => entry.layer.ids[entry.i].toLowerCase() === words;
    const rank = (entry) => (whole(entry) ? -1 : entry.name.startsWith(words) ? 0 : entry.name.includes(words) ? 1 : 2);
    found = hits.sort((a, b) => rank(a) - rank(b)).slice(0, 12);
    chosen = 0;
    list();
    if (words) status.textContent = say(`找到 ${hits.length} 项`, `${hits.length} found`);
  }
  function list() {
    input.setAttribute("aria-expanded", String(found.length > 0));
    results.replaceChildren(...found.map(({ layer, i }, row) => {
      const grade = gradeAt(layer, i);
      const item = el("li", { role: "option", id: `result-${row}`, "aria-selected": String(row === chosen) });
      if (grade) item.append(legendMark(styleOf[grade]));
      item.append(el("span", { class: "name" }, layer.names[i]), el("span", { class: "of" }, layer.title));
      item.addEventListener("mousedown", (event) => {
        event.preventDefault();
        go(row);
      });
      return item;
    }));
    if (found.length) input.setAttribute("aria-activedescendant", `result-${chosen}`);
    else input.removeAttribute("aria-activedescendant");
  }
  function go(row) {
    const { layer, i } = found[row];
    found = [];
    list();
    if (!layer.on) control.querySelector(`[data-layer="${layer.id}"]`).click();
    const place = position(layer, i);
        if (place) map.setView(place, Math.max(map.getZoom(), isArea(layer) ? 12 : 15), { animate: false });
    open(layer, i);
    // On a phone the card is a sheet over the lower half: lift the place above it.
    if (place && card.offsetWidth === main.offsetWidth) map.panBy([0, card.offsetHeight / 2], { animate: false });
  }
  input.addEventListener("input", find);
  input.addEventListener("blur", () => {
    found = [];
    list();
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      chosen = (chosen + step + found.length) % found.length;
      list();
    } else if (event.key === "Enter" && found.length) go(chosen);
  });

  // ---- map --------------------------------------------------------------------------------
  function theme(name) {
    state.theme = name;
    document.documentElement.dataset.theme = name;
    redraw();
  }
  const bounds = L.latLngBounds([]);
  const framing = ["city", "towns"].map((id) => byId[id]).find((layer) => layer && layer.shapes.length);
  for (const layer of framing ? [framing] : layers.filter((one) => one.id !== "surroundings")) {
    for (const path of layer.paths) bounds.extend(path.options.kind === "mark" ? path.getLatLng() : path.getBounds());
  }
  map.invalidateSize();
  if (bounds.isValid()) map.fitBounds(bounds, { padding: [24, 24], maxZoom: 16, animate: false });
  group.addTo(map);
  labels.addTo(map);
  L.control.zoom({ position: "topleft", zoomInTitle: say("放大", "Zoom in"), zoomOutTitle: say("缩小", "Zoom out") }).addTo(map);
  L.control.scale({ position: "bottomright", imperial: false }).addTo(map);
  group.on("click", (event) => {
    const { layer, i } = event.sourceTarget.options;
    L.DomEvent.stopPropagation(event);
    open(layer, i);
  });
  map.on("click", close);
  map.on("zoomend", refresh);
  const tip = L.tooltip({ direction: "top", offset: [0, -8] });
  group.on("mouseover", (event) => {
    const { layer, i, kind } = event.sourceTarget.options;
    if (kind !== "mark") return;
    const grade = gradeAt(layer, i);
    const content = el("span", {}, layer.names[i], grade ? ` · ${styleOf[grade].label[data.lang]}` : "");
    tip.setLatLng(event.sourceTarget.getLatLng()).setContent(content).addTo(map);
  });
  group.on("mouseout", () => tip.remove());
  addEventListener("resize", () => map.invalidateSize());
  let before = "light";
  addEventListener("beforeprint", () => {
    before = state.theme;
    theme("light");
  });
  addEventListener("afterprint", () => theme(before));
  theme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  refresh();
})();
