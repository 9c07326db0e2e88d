// @ts-check
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

/**
 * Long work: starts a process, tells its progress until it ends, gives the job as it ended.
 * When the signal aborts, the job is dismissed.
 * @param {string} process @param {Record<string, unknown>} inputs @param {(job: any) => void} told @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function work(process, inputs, told, signal) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const body = JSON.stringify({ inputs });
  const started = await fetch(`/processes/${process}/execution?lang=${lang}`, { method: "POST", headers, body });
  const place = started.headers.get("Location");
  if (!started.ok || !place) throw new Error(`${process}: ${started.status}`);
  let dismissed = false;
  for (;;) {
    if (signal?.aborted && !dismissed) {
      dismissed = true;
      await fetch(`${place}?lang=${lang}`, { method: "DELETE", headers });
    }
    const job = await get(place);
    told(job);
    if (!["accepted", "running"].includes(job.status)) return job;
    await new Promise((done) => setTimeout(done, 300));
  }
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
