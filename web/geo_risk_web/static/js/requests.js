// @ts-check
/** The badge that counts, live, what this page has asked of other hosts. */

import { byId } from "./dom.js";
import { t } from "./words.js";

export function countExternalRequests() {
  const badge = byId("requests");
  let external = 0;
  const show = () => {
    badge.textContent = t("requests", { n: external });
    badge.classList.toggle("is-broken", external > 0);
  };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const url = new URL(entry.name, location.href);
      if (url.protocol.startsWith("http") && url.origin !== location.origin) external += 1;
    }
    show();
  }).observe({ type: "resource", buffered: true });
  show();
}
