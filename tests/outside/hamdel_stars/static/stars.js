// The composer's button puts a link for the customer into the reply; a rating that comes in is said aloud.

import { socket, t, toast } from "../../js/desk.js";

const stars = socket("/x/stars");

document.addEventListener("composer:tool", ({ detail }) => {
  if (detail.tool !== "stars.link") return;
  stars.emit("link", { ticket: detail.ticket }, ({ text, error }) => (error ? toast(error, { tone: "danger" }) : detail.insert(text)));
});
stars.on("rated", ({ ticket, stars: given }) => toast(t("The customer of #%(number)s gave %(stars)s stars.", { number: ticket, stars: given })));
