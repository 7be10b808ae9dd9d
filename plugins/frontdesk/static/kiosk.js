// A page that forgets: after so many seconds without a touch it goes back to its start. Larger letters stay with the kiosk.
const root = document.documentElement;
const { forgets, start } = document.body.querySelector("[data-forgets]")?.dataset ?? {};
let timer;

function restart() {
  clearTimeout(timer);
  if (forgets) timer = setTimeout(() => location.replace(start), Number(forgets) * 1000);
}

for (const kind of ["pointerdown", "keydown", "input"]) document.addEventListener(kind, restart);
restart();

function enlarge(on) {
  root.classList.toggle("frontdesk-larger", on);
  document.querySelector("[data-larger]")?.setAttribute("aria-pressed", String(on));
}

enlarge(sessionStorage.getItem("larger") === "1");
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-larger]")) {
    const on = !root.classList.contains("frontdesk-larger");
    sessionStorage.setItem("larger", on ? "1" : "");
    enlarge(on);
  }
  if (target.closest("[data-print]")) print();
});
