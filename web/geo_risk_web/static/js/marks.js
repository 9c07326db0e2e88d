// @ts-check
/** The marks of the map, drawn once on canvas: four shapes with a casing, and plain icons. */

const RATIO = 2;
const SIDE = 24;

/** @typedef {{ width: number, height: number, data: Uint8ClampedArray }} Picture */

/**
 * @param {number} side
 * @param {(pen: CanvasRenderingContext2D) => void} draw
 * @returns {ImageData}
 */
function picture(side, draw) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side * RATIO;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser has no canvas");
  pen.scale(RATIO, RATIO);
  pen.lineJoin = "round";
  pen.lineCap = "round";
  draw(pen);
  return pen.getImageData(0, 0, side * RATIO, side * RATIO);
}

/** @param {string} shape @param {number} c centre @returns {Path2D} */
function outline(shape, c) {
  const path = new Path2D();
  /** @param {[number, number][]} corners */
  const polygon = (corners) => {
    corners.forEach(([x, y], i) => (i ? path.lineTo(c + x, c + y) : path.moveTo(c + x, c + y)));
    path.closePath();
  };
  if (shape === "diamond") polygon([[0, -9.2], [9.2, 0], [0, 9.2], [-9.2, 0]]);
  else if (shape === "triangle") polygon([[0, -8.4], [8.6, 6.6], [-8.6, 6.6]]);
  else if (shape === "square") polygon([[-6.8, -6.8], [6.8, -6.8], [6.8, 6.8], [-6.8, 6.8]]);
  else path.arc(c, c, shape === "ring" ? 6.2 : 7.4, 0, 2 * Math.PI);
  return path;
}

/** @param {{shape: string, colour: string}} grade @param {boolean} dark */
export function gradeMark(grade, dark) {
  return picture(SIDE, (pen) => {
    const path = outline(grade.shape, SIDE / 2);
    pen.strokeStyle = dark ? "rgba(255,255,255,0.75)" : "rgba(255,255,255,0.85)";
    pen.lineWidth = 3.8;
    pen.stroke(path);
    if (grade.shape === "ring") {
      pen.fillStyle = grade.colour;
      pen.fill(path);
      pen.strokeStyle = dark ? "#0b0d0f" : "#1f2328";
      pen.lineWidth = 1.8;
      pen.stroke(path);
      pen.fillStyle = dark ? "#16191c" : "#ffffff";
      pen.beginPath();
      pen.arc(SIDE / 2, SIDE / 2, 3.2, 0, 7);
      pen.fill();
      return;
    }
    pen.fillStyle = grade.colour;
    pen.fill(path);
    pen.strokeStyle = dark ? "#0b0d0f" : "#1f2328";
    pen.lineWidth = 2.2;
    pen.stroke(path);
  });
}

/** @type {Record<string, (pen: CanvasRenderingContext2D) => void>} */
const ICONS = {
  camera: (pen) => {
    pen.fillRect(5.5, 9, 8, 6.5);
    pen.beginPath();
    pen.moveTo(14.2, 12);
    pen.lineTo(18.5, 9);
    pen.lineTo(18.5, 15.5);
    pen.fill();
  },
  cross: (pen) => {
    pen.fillRect(10.4, 6, 3.2, 12);
    pen.fillRect(6, 10.4, 12, 3.2);
  },
  target: (pen) => {
    pen.beginPath();
    pen.arc(12, 12, 5, 0, 7);
    pen.stroke();
    pen.beginPath();
    pen.arc(12, 12, 1.8, 0, 7);
    pen.fill();
  },
  alert: (pen) => {
    pen.fillRect(10.9, 6, 2.2, 7.6);
    pen.fillRect(10.9, 15.4, 2.2, 2.4);
  },
};

/** @param {string} symbol @param {string} colour */
export function icon(symbol, colour) {
  return picture(SIDE, (pen) => {
    const draw = ICONS[symbol];
    pen.fillStyle = pen.strokeStyle = colour;
    pen.lineWidth = 1.8;
    if (!draw) {
      pen.beginPath();
      pen.arc(12, 12, 3.6, 0, 7);
      pen.fill();
      pen.strokeStyle = "#ffffff";
      pen.lineWidth = 1.2;
      pen.stroke();
      return;
    }
    pen.fillStyle = "#ffffff";
    pen.lineWidth = 1;
    pen.beginPath();
    pen.roundRect(2.5, 2.5, 19, 19, 4);
    pen.fill();
    pen.stroke();
    pen.fillStyle = colour;
    pen.lineWidth = 1.8;
    draw(pen);
  });
}

/** @param {string} colour */
export function hatch(colour) {
  return picture(8, (pen) => {
    pen.strokeStyle = colour;
    pen.lineWidth = 1.2;
    for (const shift of [-8, 0, 8]) {
      pen.beginPath();
      pen.moveTo(shift, 8);
      pen.lineTo(shift + 8, 0);
      pen.stroke();
    }
  });
}

/** @param {string} shape @param {string} colour @returns {SVGSVGElement} the same mark for the frame */
export function markSvg(shape, colour) {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "mark");
  svg.setAttribute("aria-hidden", "true");
  const paths = {
    diamond: "M12 2.8L21.2 12 12 21.2 2.8 12z",
    triangle: "M12 3.6L20.6 18.6H3.4z",
    square: "M5.2 5.2h13.6v13.6H5.2z",
    circle: "M4.6 12a7.4 7.4 0 1 0 14.8 0a7.4 7.4 0 1 0-14.8 0z",
    ring: "M5.8 12a6.2 6.2 0 1 0 12.4 0a6.2 6.2 0 1 0-12.4 0z",
  };
  const path = document.createElementNS(ns, "path");
  path.setAttribute("d", paths[/** @type {keyof typeof paths} */ (shape)] ?? paths.circle);
  path.setAttribute("fill", colour);
  path.setAttribute("class", "casing");
  path.setAttribute("stroke-width", "2");
  path.setAttribute("stroke-linejoin", "round");
  svg.append(path);
  if (shape === "ring") {
    const hole = document.createElementNS(ns, "circle");
    for (const [name, value] of [["cx", "12"], ["cy", "12"], ["r", "3.2"], ["class", "hole"]]) hole.setAttribute(name, value);
    svg.append(hole);
  }
  return svg;
}

export const pixelRatio = RATIO;
