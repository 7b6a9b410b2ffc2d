/** Goes from page to page without loading the document again. */

import { busy } from "/static/components/busy.js";
import { problem } from "/static/components/problem.js";
import { html, replace } from "/static/html.js";
import { ROUTES } from "/static/routes.js";

/**
 * A page is a module with `title` and `show(place, {params, query, signal})`; `signal` aborts when the page is left.
 * @typedef {{title: string, show: (place: Element, context: {params: Record<string, string>, query: URLSearchParams,
 *   signal: AbortSignal}) => Promise<void>|void}} Page
 */

let place;
let shown = null;
let leaving = new AbortController();

/** Show the page of the present address in `within`, and from then on that of each address gone to. @param {Element} within */
export function start(within) {
  place = within;
  document.addEventListener("click", follow);
  window.addEventListener("popstate", () => isPlaceWithin() || open(false));
  open(true);
}

/** Go to an address of this site. @param {string} path @param {{replace?: boolean}} [options] */
export function navigate(path, { replace: instead = false } = {}) {
  history[instead ? "replaceState" : "pushState"](null, "", path);
  window.scrollTo(0, 0);
  return open(false);
}

/** Load the page of the present address again. */
export function reload() {
  return open(false);
}

function follow(event) {
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute("download")) return;
  const to = new URL(link.href);
  if (to.origin !== location.origin || match(to.pathname) === null) return;
  if (to.pathname === location.pathname && to.search === location.search && to.hash) return;
  event.preventDefault();
  navigate(to.pathname + to.search + to.hash);
}

async function open(first) {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  shown = addressOf(location);
  const found = match(location.pathname);
  mark();
  const page = document.createElement("div");
  page.className = "page";
  replace(page, busy("Loading the page …"));
  replace(place, page);
  try {
    if (found === null) throw new LostError();
    const module = await found.load();
    if (signal.aborted) return;
    document.title = `${module.title} · EcoDML`;
    const context = { params: found.params, query: new URLSearchParams(location.search), signal };
    await module.show(page, context);
  } catch (error) {
    if (signal.aborted || error.name === "AbortError") return;
    replace(
      page,
      html`<h1>${error.title ?? "This page could not be shown"}</h1>`,
      problem(error, { again: reload }),
    );
    if (!(error instanceof LostError) && !error.code) console.error(error);
  }
  if (!first && !signal.aborted) focusHeading(page);
}

const addressOf = ({ pathname, search }) => pathname + search;

/** Whether the address only names a place of the page that is shown, such as the skip link's; a letter's token is none. */
const isPlaceWithin = () =>
  addressOf(location) === shown && document.getElementById(location.hash.slice(1)) !== null;

class LostError extends Error {
  title = "Nothing here";
  code = "page.unknown";
  constructor() {
    super("There is no page at this address.");
  }
}

function match(path) {
  for (const [pattern, load] of ROUTES) {
    const names = [];
    const expression = pattern.replace(/:(\w+)/g, (_, name) => (names.push(name), "([^/]+)"));
    const found = new RegExp(`^${expression}/?$`).exec(path);
    if (found)
      return { load, params: Object.fromEntries(names.map((n, i) => [n, decodeURIComponent(found[i + 1])])) };
  }
  return null;
}

function mark() {
  for (const link of document.querySelectorAll("header nav a")) {
    const to = new URL(link.href).pathname;
    const here = to === "/" ? location.pathname === "/" : location.pathname.startsWith(to);
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function focusHeading(page) {
  const heading = page.querySelector("h1");
  if (!heading || page.contains(document.activeElement)) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
