const SITE = "https://here.invalid";

/**
 * Where to go after signing in: a page of this site, or one's account.
 * @param {URLSearchParams} query its `next` may have been written by anybody
 */
export function nextPage(query) {
  const wanted = query.get("next") ?? "";
  if (!wanted.startsWith("/") || !URL.canParse(wanted, SITE)) return "/account";
  const { origin, pathname, search } = new URL(wanted, SITE);
  return origin === SITE && !pathname.startsWith("//") && pathname !== "/sign-in"
    ? pathname + search
    : "/account";
}

/** Where to sign in and then come back to the page of the present address. */
export function signInAddress() {
  return `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
}
