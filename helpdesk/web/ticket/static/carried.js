// What a channel carries, by the attributes that `carries` of the templates writes: told while a message is written. The server decides.

import { number, t, tn } from "../js/language.js";

// Why a file cannot go this way; "" for one that can.
export function refusedFile({ most, each, types } = {}, { name, size, type }) {
  if (most === "0") return t("This channel carries no files.");
  const fits = !types || types.split(" ").some((kind) => kind === type || (kind.endsWith("/*") && type.startsWith(kind.slice(0, -1))));
  if (!fits) return t("This channel does not carry files like %(name)s.", { name });
  return Number(each) && size > Number(each) ? t("The file %(name)s is too large for this channel.", { name }) : "";
}

// Show in `slot` how many characters of those the channel carries are used, counted as the server does.
export function showCount({ mostChars }, area, slot) {
  const most = Number(mostChars), used = [...area.value.trim()].length, over = !!most && used > most;
  slot.textContent = !most ? "" : over ? tn("%(num)s character too many", "%(num)s characters too many", used - most) : `${number(used)} / ${number(most)}`;
  slot.classList.toggle("danger", over);
  area.ariaInvalid = String(over);
}
