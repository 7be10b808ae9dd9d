// The one line of a host page: gives it `window.Hamdel` at once and fetches the rest beside it.
//
// A classic script, since `document.currentScript` is how it learns which desk and which account it came from.

(() => {
  const script = document.currentScript;
  if (!script || window.Hamdel?.open) return;
  const parts = new URL("widget-WIDGET_VERSION/", script.src);
  const [, key] = /\/chat\/([^/]+)\/widget\.js$/.exec(new URL(script.src).pathname) ?? [];
  const listeners = new Map();
  const fire = (name, detail) => {
    for (const listener of listeners.get(name) ?? []) listener(detail);
    if (name === "ready") document.dispatchEvent(new CustomEvent("hamdel:ready"));
  };
  const settings = { desk: parts.origin, key, language: script.dataset.language, theme: script.dataset.theme, fire };
  const started = import(new URL("main.js", parts)).then((main) => main.start(settings));
  const call = (name) => (...given) => started.then((widget) => widget[name](...given));
  window.Hamdel = {
    open: call("open"),
    close: call("close"),
    identify: call("identify"),
    forget: call("forget"),
    on(name, listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
      return () => listeners.set(name, listeners.get(name).filter((one) => one !== listener));
    },
  };
  started.catch((error) => console.warn("The chat could not start:", error.message));
})();
