// The frame: the launcher, the window with its head and foot, and how focus, Escape and a phone's screen behave.

import { Composer } from "./composer.js";
import { avatar, h, icon, iconButton } from "./dom.js";
import { MailCard, Place, Questions, Rating } from "./forms.js";
import { styles } from "./styles.js";
import { Thread } from "./thread.js";

const FOCUSABLE = "a[href], button:not(:disabled), textarea:not(:disabled), input:not(:disabled), select:not(:disabled)";
const NARROW = "(max-width: 520px), (max-height: 460px)";

/** Everything that is seen, in a shadow root of its own at the end of the page. */
export class Panel {
  #screen = matchMedia(NARROW);

  constructor(widget) {
    this.widget = widget;
    const { config, words: { say } } = widget;
    this.thread = new Thread(widget);
    this.composer = new Composer(widget);
    const mail = new MailCard(widget);
    this.parts = [new Questions(widget), new Rating(widget), mail];
    this.place = new Place(widget);
    this.menu = new Menu(widget, mail);
    this.#frame(config, say);
    this.host = h("div", { id: "hamdel-chat" });
    const root = this.host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles(config.colour, widget.theme)];
    root.append(this.dock);
    document.body.append(this.host);
    this.#screen.addEventListener("change", () => this.#modal());
    for (const event of ["resize", "scroll"]) window.visualViewport?.addEventListener(event, () => this.#fit());
    this.composer.accept(this.window);
  }

  get narrow() {
    return this.#screen.matches;
  }

  #frame({ title = "", name, side, language, direction }, say) {
    this.face = h("span", { className: "face" });
    this.title = h("h2", { className: "title cut", id: "title" });
    this.about = h("p", { className: "meta cut" });
    const close = iconButton("x", say("close"), () => this.widget.close(), "quiet");
    const head = h("header", { className: "head" }, this.face, h("div", { className: "grow" }, this.title, this.about), this.menu.node, close);
    this.strip = h("p", { className: "strip", role: "status", hidden: true });
    this.away = h("p", { className: "banner", hidden: true });
    this.thread.add(this.away, "before");
    for (const part of this.parts) this.thread.add(part.node);
    this.call = h("a", { className: "link push", target: "_blank", rel: "noopener" }, icon("call"), h("span", {}, say("call_me")));
    this.composer.add(this.call);
    this.window = h("section", { className: "window", role: "dialog", "aria-label": title || name, hidden: true, tabIndex: -1, onkeydown: (event) => this.#key(event) },
      head, this.strip, this.place.node, this.thread.node, this.composer.node);
    this.badge = h("span", { className: "badge", hidden: true });
    this.label = h("span", { className: "label" }, say("open"));
    this.launcher = h("button", { type: "button", className: "launcher", "aria-haspopup": "dialog", onclick: () => this.widget.open() },
      icon("chat"), this.label, this.badge);
    this.greeting = h("div", { className: "greeting", role: "status" });
    this.dock = h("div", { className: "dock", lang: language, dir: direction, "data-side": side }, this.window, this.greeting, this.launcher);
  }

  show(focus) {
    this.window.hidden = false;
    this.dock.dataset.open = "";
    this.#modal();
    this.#fit();
    this.draw();
    if (this.composer.shown) this.thread.follow();
    if (!focus) return;
    const first = this.composer.shown ? this.composer.field : this.window.querySelector("form:not([hidden]) :is(input, select, textarea)");
    const glass = matchMedia("(pointer: coarse)").matches; // there a focused field brings the keyboard before anything was read
    ((!glass && first) || this.window).focus({ preventScroll: true });
  }

  hide() {
    const inside = this.window.contains(this.host.shadowRoot.activeElement);
    this.window.hidden = true;
    delete this.dock.dataset.open;
    if (inside) this.launcher.focus({ preventScroll: true });
  }

  draw() {
    const { widget } = this;
    const { state, config, line } = widget;
    if (!widget.opened) return this.#drawLauncher();
    this.#drawHead();
    const refused = line.refused === "blocked" || line.refused === "closed" ? line.refused : "";
    const cut = widget.loaded && !line.on && !refused;
    this.#set(this.strip, cut || refused ? widget.words.say(refused || "offline") : "", cut ? "offline" : "alert");
    const away = !state.open && ["new", "questions", "away"].includes(state.phase);
    this.#set(this.away, away ? this.#absence(widget) : "", "clock");
    this.place.draw();
    for (const part of this.parts) part.draw();
    this.thread.draw();
    this.composer.draw();
    this.menu.draw();
    const call = state.callback || config.callback;
    this.call.hidden = !/^https?:/.test(call);
    if (!this.call.hidden) this.call.href = call;
    this.#drawLauncher();
  }

