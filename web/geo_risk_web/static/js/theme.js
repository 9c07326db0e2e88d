// @ts-check
/** Light or dark: what the system says until the user says otherwise. */

const KEY = "geo_risk.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** @returns {"light" | "dark"} */
export function theme() {
  const chosen = stored();
  if (chosen === "light" || chosen === "dark") return chosen;
  return dark.matches ? "dark" : "light";
}

function apply() {
  document.documentElement.dataset.theme = theme();
  document.dispatchEvent(new CustomEvent("themechange"));
}

export function toggleTheme() {
  try {
    localStorage.setItem(KEY, theme() === "dark" ? "light" : "dark");
  } catch {
    return;
  }
  apply();
}

dark.addEventListener("change", apply);
apply();
