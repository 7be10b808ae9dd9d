// Tells the person to whom a ticket is assigned when its time is nearly over, and when it is.

import { $, t, toast } from "../../js/desk.js";

const me = Number($("#console")?.dataset.me);
const said = {
  "sla.warning": (number) => t("The time to answer #%(number)s is nearly over.", { number }),
  "sla.breached": (number) => t("The time to answer #%(number)s is over.", { number }),
};

document.addEventListener("live:changed", ({ detail: { kind, ticket, row } }) => {
  if (!said[kind] || row?.assignee?.id !== me) return;
  const text = said[kind](ticket);
  toast(text, { tone: kind === "sla.breached" ? "danger" : "", seconds: 12, undo: { label: t("Show the ticket"), run: () => open(ticket) } });
});

function open(ticket) {
  const row = $(`[data-list] a[href^="/tickets/${ticket}"]`);
  if (row) row.click();
  else location.assign(`/tickets/${ticket}`);
}
