/** Where the pages start: the header, the state of the connection, and the router. */

import { connection } from "/static/api.js";
import { themeSwitch } from "/static/components/theme-switch.js";
import { start } from "/static/router.js";
import { session } from "/static/session.js";

const offline = document.getElementById("offline");
connection.addEventListener("online", () => (offline.hidden = true));
connection.addEventListener("offline", () => (offline.hidden = false));

document.getElementById("theme").append(themeSwitch());

const admin = document.getElementById("admin-link");
const showAdmin = () => (admin.hidden = !(session.user?.roles.admin || session.user?.roles.arbiter));
session.addEventListener("change", showAdmin);

start(document.getElementById("page"));

// After the page: a first paint must not wait for wallets.
import("/static/wallet/account-menu.js")
  .then(({ accountMenu }) => accountMenu(document.getElementById("account")))
  .catch((error) => console.error(error));
