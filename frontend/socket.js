import { io } from "/vendor/socket.io.esm.min.js";

/**
 * Follow one ticket live; every reconnection asks for it again, so nothing is missed.
 * @param {import("./store.js").Store} store
 * @param {string} ticketId
 * @param {string} link the token of the link this page was opened by
 */
export function follow(store, ticketId, link) {
  const socket = io("/tickets", { auth: { link }, transports: ["websocket"] });
  socket.on("connect", () => {
    store.set({ connection: "Live" });
    socket.emit("watch", { ticket_id: ticketId }, (answer) => {
      if (answer.ok) store.heard(answer.ticket);
      else store.set({ problem: answer.message });
    });
  });
  socket.on("ticket", (ticket) => store.heard(ticket));
  socket.on("disconnect", () => store.set({ connection: "Connection lost; reconnecting …" }));
  socket.on("connect_error", () => store.set({ connection: "The server does not answer; trying again." }));
}
