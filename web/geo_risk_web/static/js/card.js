// @ts-check
/** The card: what it is, why its grade, what belongs to it, how it was placed. */

import { get, itemPath } from "./api.js";
import { byId, el } from "./dom.js";
import { jointSection, readLinks } from "./joint.js";
import { gradeOf, markOf, row } from "./rows.js";
import { t } from "./words.js";

/** @type {Record<string, string>} */
const LEVELS = {
  一级: "card.level.1", 二级: "card.level.2", 三级: "card.level.3", 四级: "card.level.4",
  false: "card.level.none", true: "card.level.open",
};
const ELSEWHERE = new Set(["name", "synthetic", "approximate", "origin", "enterprise_id"]);

/** @param {any} boot @param {string} layerId @param {string} id @param {AbortSignal} signal */
export async function readCard(boot, layerId, id, signal) {
  const layer = boot.layers.find((/** @type {any} */ l) => l.id === layerId);
  if (!layer) throw new Error(`no layer ${layerId}`);
  const path = itemPath(layerId, id);
  const reasons = layer.graded ? get(`${path}/explanation`, {}, signal).catch(() => null) : null;
  const links = layerId === "enterprises" ? readLinks(id, signal).catch(() => null) : null;
  const [feature, explanation, joint] = await Promise.all([get(path, {}, signal), reasons, links]);
  const parentId = layer.parent && feature.properties.enterprise_id;
  const parent = parentId ? await get(itemPath(layer.parent, String(parentId)), {}, signal).catch(() => null) : null;
  return { layer, feature, explanation, parent, joint };
}

/** @param {any} boot @param {any} read what `readCard` gave @param {any} area its roll-up, for areas @param {{ choose: (layer: string, id: string) => void, group: (id: string) => void, close: () => void }} acts */
export function showCard(boot, read, area, acts) {
  const { layer, feature, explanation, parent, joint } = read;
  const facts = feature.properties;
  const grade = gradeOf(boot, area?.grade ?? facts.grade);
  const card = byId("card");
  card.replaceChildren(
    el("div", { class: "drawer-head" }, el("p", { class: "secondary", text: layer.title }),
      el("button", { type: "button", class: "quiet icon", "aria-label": t("close"), text: "×", onclick: acts.close })),
    el("h2", { id: "card-name", text: facts.name ?? facts.id }),
    ...(layer.graded && grade ? [badge(grade, explanation)] : []),
    ...(explanation && !area ? [apart(boot, explanation)] : []),
    el("p", { class: "tags" }, ...tags(boot, facts).map((text) => el("span", { class: "tag", text }))),
    ...(area ? [areaCounts(boot, area)] : []),
    ...(layer.graded && !area ? [why(explanation)] : []),
    ...(parent ? [section(t("card.parent"), el("ul", { class: "rows" }, link(boot, { layer: layer.parent, id: parent.properties.id, name: parent.properties.name, grade: parent.properties.grade }, acts.choose)))] : []),
    ...(explanation?.children?.length && !area ? [section(t("card.children"), el("ul", { class: "rows" }, ...explanation.children.map((/** @type {any} */ child) => link(boot, child, acts.choose))))] : []),
    ...(joint ? [jointSection(boot, joint, acts)] : []),
    register(boot, layer, facts), placed(boot, layer, facts), copyButton(),
  );
  card.hidden = false;
}

/**
 * What must be known before the rest is read: made up, approximate, and what is odd about it.
 * @param {any} boot @param {any} facts @returns {string[]}
 */
function tags(boot, facts) {
  const flags = String(facts.flags ?? "").split(";").filter(Boolean);
  return [
    ...(facts.synthetic ? [t("card.synthetic")] : []),
    ...(facts.approximate ? [t("card.approximate")] : []),
    ...flags.map((code) => `⚑ ${boot.flags[code] ?? code}`),
  ];
}

/** @param {any} grade @param {any} explanation */
function badge(grade, explanation) {
  const level = grade.level === grade.label ? grade.label : t("grade.with_level", grade);
  const score = explanation?.score ?? null;
  const value = score === null ? null : el("span", { class: "secondary", text: `${t("card.score")} ${Number(score.toFixed(2))}` });
  return el("p", { class: "badge", "data-grade": grade.id }, markOf(grade), el("strong", { text: level }), value);
}

/**
 * What stands beside the colour: the level of a major hazard source, which the standard gives and
 * the colour only follows, and the grade that the register declares.
 * @param {any} boot @param {any} explanation
 */
