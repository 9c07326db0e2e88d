// @ts-check
/** Joint prevention: a unit's ring and links, and the card of a group. */

import { get } from "./api.js";
import { byId, el } from "./dom.js";
import { gradeOf, markOf, row } from "./rows.js";
import { t } from "./words.js";

const FIRST = 6;
/** @type {Record<string, string>} */
export const KINDS = { site: "group.kind.site", alliance: "group.kind.alliance", area: "group.kind.area" };
const SHEETS = [["xlsx", "group.download.xlsx"], ["html", "group.download.html"]];

/** @param {any} words text in both languages */
const said = (words) => words[/** @type {"zh" | "en"} */ (document.documentElement.lang.slice(0, 2))] ?? "";

/** @param {string} id @param {AbortSignal} signal @returns {Promise<any>} ring, links and groups of an enterprise */
export const readLinks = (id, signal) => get(`/collections/enterprises/items/${encodeURIComponent(id)}/links`, {}, signal);

/** @param {string} id @param {AbortSignal} signal */
export const readGroup = (id, signal) => get(`/groups/${encodeURIComponent(id)}`, {}, signal);

/** @param {number} metres */
const inMetres = (metres) => t("joint.metres", { m: metres < 10 ? metres : Math.round(metres).toLocaleString("en") });

/**
 * The part of a unit's card: who stands near and alike, why, and in which groups it is.
 * @param {any} boot @param {any} joint @param {{ choose: (layer: string, id: string) => void, group: (id: string) => void }} acts
 */
export function jointSection(boot, joint, acts) {
  const title = t("joint.title");
  const groups = joint.groups.map((/** @type {any} */ group) => groupRow(boot, group, acts.group));
  const none = el("p", { class: "secondary", text: t(joint.built ? "joint.no_group" : "groups.unbuilt") });
  const body = [
    joint.ring ? el("p", { class: "secondary", text: t("joint.around", { m: joint.radius_m, n: joint.around, links: joint.links.length }) })
      : el("p", { class: "secondary", text: t("joint.unplaced") }),
    groups.length ? el("ul", { class: "rows" }, ...groups) : none,
    ...(joint.changed_since.length ? [el("p", { class: "secondary", text: t("groups.changed") })] : []),
    ...folded(joint.links.map((/** @type {any} */ link) => linkRow(boot, link, acts.choose))),
  ];
  return el("section", { id: "joint" }, el("h3", { text: title }), ...body);
}

/** The first few rows of a list, the others behind a fold. @param {HTMLElement[]} rows */
function folded(rows) {
  if (!rows.length) return [];
  const first = el("ul", { class: "rows" }, ...rows.slice(0, FIRST));
  if (rows.length <= FIRST) return [first];
  const rest = el("details", {}, el("summary", { text: t("joint.more", { n: rows.length - FIRST }) }), el("ul", { class: "rows" }, ...rows.slice(FIRST)));
  return [first, rest];
}

/** @param {any} boot @param {any} link @param {(layer: string, id: string) => void} choose */
function linkRow(boot, link, choose) {
  const why = link.reasons.map(said).join(" · ");
  return row(gradeOf(boot, link.grade), link.name ?? link.id, why, () => choose("enterprises", link.id));
}

/** @param {any} boot @param {any} group @param {(id: string) => void} open */
export function groupRow(boot, group, open) {
  const kind = t(KINDS[group.kind]);
  return row(gradeOf(boot, group.worst), said(group.name), kind, () => open(group.id));
}

/** @param {string} title @param {...Node} content */
const section = (title, ...content) => el("section", {}, el("h3", { text: title }), ...content);

/**
 * @param {any} boot @param {any} group
 * @param {{ choose: (layer: string, id: string) => void, close: () => void, list: () => void }} acts
 */
export function showGroup(boot, group, acts) {
  const names = new Map(group.members.map((/** @type {any} */ m) => [m.id, m.name ?? m.id]));
  const rowOf = group.kind === "area" ? townRow : memberRow;
  const members = group.members.map((/** @type {any} */ m) => rowOf(boot, group, m, acts.choose));
  const card = byId("card");
  card.replaceChildren(
    el("div", { class: "drawer-head" }, el("button", { type: "button", class: "quiet back", text: `‹ ${t("groups")}`, onclick: acts.list }),
      el("button", { type: "button", class: "quiet icon", "aria-label": t("close"), text: "×", onclick: acts.close })),
    el("h2", { id: "card-name", text: said(group.name) }),
    heading(boot, group),
    section(t("group.members", { n: group.members.length }), el("ul", { class: "rows" }, ...members)),
    ...reaches(group, names), ...links(group, names), ...common(group), ...resources(boot, group, acts.choose),
    about(group), downloads(group),
  );
  card.hidden = false;
}

/** @param {any} boot @param {any} group */
function heading(boot, group) {
  const grade = gradeOf(boot, group.worst);
  const counted = t("group.graded", { n: group.n, graded: group.graded });
  const across = group.diameter_m ? ` · ${t("group.across", { m: Math.round(group.diameter_m).toLocaleString("en") })}` : "";
  return el("div", {}, el("p", { class: "badge", "data-grade": group.worst }, markOf(grade),
    el("strong", { text: grade?.label ?? "" }), el("span", { class: "secondary", text: t(KINDS[group.kind]) })),
  el("p", { class: "secondary", text: counted + across }), ...(group.reasons ?? []).map((/** @type {any} */ why) => el("p", { class: "secondary", text: said(why) })));
}

