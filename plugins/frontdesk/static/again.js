// A part of a page that asks for itself again when the desk says that the line changed, and now and then: what came is
// put in its place when it differs. A desk that does not answer is said.
import { io } from "../../vendor/socket.io.js";

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
  }
  setInterval(ask, Number(part.dataset.every) * 1000); // the socket may be down
  if (part.dataset.account) {
    const line = io({ path: "/frontdesk/socket.io", query: { account: part.dataset.account }, transports: ["websocket"], reconnectionDelay: 2000, reconnectionDelayMax: 20000 });
    line.on("changed", ask);
    line.on("connect", ask);
  }
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
