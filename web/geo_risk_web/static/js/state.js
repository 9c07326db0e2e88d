// @ts-check
/** What the address bar keeps, so that a link shows the same picture. */

/**
 * @typedef {{ view: [number, number, number] | null, layers: string[] | null, off: string[], at: [string, string] | null, groups: string | null, group: string | null, plans: boolean, plan: string | null }} State
 * `view` is zoom, latitude, longitude; `off` are the grades filtered out; `at` is layer and id;
 * `groups` is the kind of group that is listed, `group` the one whose card is open; likewise `plans`, `plan`.
 */

const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** @returns {State} */
export function readState() {
  const params = new URLSearchParams(location.hash.slice(1));
  const view = (params.get("view") ?? "").split("/").map(Number);
  const at = (params.get("at") ?? "").split("/");
  const layers = params.get("layers");
  return {
    view: view.length === 3 && view.every(Number.isFinite) ? [view[0], view[1], view[2]] : null,
    layers: layers === null ? null : layers.split(",").filter(Boolean),
    off: (params.get("off") ?? "").split(",").filter(Boolean),
    at: at.length === 2 && at.every((part) => ID.test(part)) ? [at[0], at[1]] : null,
    groups: params.get("groups"),
    group: ID.test(params.get("group") ?? "") ? params.get("group") : null,
    plans: params.has("plans"),
    plan: ID.test(params.get("plan") ?? "") ? params.get("plan") : null,
  };
}

/** @param {State} state */
export function writeState(state) {
  const parts = [];
  if (state.view) {
    const [zoom, lat, lon] = state.view;
    parts.push(`view=${zoom.toFixed(2)}/${lat.toFixed(5)}/${lon.toFixed(5)}`);
  }
  if (state.layers) parts.push(`layers=${state.layers.join(",")}`);
  if (state.off.length) parts.push(`off=${state.off.join(",")}`);
  if (state.at) parts.push(`at=${state.at.join("/")}`);
  if (state.groups) parts.push(`groups=${state.groups}`);
  if (state.group) parts.push(`group=${state.group}`);
  if (state.plans) parts.push("plans=all");
  if (state.plan) parts.push(`plan=${state.plan}`);
  history.replaceState(null, "", `${location.pathname}${location.search}#${parts.join("&")}`);
}
