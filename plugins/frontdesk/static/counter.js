// The clock of the one who is served, and the keys of the counter: N calls the next, R calls again. The page is drawn anew
// without loading this again, so the clock is looked for each second.
const { lang, dataset } = document.documentElement;
const two = new Intl.NumberFormat(`${lang}-u-nu-${dataset.digits === "fa" ? "arabext" : "latn"}`, { minimumIntegerDigits: 2, useGrouping: false });
const began = new WeakMap();

function tell() {
  const clock = document.querySelector("[data-served]");
  if (!clock) return;
  if (!began.has(clock)) began.set(clock, performance.now() - Number(clock.dataset.served) * 1000);
  const seconds = Math.floor((performance.now() - began.get(clock)) / 1000);
  clock.textContent = `${two.format(Math.floor(seconds / 60))}:${two.format(seconds % 60)}`;
}

tell();
setInterval(tell, 1000);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
  const button = document.querySelector(`[data-key="${event.code}"]`);
  if (button) {
    event.preventDefault();
    button.click();
  }
});
