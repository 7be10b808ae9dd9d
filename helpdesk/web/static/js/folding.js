// Words as they are compared: without case, with one ی and one ک, Latin digits, and a space for each half-space.

export const folded = (text) => text.trim().toLocaleLowerCase().replace(/[يى]/g, "ی").replace(/ك/g, "ک").replace(/[\u200c\s]+/g, " ")
  .replace(/[۰-۹]/g, (digit) => digit.charCodeAt() - 0x6f0).replace(/[٠-٩]/g, (digit) => digit.charCodeAt() - 0x660);
