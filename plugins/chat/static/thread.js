// What was said, as bubbles: each drawn once and kept, so that a screen reader hears what is new and nothing twice.

import { avatar, h, icon, iconButton, linked } from "./dom.js";

const NEAR = 60; // pixels from the end that still count as reading the end
const CHANGEABLE = 14 * 60_000; // one's own words can be changed; the desk allows a minute more
const APART = 5 * 60_000; // after so long without a word the time is shown again

/** The scrolled part of the window: the log of messages, and what stands before and after it. */
export class Thread {
  #widget;
  #rows = new Map();
  #shown = 0;

  constructor(widget) {
    this.#widget = widget;
    const { say } = widget.words;
    this.before = h("div", { className: "beside" });
    this.log = h("div", { className: "log", role: "log", "aria-label": say("log"), "aria-live": "off" });
    this.typing = h("p", { className: "typing meta", hidden: true });
    this.after = h("div", { className: "beside" });
    this.scroller = h("div", { className: "scroller", tabIndex: 0, role: "region", "aria-label": say("log"), onscroll: () => this.#read() },
      this.before, this.log, this.typing, this.after);
    this.below = h("button", { type: "button", className: "below", hidden: true, onclick: () => this.follow() }, icon("down"), h("span", {}, say("new_below")));
    this.node = h("div", { className: "thread" }, this.scroller, this.below);
    document.addEventListener("visibilitychange", () => this.#read());
  }

  add(node, where = "after") {
    this[where].append(node);
  }

  /** Go to the end, and stay there. */
  follow() {
    requestAnimationFrame(() => {
      this.scroller.scrollTop = this.scroller.scrollHeight;
      this.#read();
    });
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#read();
  }

  /** Keep the end in sight after the window changed its size. */
  stay() {
    if (this.atEnd !== false) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  draw() {
    const { typing, words, conversation } = this.#widget;
    const rows = this.#list();
    let changed = false, at = null;
    for (const [key, stamp, build, tune] of rows) {
      let row = this.#rows.get(key);
      if (row?.stamp !== stamp) {
        const node = build();
        row?.node.replaceWith(node);
        row = { stamp, node };
        this.#rows.set(key, row);
        changed = true;
      }
      tune?.(row.node);
      const next = at ? at.nextSibling : this.log.firstChild;
      if (next !== row.node) this.log.insertBefore(row.node, next);
      at = row.node;
    }
    while (at ? at.nextSibling : this.log.firstChild) (at ? at.nextSibling : this.log.firstChild).remove();
    const keys = new Set(rows.map(([key]) => key));
    for (const key of this.#rows.keys()) if (!keys.has(key)) this.#rows.delete(key);
    const who = typing ? words.say("typing", { name: typing.name || words.say("somebody") }) : "";
    if (this.typing.dataset.who !== who) {
      this.typing.dataset.who = who;
      this.typing.hidden = !who;
      this.typing.replaceChildren(h("span", { className: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span", {}, who));
      changed = true;
    }
    if (changed) this.stay();
    this.#arrived(conversation);
    this.#read();
  }

  // What is new below, while somebody reads above. The first filling is not read aloud as if it had just been said.
  #arrived(conversation) {
    const last = conversation.messages().at(-1);
    if (last && last.seq > this.#shown) {
      if (this.#shown && this.atEnd === false && last.from !== "visitor") this.below.hidden = false;
      this.#shown = last.seq;
    }
    if (this.#widget.loaded && this.log.getAttribute("aria-live") === "off") setTimeout(() => this.log.setAttribute("aria-live", "polite"), 500);
  }

  #read() {
    const { scroller } = this;
    this.atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
    if (!this.atEnd || !this.#widget.opened || document.visibilityState !== "visible") return;
    this.below.hidden = true;
    this.#widget.seen();
  }

  // Rows as [key, what it is drawn from, how]: a row is drawn again only when its stamp changes.
  #list() {
    const { conversation, outbox, config, words, greeter, state } = this.#widget;
    const rows = [];
    const welcome = greeter.said || config.texts.welcome;
    if (welcome && state.phase !== "ended" && (state.open || greeter.said)) rows.push(["welcome", welcome, () => this.#bubble({ from: "desk", text: welcome, files: [] })]);
    const written = new Set();
    let previous = null;
    const said = conversation.messages();
    const own = said.filter((message) => message.from === "visitor").at(-1);
    for (const message of said) {
      const at = new Date(message.at);
      const day = words.day(at);
      if (!previous || words.day(new Date(previous.at)) !== day) rows.push([`day ${day}`, day, () => h("p", { className: "rule" }, h("span", {}, day))]);
      if (this.#begins(previous, message)) rows.push([`head ${message.id}`, message.author?.name ?? "", () => this.#head(message, at)]);
      const key = message.client_id ?? message.id;
      written.add(key);
      const fresh = message.from === "visitor" && !message.deleted && state.phase !== "ended" && Date.now() - at < CHANGEABLE;
      rows.push([key, JSON.stringify([message.text, message.deleted, message.edited]), () => this.#bubble(message), (node) => this.#acts(node, message, fresh)]);
      if (message === own) rows.push(this.#mark(message, at));
      previous = message;
    }
    for (const entry of outbox.list().filter((one) => !written.has(one.client_id))) rows.push(...this.#waiting(entry));
    return rows;
  }

  #begins(previous, message) {
    if (message.from === "visitor") return false;
    const same = previous && previous.from === message.from && previous.author?.name === message.author?.name;
    return !same || new Date(message.at) - new Date(previous.at) > APART;
  }

  #head(message, at) {
    const { desk, words, config } = this.#widget;
    const name = message.author?.name || config.name;
    return h("p", { className: "meta by" }, avatar({ ...message.author, name }, desk, "tiny"), h("bdi", {}, name), h("time", { dateTime: message.at }, words.time(at)));
  }

  #bubble(message) {
    const { say } = this.#widget.words;
    const mine = message.from === "visitor";
    const words = message.deleted ? h("p", { className: "bubble gone" }, say("deleted")) : message.text && h("p", { className: "bubble" }, linked(message.text));
    const who = h("span", { className: "only-heard" }, mine ? say("you") : message.author?.name || say("desk"));
    return h("div", { className: mine ? "said mine" : "said" }, who, words,
      message.edited && !message.deleted && h("span", { className: "meta" }, say("edited")), attachments(this.#widget, message));
  }

  // One's own words can be changed, and with two presses taken back, for a while. The bubble itself stays.
  #acts(node, message, fresh) {
    const there = node.querySelector(".acts");
    if (!fresh) there?.remove();
    if (!fresh || there) return;
    const { words: { say }, panel: { composer } } = this.#widget;
    const take = iconButton("bin", say("delete"), () => {
      if (take.firstChild.nodeName === "svg") return take.replaceChildren(say("delete_sure"));
      this.#widget.ask("delete", { id: message.id }).catch(({ sentence }) => composer.complain(sentence));
    }, "quiet small");
    node.append(h("span", { className: "acts", "aria-live": "off" }, message.text && iconButton("pen", say("edit"), () => composer.edit(message), "quiet small"), take));
  }

  #mark(message, at) {
    const { state, words } = this.#widget;
    const seen = (state.read ?? 0) >= message.seq;
    const text = seen ? words.say("seen") : words.say(state.phase === "waiting" ? "received" : "sent");
    return [`mark ${message.id}`, text, () => h("p", { className: "meta mark", "aria-live": "off" }, icon(seen ? "seen" : "check", "small"), h("span", {}, text), h("time", { dateTime: message.at }, words.time(at)))];
  }

  #waiting(entry) {
    const { words: { say }, outbox, line, progress } = this.#widget;
    const { client_id } = entry;
    const bubble = [client_id, JSON.stringify([entry.text, undefined, undefined]), () => this.#bubble({ ...entry, from: "visitor" })];
    if (entry.state === "failed") {
      return [bubble, [`mark ${client_id}`, `failed ${entry.sentence}`, () => h("p", { className: "meta mark failed", role: "alert" }, icon("alert", "small"),
        h("span", {}, entry.sentence || say("failed")),
        h("button", { type: "button", className: "link", onclick: () => outbox.retry(entry) }, say("retry")),
        h("button", { type: "button", className: "link", onclick: () => outbox.drop(client_id) }, say("drop")))]];
    }
    const part = progress.get(client_id);
    const text = line.on ? say(part === undefined ? "sending" : "sending_part", { n: Math.round((part ?? 0) * 100) }) : say("waits");
    return [bubble, [`mark ${client_id}`, text, () => h("p", { className: "meta mark", "aria-live": "off" }, icon("clock", "small"), h("span", {}, text))]];
  }
}

// Files: pictures are shown, everything else is a name, a size and a way to get it.

// Only what a browser draws and never runs; the type of a shown blob is one of these, whatever its sender said.
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);
const SHOWN = 8_000_000; // larger pictures are offered as files

// The element with a message's files, or nothing.
function attachments(widget, message) {
  const files = message.files ?? [];
  return files.length > 0 && h("ul", { className: "files" }, files.map((file, number) => {
    const picture = PICTURES.has(file.type) && file.size <= SHOWN;
    return h("li", {}, picture ? pictureOf(widget, message, file, file.number ?? number) : chip(widget, message, file, file.number ?? number));
  }));
}

// One's own message has its number only after the desk answered, and the bubble stays the same element.
const numberOf = (widget, message) =>
  message.seq ?? widget.conversation.messages().find((known) => known.client_id === message.client_id)?.seq;

async function bytes(widget, message, number) {
  const waiting = message.state && (await widget.outbox.blobs(message.client_id));
  const seq = numberOf(widget, message);
  if (waiting?.[number]) return waiting[number];
  if (!seq) throw new Error("not sent yet");
  return widget.file(seq, number);
}

function chip(widget, message, file, number) {
  const { words } = widget;
  const size = h("span", { className: "meta" }, words.size(file.size));
  const fetchIt = async () => {
    button.disabled = true;
    try {
      save(await bytes(widget, message, number), file.name);
      size.textContent = words.size(file.size);
    } catch {
      size.textContent = words.say("file_failed");
    }
    button.disabled = false;
  };
  const button = h("button", { type: "button", className: "file", "aria-label": words.say("get_file", { name: file.name, size: words.size(file.size) }), onclick: fetchIt },
    icon("file"), h("bdi", { className: "cut" }, file.name), size);
  return button;
}

function save(blob, name) {
  const link = h("a", { href: URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function pictureOf(widget, message, file, number) {
  const image = h("img", { alt: file.name });
  const button = h("button", { type: "button", className: "picture", "aria-label": widget.words.say("enlarge", { name: file.name }), "aria-busy": "true", onclick: () => enlarge(widget, image, file) }, image);
  bytes(widget, message, number).then((blob) => {
    image.onload = () => {
      button.removeAttribute("aria-busy");
      widget.panel.thread.stay();
    };
    image.onerror = () => button.replaceWith(chip(widget, message, file, number));
    image.src = URL.createObjectURL(new Blob([blob], { type: file.type }));
  }).catch(() => button.replaceWith(chip(widget, message, file, number)));
  return button;
}

function enlarge(widget, image, file) {
  const { say } = widget.words;
  const dialog = h("dialog", { className: "enlarged", "aria-label": file.name, onclose: () => dialog.remove(), onkeydown: (event) => event.stopPropagation() },
    h("div", { className: "head" }, h("bdi", { className: "grow cut" }, file.name),
      iconButton("down", say("get_file", { name: file.name, size: widget.words.size(file.size) }), async () => save(await (await fetch(image.src)).blob(), file.name), "quiet"),
      iconButton("x", say("close"), () => dialog.close(), "quiet")),
    h("img", { src: image.src, alt: file.name }));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  widget.panel.dock.append(dialog);
  dialog.showModal();
}
