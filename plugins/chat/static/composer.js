// Where the visitor writes: a text, files by picking, pasting or dropping, with their limits said before.

import { h, icon, iconButton } from "./dom.js";

const TYPING = 3000;
const NEAR_END = 0.9; // of the longest text: from here on the room left is shown

/** The foot of the window. What is not sent yet survives a reload of this tab. */
export class Composer {
  #widget;
  #files = [];
  #told = 0;
  #quiet = 0;

  constructor(widget) {
    this.#widget = widget;
    const { config, words: { say, size } } = widget;
    const { count, size: largest, types } = config.files;
    this.draft = `hamdel:${widget.key}:draft`;
    this.field = h("textarea", { className: "input", rows: 1, placeholder: say("your_message"), "aria-label": say("your_message"), dir: "auto", enterKeyHint: "send",
      oninput: () => this.#input(), onkeydown: (event) => this.#key(event), onpaste: (event) => this.#paste(event) });
    this.send = iconButton("send", say("send"), () => this.#send(), "primary");
    this.picker = h("input", { type: "file", multiple: count > 1, accept: types.join(","), hidden: true, onchange: () => this.#picked() });
    const clip = iconButton("clip", say("attach"), () => this.picker.click(), "quiet small");
    this.limits = h("span", { className: "meta limits", id: "limits" }, say("limits", { count, size: size(largest) }));
    clip.setAttribute("aria-describedby", "limits");
    this.chips = h("ul", { className: "files", "aria-label": say("attached"), hidden: true });
    this.problem = h("p", { className: "problem", role: "alert", hidden: true });
    this.editing = h("p", { className: "row meta", hidden: true }, icon("pen", "small"), h("span", { className: "grow" }, say("editing")), iconButton("x", say("cancel"), () => this.#stopEditing(), "quiet small"));
    this.count = h("span", { className: "meta", hidden: true });
    this.tools = h("div", { className: "tools" }, count > 0 && clip, count > 0 && this.limits, this.count);
    this.again = h("button", { type: "button", className: "btn", hidden: true, onclick: () => this.#write_again() }, say("write_again"));
    this.line = h("div", { className: "affix" }, this.field, this.send);
    this.node = h("div", { className: "foot" }, this.problem, this.editing, this.chips, this.line, this.tools, this.picker, this.again);
    this.field.value = this.#kept();
  }

  get shown() {
    return !this.node.hidden && !this.line.hidden;
  }

  add(node) {
    this.tools.append(node);
  }

  /** Take files that are dropped anywhere on the window. */
  accept(target) {
    let depth = 0;
    const over = (by) => {
      depth = Math.max(0, depth + by);
      target.classList.toggle("dropping", depth > 0 && this.shown);
    };
    const mine = (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault();
    target.dataset.drop = this.#widget.words.say("drop_here");
    target.addEventListener("dragover", mine);
    target.addEventListener("dragenter", (event) => event.dataTransfer?.types.includes("Files") && over(1));
    target.addEventListener("dragleave", (event) => event.dataTransfer?.types.includes("Files") && over(-1));
    target.addEventListener("drop", (event) => {
      mine(event);
      over(-depth);
      if (this.shown) this.#attach([...(event.dataTransfer?.files ?? [])]);
    });
  }

  /** Put other words in the place of a message of one's own; what was being written comes back afterwards. */
  edit(message) {
    this.held ??= this.field.value;
    this.edited = message;
    this.#fill(message.text);
  }

  #stopEditing() {
    const { held } = this;
    this.edited = this.held = undefined;
    this.#fill(held ?? "");
  }

  #fill(text) {
    this.editing.hidden = !this.edited;
    this.field.value = text;
    this.#input();
    this.field.focus();
  }

  async #change(text) {
    const { id, text: before } = this.edited;
    try {
      if (text !== before) await this.#widget.ask("edit", { id, text });
      this.#stopEditing();
    } catch (failure) {
      this.complain(failure.sentence);
    }
  }

  /** A sentence above the field, until something is changed. */
  complain(sentence) {
    this.problem.textContent = sentence;
    this.problem.hidden = !sentence;
  }

  draw() {
    const { state, line } = this.#widget;
    const closed = state.phase === "ended" && !this.wanted;
    if (state.phase !== "ended") this.wanted = false;
    this.node.hidden = state.phase === "questions" || ["blocked", "closed"].includes(line.refused);
    this.line.hidden = this.tools.hidden = closed;
    this.again.hidden = !closed;
    this.send.disabled = this.#overlong() || !(this.field.value.trim() || this.#files.length);
    this.#grow();
  }

  #write_again() {
    this.wanted = true;
    this.draw();
    this.field.focus();
  }

  #overlong() {
    return [...this.field.value].length > this.#widget.config.limits.text;
  }

  #input() {
    const { words, config } = this.#widget;
    const left = config.limits.text - [...this.field.value].length;
    this.count.hidden = left > config.limits.text * (1 - NEAR_END);
    this.count.textContent = left < 0 ? words.say("too_long", { n: -left }) : words.say("left", { n: left });
    this.count.classList.toggle("problem", left < 0);
    this.complain("");
    this.#keep();
    this.draw();
    this.#typing();
  }

  #typing() {
    clearTimeout(this.#quiet);
    const writing = Boolean(this.field.value.trim());
    if (writing && Date.now() - this.#told < TYPING) {
      this.#quiet = setTimeout(() => this.#stopped(), TYPING);
      return;
    }
    if (!writing) return this.#stopped();
    this.#told = Date.now();
    this.#widget.writing(true);
    this.#quiet = setTimeout(() => this.#stopped(), TYPING);
  }

  #stopped() {
    clearTimeout(this.#quiet);
    if (this.#told) this.#widget.writing(false);
    this.#told = 0;
  }

  // Enter sends at a desk; on glass it makes a line, as in every other place one writes there.
  #key(event) {
    const glass = matchMedia("(pointer: coarse)").matches;
    if (event.key === "Escape" && this.edited) {
      event.preventDefault();
      return this.#stopEditing();
    }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || (glass && !event.ctrlKey && !event.metaKey)) return;
    event.preventDefault();
    this.#send();
  }

  async #send() {
    const text = this.field.value.trim();
    if (this.#overlong() || !(text || this.#files.length)) return;
    if (this.edited) return text && this.#change(text);
    const files = this.#files;
    this.#files = [];
    this.field.value = "";
    this.#stopped();
    this.#input();
    this.#drawFiles();
    this.field.focus();
    await this.#widget.send(text, files);
  }

  // One field, as high as what stands in it, until a third of the window.
  #grow() {
    this.field.style.blockSize = "auto";
    if (this.field.value) this.field.style.blockSize = `${Math.min(this.field.scrollHeight + 2, 132)}px`;
  }

  #kept() {
    try {
      return sessionStorage.getItem(this.draft) ?? "";
    } catch {
      return "";
    }
  }

  #keep() {
    try {
      sessionStorage.setItem(this.draft, this.held ?? this.field.value);
    } catch { /* the draft lasts as long as the page */ }
  }

