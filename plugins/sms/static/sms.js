// Says beside the composer's count of characters how many parts the text will be sent in.

import { tn } from "../../js/desk.js";
import { parts } from "./parts.js";

document.addEventListener("composer:counted", ({ detail }) => {
  const count = detail.channel === "sms" ? parts(detail.text) : 0;
  if (count) detail.say(tn("%(num)s part", "%(num)s parts", count));
});
