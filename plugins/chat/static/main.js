// The widget of one account on one page: what is known, what the visitor does, and who is told.

import { Connection, download, upload } from "./connection.js";
import { Greeter } from "./greeting.js";
import { Conversation, Files, Outbox, Store } from "./messages.js";
import { Panel } from "./panel.js";
import { speaker, wanted } from "./texts.js";

/** Fetch the configuration and draw the launcher; the functions of `window.Hamdel`. */
export async function start(settings) {
  const answer = await fetch(`${settings.desk}/chat/${settings.key}/config?language=${encodeURIComponent(wanted(settings.language))}`);
  if (!answer.ok) throw new Error(`the desk answered ${answer.status}`);
  const widget = new Widget(settings, await answer.json());
  widget.begin();
  return widget;
}

class Widget {
  #identity;
  #drawing = false;
  typing = null;
  opened = false;
  progress = new Map();

  constructor({ desk, key, theme, fire }, config) {
    Object.assign(this, { desk, key, theme, fire, config, words: speaker(config) });
    this.store = new Store(key);
    this.conversation = new Conversation();
    this.line = new Connection({ desk, key, language: config.language }, this.store, () => this.conversation.synced);
    this.outbox = new Outbox(this.store, new Files(`hamdel-${key}`), (entry, files) => this.#deliver(entry, files), (entry, given) => {
      if (given) this.conversation.confirm(entry, given);
      this.draw();
    });
    this.state = { phase: this.store.get("token") || !config.questions.length ? "new" : "questions", open: config.open, opens_at: config.opens_at, read: 0 };
    this.greeter = new Greeter(this);
    this.panel = new Panel(this);
  }

  begin() {
    this.#hear();
    this.draw();
    if (this.store.get("token")) this.line.start();
    if (this.store.get("open") && !this.panel.narrow) this.open({ focus: false });
    this.greeter.begin();
    this.fire("ready");
  }

  // -- what the host page may do ----------------------------------------------------------------

  open({ focus = true } = {}) {
    if (this.opened) return;
    this.opened = true;
    this.store.set("open", true);
    this.line.start();
    this.greeter.stop();
    this.panel.show(focus);
    this.draw();
    this.fire("open");
  }

  close() {
    if (!this.opened) return;
    this.opened = false;
    this.store.set("open", undefined);
    this.panel.hide();
    this.draw();
    this.fire("close");
  }

  /** Who is signed in on the site: `id` and its `hash` by the site's own server. Answers when the desk knows, or at the first chat. */
  async identify({ id, hash, name = "", email = "" }) {
    this.#identity = { user: String(id), hash, name, email };
    if (this.line.on) await this.#identify();
  }

  /** Signed out of the site: this browser is nobody's any more. */
  async forget() {
    this.#identity = undefined;
    this.outbox.clear();
    if (this.line.on) await this.line.ask("forget").catch(() => {});
    this.line.stop();
    for (const name of ["token", "seen", "draft", "address"]) this.store.set(name, undefined);
    this.store.tell({ forgotten: true });
    this.#begin_anew();
    this.close();
  }

  // -- what the visitor does --------------------------------------------------------------------

  async send(text, files = []) {
    this.line.start();
    this.greeter.answered();
    await this.outbox.add(text, files);
    this.panel.thread.follow();
  }

  /** Ask something that changes the state; a failure is thrown with a sentence for the visitor. */
  async ask(event, object) {
    try {
      const { state } = await this.line.ask(event, object);
      if (state) this.#know(state);
    } catch (failure) {
      const known = ["offline", "unavailable"].includes(failure.code) ? this.words.say("no_line") : failure.sentence;
      throw { ...failure, sentence: known || this.words.say("went_wrong") };
    }
  }

  /** The answers to the questions and the message that was written beside them. */
  async answer(answers, text) {
    await this.ask("answers", { answers });
    if (answers.email) this.store.set("address", answers.email);
    await this.send(text);
  }

  writing(writing) {
    this.line.signal("typing", { writing });
  }

  /** Everything up to now is on the screen. */
  seen() {
    const { newest } = this.conversation;
    if (newest <= (this.store.get("seen") ?? 0)) return;
    this.store.set("seen", newest);
    this.store.tell({ seen: newest });
    this.line.signal("read", { seq: newest });
    this.draw();
  }

  get unread() {
    return this.conversation.unread(this.store.get("seen") ?? 0);
  }

  file(seq, number) {
    return download(this, this.store.get("token"), seq, number);
  }

  // -- what comes -------------------------------------------------------------------------------

  #hear() {
    const on = (name, act) => this.line.addEventListener(name, ({ detail }) => act(detail));
    on("hello", (hello) => this.#welcome(hello));
    on("item", (item) => this.#take([item]));
    on("state", (state) => this.#know(state));
    on("read", ({ seq }) => this.#know({ ...this.state, read: Math.max(seq, this.state.read ?? 0) }));
    on("typing", (typing) => this.#typing(typing));
    on("behind", () => this.#catch_up());
    on("line", () => this.draw());
    this.store.heard((said) => {
      if (said.forgotten) this.#forgotten();
      if (said.outbox) this.outbox.flush();
      this.draw();
    });
  }

  async #welcome({ visitor, state, items, more }) {
    const stranger = this.visitor && this.visitor !== visitor;
    this.visitor = visitor;
    if (stranger) this.conversation.reset();
    else this.#take(items, true);
    this.#know(state);
    if (stranger || more) await this.#catch_up();
    this.loaded = true;
    this.outbox.flush();
    if (this.store.get("seen")) this.line.signal("read", { seq: Math.min(this.store.get("seen"), this.conversation.newest) });
    if (this.#identity) await this.#identify().catch((failure) => console.warn("Hamdel.identify:", failure.sentence || failure.code));
  }

  async #catch_up() {
    for (let more = true; more; ) {
      const before = this.conversation.synced;
      const answer = await this.line.ask("history", { since: before }).catch(() => ({ items: [] }));
      this.#take(answer.items, true);
      more = answer.more && this.conversation.synced > before;
    }
  }

  #take(items, complete = false) {
    const known = this.loaded;
    for (const item of this.conversation.take(items, complete)) {
      if (item.client_id) this.outbox.drop(item.client_id, item);
      if (item.from === "visitor" || item.kind !== "message") continue;
      this.#typing(null);
      if (known) this.fire("message", { id: item.id, text: item.text, author: item.author?.name ?? "", at: item.at });
    }
    this.draw();
  }

  #know(state) {
    const { phase } = this.state;
    this.state = state;
    if (state.phase === "ended" && phase !== "ended" && this.loaded) this.#ended();
    if (phase === "questions" && state.phase !== "questions") this.outbox.flush();
    this.draw();
  }

  #ended() {
    this.#typing(null);
    this.fire("ended");
    this.panel.thread.follow();
  }

  #typing(typing) {
    clearTimeout(this.quiet);
    this.typing = typing?.writing ? typing : null;
    if (this.typing) this.quiet = setTimeout(() => this.#typing(null), 6000);
    this.draw();
  }

  async #identify() {
    const { visitor, token, state } = await this.line.rotate("identify", this.#identity);
    this.#know(state);
    if (token) {
      this.visitor = visitor;
      this.conversation.reset();
      await this.#catch_up();
    }
    this.fire("identified", { id: this.#identity.user });
  }

  #forgotten() {
    this.line.stop();
    this.#begin_anew();
    if (this.opened) this.line.start();
  }

  #begin_anew() {
    this.visitor = undefined;
    this.loaded = false;
    this.conversation.reset();
    this.state = { phase: this.config.questions.length ? "questions" : "new", open: this.config.open, opens_at: this.config.opens_at, read: 0 };
    this.draw();
  }

  #deliver(entry, files) {
    const { client_id, text } = entry;
    if (!files.length) return this.line.ask("message", { client_id, text }).then((answer) => this.#delivered(answer));
    if (!this.line.on) throw { code: "offline" };
    return upload(this, this.store.get("token"), entry, files, (part) => {
      this.progress.set(client_id, part);
      this.draw();
    }).then((answer) => this.#delivered(answer)).finally(() => this.progress.delete(client_id));
  }

  #delivered(answer) {
    if (answer.state) this.#know(answer.state);
    return answer;
  }

  /** Draw once, after everything that happens together. */
  draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      this.panel.draw();
      const { unread } = this;
      if (unread !== this.told) this.fire("unread", unread);
      this.told = unread;
    });
  }
}
