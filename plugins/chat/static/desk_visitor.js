// The visitor beside the conversation, drawn anew when something happens to their chat.

import { $ } from "../../js/desk.js";

const PAUSE = 500;
let due = 0;

function look({ detail }) {
  const panel = $(`[data-chat-visitor="${detail.ticket}"]`);
  if (!panel || due || panel.contains(document.activeElement)) return;
  due = setTimeout(async () => {
    due = 0;
    const response = await fetch(`/x/chat/${detail.ticket}/visitor`).catch(() => null);
    if (response?.ok) panel.outerHTML = await response.text();
  }, PAUSE);
}

document.addEventListener("live:changed", look);
document.addEventListener("live:signal", (event) => event.detail.kind === "typing" || look(event));
