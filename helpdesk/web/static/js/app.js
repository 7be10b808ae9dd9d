// Every signed-in page: preferences, and the modules that every page has.

import { on, post } from "./dom.js";
import { problem } from "./toasts.js";
import "./clock.js";
import "../ticket/attaching.js";
import "./picker.js";
import "./layers.js";
import "../keys/keys.js";
import "../queue/palette.js";

if (document.getElementById("rings")) import("../line/ring.js");

const THEMES = ["auto", "light", "dark"];

on("click", "[data-prefer]", async (_event, { dataset }) => {
  const root = document.documentElement, name = dataset.prefer;
  const value = name === "theme" ? THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length] : dataset.value;
  if (name === "theme") root.dataset.theme = value;
  const response = await post("/me/preferences", { [name]: value }).catch(() => null);
  if (!response?.ok) return problem(response?.status ?? 0);
  if (name === "language") location.reload();
});
