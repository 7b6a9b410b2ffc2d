import { io } from "/vendor/socket.io.esm.min.js";

/**
 * Follow one ticket live; every reconnection asks for it again, so nothing is missed, and an older version than the one heard
 * last is dropped.
 * @param {string} ticketId
 * @param {string|null} link the token of the link that the page was opened by; null for the session's own ticket
 * @param {object} told
 * @param {AbortSignal} told.signal ends it
 * @param {(ticket: object) => void} told.heard
 * @param {(status: {live: boolean, problem: {code: string, message: string}|null}) => void} told.status
 */
export function followTicket(ticketId, link, { signal, heard, status }) {
  const socket = io("/tickets", { auth: link ? { link } : {}, transports: ["websocket"], forceNew: true });
  let version = -1;
  const hear = (ticket) => {
    if (signal.aborted || ticket.version < version) return;
    version = ticket.version;
    heard(ticket);
  };
  socket.on("connect", () => {
    socket.emit("watch", { ticket_id: ticketId }, (answer) => {
      status({ live: answer.ok, problem: answer.ok ? null : answer });
      if (answer.ok) hear(answer.ticket);
    });
  });
  socket.on("ticket", hear);
  socket.on("disconnect", () => !signal.aborted && status({ live: false, problem: null }));
  socket.on("connect_error", () => !signal.aborted && status({ live: false, problem: null }));
  signal.addEventListener("abort", () => socket.disconnect(), { once: true });
}