/** @param {any} boot @param {any} group @param {any} member @param {(layer: string, id: string) => void} choose */
function memberRow(boot, group, member, choose) {
  const grade = gradeOf(boot, member.grade);
  const town = boot.places[member.town] ?? member.town;
  const detail = [member.id === group.lead ? t("group.lead") : "", grade?.label, town, member.industry].filter(Boolean).join(" · ");
  return row(grade, member.name ?? member.id, detail, () => choose("enterprises", member.id));
}

/** A town of an area pair with its units by grade; beyond the border nothing is known. @param {any} boot @param {any} group @param {any} town @param {(layer: string, id: string) => void} choose */
function townRow(boot, group, town, choose) {
  const counts = group.profiles[town.id];
  if (!counts) return row(null, town.name, t("group.beyond"), null);
  const present = boot.grades.filter((/** @type {any} */ grade) => counts[grade.id]);
  const detail = present.map((/** @type {any} */ grade) => `${grade.label} ${counts[grade.id]}`).join(" · ");
  return row(present[0] ?? null, town.name, detail, () => choose("towns", town.id));
}

/** @param {any} group @param {Map<string, string>} names */
function reaches(group, names) {
  const rows = (group.reaches ?? []).map((/** @type {any} */ one) => el("li", {},
    el("span", { text: t("group.reach", { name: one.name, to: names.get(one.to) ?? one.to, m: Math.round(one.distance_m) }) }),
    el("span", { class: "secondary clause", text: `${t("group.within", { m: one.radius_m })} · ${said(one.basis_words)}${one.source ? ` · ${one.source}` : ""}` })));
  return rows.length ? [section(t("group.reaches"), el("ul", { class: "reasons" }, ...rows))] : [];
}

/** @param {any} group @param {Map<string, string>} names */
function links(group, names) {
  const rows = (group.links ?? []).map((/** @type {any} */ link) => el("li", {},
    el("span", { text: `${names.get(link.a)} – ${names.get(link.b)}` }),
    el("span", { class: "secondary clause", text: link.reasons.map(said).join(" · ") })));
  if (!rows.length) return [];
  const list = el("ul", { class: "reasons" }, ...rows);
  return [section(t("group.links", { n: rows.length }), rows.length <= FIRST ? list : el("details", {}, el("summary", { text: t("group.links.open") }), list))];
}

/** @param {any} group */
function common(group) {
  const tags = (group.common_hazards ?? []).map((/** @type {any} */ one) => el("span", { class: "tag", text: `${one.tag} ${one.members}` }));
  return tags.length ? [section(t("group.common"), el("p", { class: "tags" }, ...tags))] : [];
}

/** @param {any} boot @param {any} group @param {(layer: string, id: string) => void} choose */
function resources(boot, group, choose) {
  const field = boot.layers.find((/** @type {any} */ l) => l.id === "facilities")?.fields.find((/** @type {any} */ f) => f.name === "kind");
  const rows = Object.entries(group.resources ?? {}).map(([kind, one]) => {
    const title = field?.choices[kind] ?? kind;
    return one ? row(null, one.name, `${title} · ${inMetres(one.distance_m)}`, () => choose("facilities", one.id)) : row(null, "–", title, null);
  });
  return rows.length ? [section(t("group.resources"), el("ul", { class: "rows" }, ...rows))] : [];
}

/** @param {any} group */
function about(group) {
  const rows = [[t("group.code"), group.id], [t("group.policy"), group.policy], [t("group.built"), String(group.built_at).slice(0, 10)]];
  return el("dl", { class: "small" }, ...rows.flatMap(([title, value]) => [el("dt", { text: title }), el("dd", { text: value })]));
}

/** @param {any} group */
function downloads(group) {
  const lang = document.documentElement.lang.slice(0, 2);
  const links = SHEETS.map(([kind, sentence]) => el("a", { class: "button", href: `/groups/${encodeURIComponent(group.id)}/contacts.${kind}?lang=${lang}`, download: true, text: t(sentence) }));
  return el("p", { class: "downloads" }, ...links);
}

/** @typedef {{ areas: any[], lines: [number, number][][], members: { at: [number, number], lead: boolean }[] }} Shapes */

/** What a unit's ring and links are drawn from. @param {any} joint @returns {Shapes} */
export function linkShapes(joint) {
  const others = joint.links.map((/** @type {any} */ link) => [link.lon, link.lat]);
  return {
    areas: joint.ring ? [joint.ring] : [],
    lines: others.map((/** @type {any} */ other) => [[joint.lon, joint.lat], other]),
    members: others.map((/** @type {any} */ at) => ({ at, lead: false })),
  };
}

/** What a group is drawn from. @param {any} group @param {any} areas the divisions by layer @returns {Shapes} */
export function groupShapes(group, areas) {
  const at = new Map(group.members.filter((/** @type {any} */ m) => typeof m.lon === "number").map((/** @type {any} */ m) => [m.id, [m.lon, m.lat]]));
  const divisions = [...(areas.towns?.features ?? []), ...(areas.surroundings?.features ?? [])];
  const ids = new Set(group.members.map((/** @type {any} */ m) => m.id));
  return {
    areas: group.kind === "area" ? divisions.filter((/** @type {any} */ f) => ids.has(f.properties.id)).map((/** @type {any} */ f) => f.geometry) : [],
    lines: (group.links ?? []).flatMap((/** @type {any} */ link) => (at.has(link.a) && at.has(link.b) ? [[at.get(link.a), at.get(link.b)]] : [])),
    members: [...at].map(([id, place]) => ({ at: place, lead: id === group.lead })),
  };
}