  // Why nobody answers now, until when, and what to do meanwhile.
  #absence({ config: { answers_in }, state: { opens_at }, words }) {
    const why = opens_at ? words.say("away_closed", { when: words.moment(new Date(opens_at)) })
      : answers_in ? words.say("away_busy", { time: words.about(answers_in) }) : words.say("away_unknown");
    return `${why} ${words.say("away")}`;
  }

  #set(node, text, drawing) {
    if (node.hidden === !text && node.dataset.text === text) return;
    node.hidden = !text;
    node.dataset.text = text;
    node.replaceChildren(icon(drawing), h("span", { className: "grow" }, text));
  }

  #drawHead() {
    const { state, config, words, desk } = this.widget;
    const { agent, phase } = state;
    const shown = agent ?? config.agents[0] ?? { name: config.name };
    const key = JSON.stringify([shown, phase, state.open, agent]);
    if (key === this.headKey) return;
    this.headKey = key;
    const ready = state.open || phase === "open";
    this.face.replaceChildren(avatar(shown, desk, "large"), h("i", { className: ready ? "presence ready" : "presence" }));
    this.title.replaceChildren(h("bdi", {}, agent?.name || config.texts.title || config.name));
    this.about.textContent = this.#subtitle(ready, words, config, state);
  }

  #subtitle(ready, words, config, { agent, phase, opens_at }) {
    if (phase === "ended") return words.say("ended");
    if (agent) return words.say("agent_here", { name: config.name });
    if (phase === "waiting") return words.say("all_busy");
    if (!ready) return opens_at ? words.say("opens", { when: words.moment(new Date(opens_at)) }) : words.say("closed_now");
    if (!config.answers_in) return words.say("online");
    return config.answers_in < 90 ? words.say("answers_at_once") : words.say("answers_in", { n: words.rounded(config.answers_in) });
  }

  #drawLauncher() {
    const { unread, greeter, words } = this.widget;
    this.badge.hidden = !unread;
    this.badge.textContent = unread > 99 ? `${words.number(99)}+` : words.number(unread);
    this.launcher.setAttribute("aria-label", unread ? words.say("open_unread", { n: unread }) : words.say("open"));
    this.launcher.setAttribute("aria-expanded", String(this.widget.opened));
    if (this.greetingText === greeter.text) return;
    this.greetingText = greeter.text;
    this.greeting.replaceChildren(...(greeter.text ? [
      h("button", { type: "button", className: "words", dir: "auto", onclick: () => this.widget.open() }, greeter.text),
      iconButton("x", words.say("dismiss"), () => greeter.dismiss(), "quiet small"),
    ] : []));
  }

  // A window that fills the screen is modal: Tab stays inside it.
  #modal() {
    if (this.narrow) this.window.setAttribute("aria-modal", "true");
    else this.window.removeAttribute("aria-modal");
    this.dock.toggleAttribute("data-full", this.narrow);
  }

  #key(event) {
    event.stopPropagation(); // the host page's own shortcuts stay out of what is typed here
    if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) {
      event.preventDefault();
      if (!this.menu.close()) this.widget.close();
    }
    if (event.key !== "Tab" || !this.narrow) return;
    const stops = [...this.window.querySelectorAll(FOCUSABLE)].filter((one) => one.checkVisibility());
    const [first, last] = [stops[0], stops.at(-1)];
    const now = this.host.shadowRoot.activeElement;
    if (event.shiftKey ? now === first || now === this.window : now === last) {
      event.preventDefault();
      (event.shiftKey ? last : first)?.focus();
    }
  }

  // A phone's keyboard takes room from the visual viewport alone: the window keeps to what is left of it.
  #fit() {
    const view = window.visualViewport;
    if (!view || !this.narrow || !this.widget.opened) return;
    this.host.style.setProperty("--top", `${view.offsetTop}px`);
    this.host.style.setProperty("--height", `${view.height}px`);
    this.thread.stay();
  }
}

/** A button that discloses a short list of actions; those that make no sense now are absent. */
class Menu {
  #widget;
  #mail;

  constructor(widget, mail) {
    this.#widget = widget;
    this.#mail = mail;
    const { say } = widget.words;
    this.button = iconButton("more", say("more"), () => this.#toggle(), "quiet");
    this.button.setAttribute("aria-expanded", "false");
    this.mailed = this.#item("mail", say("mail_me"), () => this.#mail.open());
    this.end = this.#item("check", say("end"), () => widget.ask("end").catch((failure) => widget.panel.composer.complain(failure.sentence)));
    this.list = h("div", { className: "menu", hidden: true }, this.mailed, this.end);
    this.node = h("div", { className: "menu-place", onfocusout: (event) => this.node.contains(event.relatedTarget) || this.close() }, this.button, this.list);
  }

  #item(drawing, text, act) {
    const chosen = () => {
      this.close();
      act();
    };
    return h("button", { type: "button", className: "option", onclick: chosen }, icon(drawing), h("span", {}, text));
  }

  #toggle() {
    if (this.close()) return;
    this.list.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.list.querySelector("button:not([hidden])")?.focus();
  }

  /** True when it was open. */
  close() {
    if (this.list.hidden) return false;
    const inside = this.list.contains(this.node.getRootNode().activeElement);
    this.list.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    if (inside) this.button.focus();
    return true;
  }

  draw() {
    const { phase } = this.#widget.state;
    const begun = this.#widget.conversation.newest > 0;
    this.end.hidden = !["open", "waiting"].includes(phase);
    this.mailed.hidden = !begun;
    this.button.hidden = this.end.hidden && this.mailed.hidden;
  }
}
