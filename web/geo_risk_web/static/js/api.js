/** Reading from the app; every address is on its own origin. */

const lang = document.documentElement.lang.slice(0, 2);

/**
 * @param {string} path
 * @param {Record<string, string | number>} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function get(path, query = {}, signal) {
  const params = new URLSearchParams({ lang });
  for (const [name, value] of Object.entries(query)) params.set(name, String(value));
  const answer = await fetch(`${path}?${params}`, { signal, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

/** Only the newest of a kind of request counts: the former is aborted. */
export function newest() {
  let controller = new AbortController();
  return () => {
    controller.abort();
    controller = new AbortController();
    return controller.signal;
  };
}

/** @param {unknown} error */
export const wasAborted = (error) => error instanceof DOMException && error.name === "AbortError";

/** @param {string} layer @param {string} id */
export const itemPath = (layer, id) => `/collections/${layer}/items/${encodeURIComponent(id)}`;
