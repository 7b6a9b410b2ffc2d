// Lets node load the web app's modules by the addresses they have in the browser: run with `--import`.

import { register } from "node:module";
import { pathToFileURL } from "node:url";

const root = new URL("../../../", import.meta.url);
const hook = `
  const root = ${JSON.stringify(root.href)};
  const vendor = { "noble/": "@noble/hashes/", "fflate.js": "fflate/esm/browser.js" };
  export async function resolve(specifier, context, next) {
    let path = specifier;
    if (path.startsWith("/static/")) path = root + "frontend/" + path.slice("/static/".length);
    if (path.startsWith("/vendor/")) {
      path = path.slice("/vendor/".length);
      for (const [from, to] of Object.entries(vendor)) if (path.startsWith(from)) path = to + path.slice(from.length);
      path = root + "node_modules/" + path;
    }
    return next(path, context);
  }
`;
register(`data:text/javascript,${encodeURIComponent(hook)}`, pathToFileURL("./"));
