// How many parts a text has on its way, as parts.py counts them (3GPP TS 23.038 and 23.040).

const GSM = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
const TWICE = new Set("\f^{}\\[~]|€");

export function parts(text) {
  const letters = [...text];
  if (!letters.length) return 0;
  const narrow = letters.every((letter) => GSM.has(letter) || TWICE.has(letter));
  const width = (letter) => (narrow ? TWICE.has(letter) : letter.codePointAt(0) > 0xffff) ? 2 : 1;
  const [alone, joined] = narrow ? [160, 153] : [70, 67];
  if (letters.reduce((sum, letter) => sum + width(letter), 0) <= alone) return 1;
  let count = 1, room = joined;
  for (const letter of letters) {
    if (width(letter) > room) [count, room] = [count + 1, joined];
    room -= width(letter);
  }
  return count;
}