function apart(boot, explanation) {
  const stated = gradeOf(boot, explanation.stated);
  const level = LEVELS[explanation.level ?? explanation.constitutes];
  const inherent = gradeOf(boot, explanation.basis?.result?.inherent);
  const rows = [
    [t("card.level"), level && t(level)],
    [t("card.inherent"), inherent && t("grade.with_level", inherent)],
    [t("card.stated"), stated && t(stated.id === explanation.grade ? "card.stated.same" : "card.stated.differs", stated)],
  ].filter(([, value]) => value);
  return rows.length ? el("dl", { class: "apart" }, ...rows.flatMap(([title, value]) => [el("dt", { text: title }), el("dd", { text: value })])) : "";
}

/** @param {string} title @param {...Node} content */
const section = (title, ...content) => el("section", {}, el("h3", { text: title }), ...content);

/** @param {any} explanation */
function why(explanation) {
  const reasons = explanation?.reasons ?? [];
  const lang = /** @type {"zh" | "en"} */ (document.documentElement.lang.slice(0, 2));
  if (!reasons.length) return section(t("card.why"), el("p", { class: "secondary", text: t("card.why.none") }));
  const rows = reasons.map((/** @type {any} */ reason) => el("li", {}, el("span", { text: reason[lang] }),
    reason.clause ? el("span", { class: "secondary clause", text: reason.clause }) : null));
  return section(t("card.why"), el("ul", { class: "reasons" }, ...rows));
}

/** @param {any} boot @param {any} area */
function areaCounts(boot, area) {
  const rows = boot.grades.map((/** @type {any} */ grade) => {
    return el("li", { class: "counted" }, markOf(grade), el("span", { text: grade.label }), el("span", { class: "count", text: area.counts?.[grade.id] ?? 0 }));
  });
  const share = t("card.graded", { n: area.graded, total: area.total });
  const index = area.index === null || area.index === undefined ? "" : ` · ${t("card.index", { index: Number(area.index.toFixed(2)) })}`;
  return section(t("card.counts"), el("p", { class: "secondary", text: share + index }), el("ul", { class: "rows" }, ...rows));
}

/** @param {any} boot @param {any} child @param {(layer: string, id: string) => void} choose */
function link(boot, child, choose) {
  const grade = gradeOf(boot, child.grade);
  const title = boot.layers.find((/** @type {any} */ l) => l.id === child.layer)?.title ?? "";
  return row(grade, child.name, [grade?.label, title].filter(Boolean).join(" · "), () => choose(child.layer, String(child.id)));
}

/** @param {any} boot @param {any} field @param {any} value */
function worded(boot, field, value) {
  if (field.name === "town" || field.name === "village") return boot.places[value] ?? String(value);
  if (field.type === "interval") return t("card.days", { n: value });
  if (field.type === "boolean") return value ? t("yes") : t("no");
  if (field.type === "enum" || field.type === "grade") return field.choices[value] ?? String(value);
  if (field.type === "tags" || field.type === "substances") return String(value).split(";").join("、");
  const spoken = boot.lang === "zh" || /^[\x20-\x7e°]+$/.test(field.unit);
  return field.unit && spoken ? `${value} ${field.unit}` : String(value);
}

/** @param {any} boot @param {any} layer @param {any} facts */
function register(boot, layer, facts) {
  const known = layer.fields.filter((/** @type {any} */ f) => !ELSEWHERE.has(f.name) && ![null, undefined, ""].includes(facts[f.name]));
  const rows = known.flatMap((/** @type {any} */ f) => [el("dt", { text: f.label }), el("dd", { text: worded(boot, f, facts[f.name]) })]);
  return rows.length ? section(t("card.facts"), el("dl", {}, ...rows)) : "";
}

/** @param {any} boot @param {any} layer @param {any} facts */
function placed(boot, layer, facts) {
  const level = boot.levels[facts.level] ?? "";
  const m = facts.uncertainty_m;
  const how = m ? t("card.placed.uncertainty", { level, m: Math.round(m) }) : level;
  const origin = facts.origin ?? layer.fields.find((/** @type {any} */ f) => f.name === "origin") ? facts.origin : "";
  const rows = [[t("card.placed"), how], [origin ? layer.fields.find((/** @type {any} */ f) => f.name === "origin")?.label : "", origin],
    [t("card.updated"), String(facts.updated_at ?? "").slice(0, 10)]].filter(([title, value]) => title && value);
  return el("dl", { class: "small" }, ...rows.flatMap(([title, value]) => [el("dt", { text: title }), el("dd", { text: value })]));
}

function copyButton() {
  const button = el("button", { type: "button", class: "button copy", text: t("card.copy") });
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(location.href);
    button.textContent = t("card.copied");
  });
  return button;
}
