// A part of a page that asks for itself again: what came is put in its place when it differs. A line that is down is said.
for (const part of document.querySelectorAll("[data-again]")) {
  let shown = part.innerHTML;
  async function ask() {
    try {
      const answer = await fetch(part.dataset.again, { cache: "no-store" });
      if (answer.ok) {
        const text = await answer.text();
        if (text !== shown) part.innerHTML = shown = text;
      }
      part.classList.toggle("frontdesk-stale", !answer.ok);
    } catch {
      part.classList.add("frontdesk-stale");
    }
    setTimeout(ask, Number(part.dataset.every) * 1000);
  }
  setTimeout(ask, Number(part.dataset.every) * 1000);
}

const clock = document.querySelector("[data-clock]");
if (clock) {
  const { lang, dataset } = document.documentElement;
  const hours = new Intl.DateTimeFormat(`${lang}-u-nu-${dataset.digits === "fa" ? "arabext" : "latn"}`, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: dataset.timezone });
  const tell = () => {
    clock.textContent = hours.format(new Date());
  };
  tell();
  setInterval(tell, 5000);
}
