// @ts-check
/** Where the name of an area stands: the inner point farthest from its edge, roughly. */

/** @param {[number, number][][]} rings @param {number} x @param {number} y @returns distance to the edge, negative outside */
function inside(rings, x, y) {
  let within = false;
  let nearest = Infinity;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [ax, ay] = ring[i];
      const [bx, by] = ring[j];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
      const length2 = (bx - ax) ** 2 + (by - ay) ** 2;
      const along = length2 ? Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length2)) : 0;
      nearest = Math.min(nearest, (ax + along * (bx - ax) - x) ** 2 + (ay + along * (by - ay) - y) ** 2);
    }
  }
  return (within ? 1 : -1) * Math.sqrt(nearest);
}

/** @param {any} geometry @returns {[number, number][][][]} */
const polygons = (geometry) =>
  geometry?.type === "Polygon" ? [geometry.coordinates] : geometry?.type === "MultiPolygon" ? geometry.coordinates : [];

/** @param {any} geometry @returns {[number, number, number, number] | null} west, south, east, north */
export function bounds(geometry) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  /** @param {any} part */
  const walk = (part) => {
    if (typeof part?.[0] === "number") {
      box[0] = Math.min(box[0], part[0]);
      box[1] = Math.min(box[1], part[1]);
      box[2] = Math.max(box[2], part[0]);
      box[3] = Math.max(box[3], part[1]);
    } else if (Array.isArray(part)) part.forEach(walk);
  };
  walk(geometry?.coordinates);
  return Number.isFinite(box[0]) ? [box[0], box[1], box[2], box[3]] : null;
}

/** @param {any} geometry @returns {[number, number] | null} */
export function labelPoint(geometry) {
  if (geometry?.type === "Point") return geometry.coordinates;
  let best = null;
  let room = -Infinity;
  for (const rings of polygons(geometry)) {
    const box = bounds({ coordinates: rings });
    if (!box) continue;
    const steps = 24;
    for (let i = 1; i < steps; i++) {
      for (let j = 1; j < steps; j++) {
        const x = box[0] + ((box[2] - box[0]) * i) / steps;
        const y = box[1] + ((box[3] - box[1]) * j) / steps;
        const distance = inside(rings, x, y);
        if (distance > room) [room, best] = [distance, /** @type {[number, number]} */ ([x, y])];
      }
    }
  }
  return best;
}
