// A word of welcome after a while on a page that the operator named: shown once, taken away with one press.

const REMEMBERED = 20; // greetings remembered as shown

/** Whether a path is one of the page's: `*` stands for anything. */
export function matches(pattern, path) {
  const parts = pattern.split("*").map((part) => part.replace(/[^\w/]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(path);
}

/** Waits for the moment of the first greeting that matches. `text` is what is to be shown beside the launcher now. */
export class Greeter {
  #widget;
  #timer = 0;
  text = "";
  said = ""; // the greeting the visitor opened: it stands above what they write

  constructor(widget) {
    this.#widget = widget;
  }

  begin() {
    const { config, store } = this.#widget;
    const greeting = config.greetings.find(({ page }) => matches(page, location.pathname));
    const shown = store.get("greeted") ?? [];
    if (!greeting || shown.includes(greeting.text)) return;
    this.#timer = setTimeout(() => {
      if (this.#widget.opened || this.#widget.conversation.newest || document.visibilityState !== "visible") return;
      store.set("greeted", [...shown, greeting.text].slice(-REMEMBERED));
      this.text = greeting.text;
      this.#widget.draw();
    }, greeting.after * 1000);
  }

  /** Out of the way; the one that was opened goes on as the first words of the talk. */
  stop() {
    clearTimeout(this.#timer);
    this.said ||= this.text;
    this.text = "";
    this.#widget.draw();
  }

  dismiss() {
    this.text = "";
    this.#widget.draw();
  }

  answered() {
    clearTimeout(this.#timer);
    this.text = "";
  }
}
