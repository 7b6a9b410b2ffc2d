/** The token of a letter's link: it stands after `#`, which browsers keep to themselves. @returns {string|null} */
export function mailToken() {
  return new URLSearchParams(location.hash.slice(1)).get("token");
}

/** Out of the address once it was used, and out of the history. */
export function forgetToken() {
  history.replaceState(null, "", location.pathname);
}
