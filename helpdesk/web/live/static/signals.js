// What the customer of the open ticket does right now, for a few seconds. Nothing of it is kept.

import { $ } from "../js/dom.js";
import { t } from "../js/language.js";
import { ticket } from "../ticket/thread.js";

const STAYS = 5000;
const WORDS = { typing: t("The customer is writing…"), online: t("The customer is here."), away: t("The customer is away.") };
let ending = 0;

document.addEventListener("live:signal", ({ detail }) => {
  const slot = $("#signal");
  if (!slot || detail.ticket !== ticket()) return;
  slot.textContent = WORDS[detail.kind] ?? "";
  clearTimeout(ending);
  ending = setTimeout(() => slot.replaceChildren(), STAYS);
});
