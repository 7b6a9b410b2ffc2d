import { get, post } from "/static/api.js";
import { busy } from "/static/components/busy.js";
import { confirmDialog } from "/static/components/dialog.js";
import { toast } from "/static/components/notice.js";
import { problem } from "/static/components/problem.js";
import { html, replace, short, table, time } from "/static/html.js";
import { session } from "/static/session.js";
import { agentName } from "./agent.js";

/** Where the account is signed in, and signing out there. */
export async function sessionsSection(place, user, signal) {
  replace(place, busy("Loading the sessions …"));
  const again = () => sessionsSection(place, user, signal);
  try {
    const { sessions } = await get("/api/account/sessions", { signal });
    draw(place, sessions, again);
  } catch (refusal) {
    if (!signal.aborted) replace(place, problem(refusal, { again }));
  }
}

function draw(place, sessions, again) {
  const state = html`<div></div>`;
  const attempt = (work) => async () => {
    try {
      await work();
    } catch (refusal) {
      replace(state, problem(refusal, { again }));
    }
  };
  const end = (id) =>
    attempt(async () => {
      await post("/api/account/sessions/end", { id });
      toast("That session has ended.");
      await again();
    });
  const everywhere = attempt(async () => {
    const sure = await confirmDialog({
      title: "Sign out everywhere?",
      text: "All sessions end, this one and those of command lines too.",
      confirm: "Sign out everywhere",
      danger: true,
    });
    if (!sure) return;
    await post("/api/account/sessions/end-all");
    await session.refresh();
  });
  replace(
    place,
    table({
      caption: "Where you are signed in",
      head: ["Where", "Since", "Until", "Wallet", "End"],
      rows: sessions.map(({ id, agent, opened, until, address, current }) => [
        agentName(agent),
        time(opened),
        time(until),
        address ? short(address) : "none",
        current
          ? html`<span class="badge good">this one</span>`
          : html`<button type="button" aria-label="End the session of ${agentName(agent)}" @click=${end(id)}>
              End
            </button>`,
      ]),
    }),
    state,
    html`<p class="ways">
      <button type="button" @click=${attempt(() => session.signOut())}>Sign out</button
      ><button type="button" class="danger" @click=${everywhere}>Sign out everywhere</button>
    </p>`,
  );
}
