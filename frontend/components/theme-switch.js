import { html } from "/static/html.js";

const NEXT = { light: "dark", dark: "light" };
const KEY = "ecodml.theme";

/** A button that goes from light to dark and back, and remembers. */
export function themeSwitch() {
  const root = document.documentElement;
  const system = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const now = () => root.dataset.theme ?? system();
  const label = () => `Use ${NEXT[now()]} colours`;
  const button = html`<button type="button" class="icon" aria-label=${label()} title=${label()}>◐</button>`;
  button.addEventListener("click", () => {
    root.dataset.theme = NEXT[now()];
    try {
      localStorage.setItem(KEY, root.dataset.theme);
    } catch {
      // It holds until the page is left.
    }
    button.setAttribute("aria-label", label());
    button.title = label();
  });
  return button;
}
