// @ts-check
/** The catalogue of sentences in the page's language. */

/** @type {Record<string, string>} */
let sentences = {};

/** @param {Record<string, string>} catalogue */
export function setWords(catalogue) {
  sentences = catalogue;
}

/**
 * @param {string} key
 * @param {Record<string, string | number>} values
 */
export function t(key, values = {}) {
  const sentence = sentences[key];
  if (sentence === undefined) throw new Error(`unknown sentence: ${key}`);
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