  #picked() {
    this.#attach([...this.picker.files]);
    this.picker.value = "";
    this.field.focus();
  }

  #paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.#attach(files);
  }

  #attach(files) {
    const { config: { files: limits }, words } = this.#widget;
    const wrong = files.map((file) => [file, this.#refusal(file)]).filter(([, why]) => why);
    const good = files.filter((file) => !wrong.some(([one]) => one === file));
    let why = wrong[0]?.[1] ?? "";
    for (const file of good) {
      const together = this.#files.reduce((sum, { size }) => sum + size, file.size);
      if (this.#files.length >= limits.count) why ||= words.say("too_many", { count: limits.count });
      else if (together > limits.together) why ||= words.say("too_large_together", { size: words.size(limits.together) });
      else this.#files.push(file);
    }
    this.complain(why);
    this.#drawFiles();
    this.draw();
  }

  #refusal(file) {
    const { config: { files: limits }, words: { say, size } } = this.#widget;
    const fits = limits.types.some((type) => {
      if (type.startsWith(".")) return file.name.toLowerCase().endsWith(type);
      return type.endsWith("/*") ? file.type.startsWith(type.slice(0, -1)) : type === file.type || type === "*";
    });
    if (limits.types.length && !fits) return say("wrong_type", { name: file.name });
    if (file.size > limits.size) return say("too_large", { name: file.name, size: size(limits.size) });
    return file.size ? "" : say("empty_file", { name: file.name });
  }

  #drawFiles() {
    const { words: { say, size } } = this.#widget;
    this.chips.hidden = !this.#files.length;
    this.chips.replaceChildren(...this.#files.map((file) => h("li", { className: "file" }, icon("file"), h("bdi", { className: "cut" }, file.name), h("span", { className: "meta" }, size(file.size)),
      iconButton("x", say("remove", { name: file.name }), () => this.#remove(file), "quiet small"))));
  }

  #remove(file) {
    this.#files = this.#files.filter((one) => one !== file);
    this.#drawFiles();
    this.draw();
    this.field.focus();
  }
}
