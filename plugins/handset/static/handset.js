// What the desk sends is asked for at once, and the newest stays in sight.

import { socket } from "../../js/desk.js";

const lines = document.querySelector("#handset-lines");
const newest = () => {
  lines.scrollTop = lines.scrollHeight;
};

socket("/x/handset").on("news", () => document.body.dispatchEvent(new Event("handset:news")));
lines.addEventListener("htmx:afterSwap", newest);
newest();
