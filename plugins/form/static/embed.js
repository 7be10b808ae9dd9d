// Puts the form on any page: <script src="https://desk.example/p/form/KEY/embed.js" data-topic="order" data-lang="en"></script>
// Other data attributes fill fields in; the frame is as high as what is in it.
(() => {
  const own = document.currentScript, { topic = "", ...given } = own.dataset;
  const url = new URL(own.src.replace(/embed\.js.*$/, encodeURIComponent(topic)));
  url.searchParams.set("embed", "1");
  for (const [name, value] of Object.entries(given)) url.searchParams.set(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value);
  const frame = document.createElement("iframe");
  frame.src = url.href;
  frame.title = own.title || "Contact";
  frame.setAttribute("width", "100%");
  frame.setAttribute("height", "600");
  frame.setAttribute("frameborder", "0");
  own.after(frame);
  window.addEventListener("message", (event) => {
    if (event.source === frame.contentWindow && event.origin === url.origin && Number.isFinite(event.data?.hamdelForm)) frame.setAttribute("height", String(Math.min(20000, event.data.hamdelForm)));
  });
})();
