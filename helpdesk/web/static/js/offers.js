// What scripts of plugins add to the palette: options found for the words that are typed there.

const offers = [];

// `find(words)` resolves to options {label, sub, symbol, run}; they stand under `title`.
export function offer(title, find) {
  offers.push({ title, find });
}

// [{title, options}] of all; one that fails adds nothing.
export const offered = (words) => Promise.all(offers.map(async ({ title, find }) => ({ title, options: await find(words).catch(() => []) })));
