// Before a reply goes where everybody reads it, the desk says what of it is personal; two ways lead on.

import { $, on, post } from "../../js/desk.js";

let goOn = null; // sends the reply that waits for an answer

const isPublic = () => $('#way input[name="visibility"]')?.value === "public";
const close = () => { $("#social-warning")?.remove(); goOn = null; };

document.addEventListener("htmx:confirm", async (event) => {
  if (event.detail.elt.id !== "say-reply" || !isPublic()) return;
  event.preventDefault();
  close();
  const { issueRequest } = event.detail;
  const answer = await post("/x/social/public", { text: $("#say-reply textarea").value }).catch(() => null);
  if (answer?.status !== 200) return issueRequest(true);
  $("#notices").innerHTML = await answer.text();
  goOn = issueRequest;
  $("#social-warning").focus();
});

on("click", "[data-social]", (_event, button) => {
  const send = goOn;
  close();
  if (button.dataset.social === "send") return send?.(true);
  $('#menu-visibility [name="choose_visibility"][value="private"]')?.click();
  $("#say-reply textarea").focus();
});

on("input", "#say-reply textarea", close);
document.addEventListener("ticket:opened", close);
