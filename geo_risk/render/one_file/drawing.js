// How marks, areas and lines look: one set of shapes for the canvas and the legend.
"use strict";
const makeDrawing = (data, map, state) => {
  const styleOf = Object.fromEntries(data.palette.grades.map((style) => [style.grade, style]));
  const colour = (name) => data.palette.base[state.theme][name];

  const SHAPES = {
    diamond: (r) => [[0, -1.25 * r], [1.25 * r, 0], [0, 1.25 * r], [-1.25 * r, 0]],
    triangle: (r) => [[0, -1.2 * r], [1.2 * r, 0.95 * r], [-1.2 * r, 0.95 * r]],
    square: (r) => [[-0.95 * r, -0.95 * r], [0.95 * r, -0.95 * r], [0.95 * r, 0.95 * r], [-0.95 * r, 0.95 * r]],
    cross: (r) => {
      const a = 0.35 * r;
      return [[-a, -r], [a, -r], [a, -a], [r, -a], [r, a], [a, a], [a, r], [-a, r], [-a, a], [-r, a], [-r, -a], [-a, -a]];
    },
  };

  function trace(ctx, shape, x, y, r) {
    ctx.beginPath();
    const corners = SHAPES[shape];
    if (!corners) {
      ctx.arc(x, y, r, 0, 2 * Math.PI);
      return;
    }
    corners(r).forEach(([dx, dy], i) => (i ? ctx.lineTo(x + dx, y + dy) : ctx.moveTo(x + dx, y + dy)));
    ctx.closePath();
  }

  function legendMark(style) {
    const ns = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(ns, "svg");
    svg.setAttribute("viewBox", "-9 -9 18 18");
    svg.setAttribute("class", "mark");
    svg.setAttribute("aria-hidden", "true");
    const corners = SHAPES[style.shape];
    const node = document.createElementNS(ns, corners ? "polygon" : "circle");
    if (corners) node.setAttribute("points", corners(6).map((p) => p.join(",")).join(" "));
    else node.setAttribute("r", "6");
    node.setAttribute("fill", style.shape === "ring" ? "none" : style.colour);
    node.setAttribute("stroke", style.shape === "ring" ? "var(--text-secondary)" : "var(--casing)");
    node.setAttribute("stroke-width", "1.2");
    svg.append(node);
    return svg;
  }

  // ---- drawing ----------------------------------------------------------------------------
  function drawMark(ctx, x, y, r, shape, fill, selected) {
    trace(ctx, shape, x, y, r);
    ctx.lineJoin = "round";
    if (selected) {
      ctx.strokeStyle = colour("accent");
      ctx.lineWidth = 9.2;
      ctx.stroke();
      ctx.strokeStyle = "#ffffff";
      ctx.lineWidth = 6.2;
      ctx.stroke();
    } else if (state.theme === "dark") {
      ctx.strokeStyle = colour("casing-outer");
      ctx.lineWidth = 2.4;
      ctx.stroke();
    }
    ctx.fillStyle = shape === "ring" ? colour("surface") : fill;
    ctx.fill();
    ctx.strokeStyle = shape === "ring" && state.theme === "light" ? colour("text-secondary") : colour("casing");
    ctx.lineWidth = 1.2;
    ctx.stroke();
  }

  function hatch(ctx) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.strokeStyle = styleOf.no_data.colour;
    pen.lineWidth = 1;
    pen.beginPath();
    for (const shift of [-8, 0, 8]) {
      pen.moveTo(shift, 8);
      pen.lineTo(shift + 8, 0);
    }
    pen.stroke();
    return ctx.createPattern(tile, "repeat");
  }

  function tracePolygon(ctx, parts) {
    ctx.beginPath();
    for (const ring of parts) {
      ring.forEach((p, i) => (i ? ctx.lineTo(p.x, p.y) : ctx.moveTo(p.x, p.y)));
      ctx.closePath();
    }
  }

  function drawArea(ctx, path) {
    const { layer, fillGrade: grade, land, tinted, edge, selected } = path.options;
    tracePolygon(ctx, path._parts);
    if (land) {
      ctx.fillStyle = colour("land");
      ctx.fill("evenodd");
    }
    if (grade && tinted(layer)) {
      const none = grade === "no_data";
      ctx.save();
      ctx.globalAlpha = none ? 0.6 : data.palette.area_fill_opacity;
      ctx.fillStyle = none ? hatch(ctx) : styleOf[grade].colour;
      ctx.fill("evenodd");
      ctx.globalAlpha = 1;
      if (!none) {
        // Twice the width, clipped: the coloured edge lies inside its own boundary.
        ctx.clip("evenodd");
        ctx.strokeStyle = styleOf[grade].colour;
        ctx.lineWidth = 3;
        ctx.stroke();
      }
      ctx.restore();
    }
    ctx.strokeStyle = selected ? colour("accent") : colour(edge.colour);
    ctx.lineWidth = selected ? 3 : edge.width;
    ctx.setLineDash(edge.dash || []);
    ctx.stroke();
    ctx.setLineDash([]);
  }

  const ROAD_WIDTH = { trunk: 1.1, secondary: 0.8, local: 0.55 };

  function drawLine(ctx, path) {
    const { grade, casing, layer, roadClass } = path.options;
    const wide = Math.max(1, (map.getZoom() - 10) * (ROAD_WIDTH[roadClass] || 0.8));
    ctx.beginPath();
    for (const part of path._parts) {
      part.forEach((p, i) => (i ? ctx.lineTo(p.x, p.y) : ctx.moveTo(p.x, p.y)));
    }
    ctx.lineJoin = ctx.lineCap = "round";
    ctx.strokeStyle = casing ? colour("road-casing") : grade ? styleOf[grade].colour : layer.symbol === "road" ? colour("road") : layer.colour;
    ctx.lineWidth = casing ? wide + 1.6 : wide;
    ctx.stroke();
  }

  L.Canvas.include({
    _updateOwn(path) {
      if (!this._drawing || path.options.hidden) return;
      if (path._empty ? path._empty() : !path._parts.length) return;
      if (path.options.kind === "mark") {
        const o = path.options;
        const p = path._point;
        drawMark(this._ctx, p.x, p.y, path._radius, o.shape, o.fill, o.selected);
      } else if (path.options.kind === "area") drawArea(this._ctx, path);
      else drawLine(this._ctx, path);
    },
  });
  const own = (Base) =>
    Base.extend({
      _updatePath() {
        this._renderer._updateOwn(this);
      },
      _containsPoint(point) {
        return !this.options.hidden && Base.prototype._containsPoint.call(this, point);
      },
    });
  const Mark = own(L.CircleMarker);
  const Area = own(L.Polygon);
  const Line = own(L.Polyline);
  const renderer = L.canvas({ padding: 0.3, tolerance: 4 });
  const redraw = () => {
    if (!renderer._ctx) return;
    renderer._redrawBounds = null;
    renderer._redraw();
  };
  return { Mark, Area, Line, renderer, redraw, legendMark, styleOf };
};
