// What is asked: the questions before a chat, an address and its proof, a rating at the end; and the place in line.

import { h, icon } from "./dom.js";

let ids = 0;

/** A field with its label, help and a sentence when the answer does not do. */
function field(label, control, help = "", optional = "") {
  ids += 1;
  const id = `field-${ids}`;
  control.id = id;
  const problem = h("p", { className: "problem", id: `${id}-problem`, hidden: true });
  control.setAttribute("aria-describedby", `${id}-problem ${id}-help`);
  const explained = h("p", { className: "meta", id: `${id}-help` }, help);
  const name = h("label", { htmlFor: id }, label, optional && h("span", { className: "meta" }, ` ${optional}`));
  const node = h("div", { className: control.type === "checkbox" ? "field check" : "field" },
    ...(control.type === "checkbox" ? [control, name] : [name, control]), explained, problem);
  const complain = (sentence) => {
    problem.textContent = sentence;
    problem.hidden = !sentence;
    if (sentence) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  };
  control.addEventListener("input", () => complain(""));
  return { node, control, help: explained, complain };
}

/** A form that is sent once at a time and says what went wrong above its button. */
function form(className, parts, label, act) {
  const problem = h("p", { className: "problem", role: "alert", hidden: true });
  const button = h("button", { type: "submit", className: className.includes("beside") ? "btn" : "btn primary" }, label);
  const submit = async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    problem.hidden = true;
    try {
      await act();
    } catch (failure) {
      problem.textContent = failure.sentence ?? "";
      problem.hidden = !failure.sentence;
    }
    button.disabled = false;
  };
  return h("form", { className, noValidate: true, onsubmit: submit }, ...parts, problem, button);
}

/** The questions of the configuration, and the first message beside them. */
export class Questions {
  #widget;

  constructor(widget) {
    this.#widget = widget;
    const { say } = widget.words;
    this.fields = widget.config.questions.map((question) => ({ question, ...this.#field(question) }));
    this.message = field(say("first_message"), h("textarea", { className: "input", rows: 3, required: true, dir: "auto", placeholder: say("what_help"), maxLength: widget.config.limits.text }));
    this.note = h("p", { className: "meta" });
    this.node = form("card plain", [...this.fields.map(({ node }) => node), this.message.node], say("begin"), () => this.#send());
    this.node.append(this.note);
  }

  #field({ kind, label, help, options, required, name }) {
    const optional = required || kind === "consent" ? "" : this.#widget.words.say("optional");
    const common = { className: "input", required, name };
    if (kind === "consent") return field(label, h("input", { type: "checkbox", required, name }), help);
    if (kind === "choice") {
      const first = h("option", { value: "" }, this.#widget.words.say("choose"));
      return field(label, h("select", common, first, (options ?? []).map((one) => h("option", { value: one.value }, one.label))), help, optional);
    }
    const email = kind === "email";
    const more = email ? { type: "email", dir: "ltr", autocomplete: "email", inputMode: "email" } : { type: "text", dir: "auto", autocomplete: name === "name" ? "name" : "on" };
    return field(label, h("input", { ...common, ...more, maxLength: 300 }), help, optional);
  }

  async #send() {
    const { say } = this.#widget.words;
    const answers = {};
    let wrong = null;
    for (const { question, control, complain } of [...this.fields, { question: { kind: "text", required: true }, ...this.message }]) {
      const value = control.type === "checkbox" ? control.checked : control.value.trim();
      const bad = question.required && !value ? say(question.kind === "consent" ? "needed_consent" : "needed") : value && !control.checkValidity() ? say(question.kind === "email" ? "wrong_email" : "wrong_value") : "";
      complain(bad);
      if (bad) wrong ??= control;
      if (question.name && value) answers[question.name] = value;
    }
    if (wrong) return wrong.focus();
    try {
      await this.#widget.answer(answers, this.message.control.value.trim());
    } catch (failure) {
      for (const { question, complain } of this.fields) complain(failure.fields?.[question.name] ?? "");
      this.fields.find(({ control }) => control.ariaInvalid)?.control.focus();
      throw failure;
    }
    this.message.control.value = "";
    this.#widget.panel.composer.field.focus();
  }

  draw() {
    const { state, words } = this.#widget;
    this.node.hidden = state.phase !== "questions";
    this.node.querySelector("button").textContent = words.say(state.open ? "begin" : "leave_message");
    this.note.textContent = state.open ? "" : words.say("answer_there");
  }
}

/** Go on by mail: an address, the six digits that were sent there, and then the conversation by mail. */
export class MailCard {
  #widget;
  #asked = false; // by the menu

  constructor(widget) {
    this.#widget = widget;
    const { say } = widget.words;
    this.address = field(say("mail_where"), h("input", { className: "input", type: "email", dir: "ltr", inputMode: "email", autocomplete: "email", placeholder: "name@example.com", maxLength: 300, required: true }), say("mail_help"));
    this.code = field(say("code"), h("input", { className: "input code", dir: "ltr", inputMode: "numeric", autocomplete: "one-time-code", maxLength: 12 }));
    this.first = form("stack beside-button", [this.address.node], say("mail_send_code"), () => this.#ask());
    this.other = h("button", { type: "button", className: "link", onclick: () => this.#change() }, say("other_address"));
    this.second = form("stack beside-button", [this.code.node], say("confirm"), () => this.#prove());
    this.second.append(this.other);
    this.proven = h("p", { className: "row" });
    this.third = form("stack", [this.proven], say("mail_me"), () => this.#transcript());
    this.node = h("div", { className: "card", hidden: true }, this.first, this.second, this.third);
  }

  /** Asked for by the menu: shown whatever the phase is. */
  open() {
    this.#asked = true;
    this.draw();
    this.node.scrollIntoView({ block: "nearest" });
    this.node.querySelector("form:not([hidden]) :is(input, button)")?.focus();
  }

  async #ask() {
    const { control, complain } = this.address;
    if (!control.value.trim() || !control.checkValidity()) {
      complain(this.#widget.words.say("wrong_email"));
      return control.focus();
    }
    this.changing = false;
    await this.#widget.ask("email", { address: control.value.trim() });
    this.code.control.focus();
  }

  async #prove() {
    const digits = this.code.control.value.replace(/[۰-۹٠-٩]/g, (digit) => String(digit.charCodeAt(0) & 15)).replace(/\D/g, "");
    if (digits.length !== 6) {
      this.code.complain(this.#widget.words.say("six_digits"));
      return this.code.control.focus();
    }
    await this.#widget.ask("prove", { code: digits });
    this.code.control.value = "";
    this.mailed = false;
    this.third.querySelector("button").focus();
  }

  async #transcript() {
    await this.#widget.ask("transcript");
    this.mailed = true;
    this.draw();
  }

  #change() {
    this.changing = true;
    this.draw();
    this.address.control.focus();
  }

  draw() {
    const { state: { email, phase }, words: { say }, conversation, store } = this.#widget;
    const begun = conversation.newest > 0;
    const proven = Boolean(email?.proven), asked = Boolean(email?.asked) && !proven && !this.changing;
    this.node.hidden = phase === "questions" || !begun || !(this.#asked || ["waiting", "away", "ended"].includes(phase) || asked);
    if (proven && phase !== "ended" && !this.#asked && phase !== "away" && phase !== "waiting") this.node.hidden = true;
    this.first.hidden = proven || asked;
    this.second.hidden = !asked;
    this.third.hidden = !proven;
    if (!this.address.control.value && store.get("address")) this.address.control.value = store.get("address");
    const label = this.address.node.querySelector("label");
    this.address.help.hidden = phase !== "waiting";
    label.textContent = say({ waiting: "mail_if_left", ended: "mail_copy" }[phase] ?? "mail_where");
    this.code.node.querySelector("label").textContent = say("code", { address: isolated(email?.address) });
    this.#proven(email, say, this.#asked || phase === "ended");
  }

  #proven(email, say, offered) {
    const text = say(this.mailed ? "mailed" : "mail_proven", { address: isolated(email?.address) });
    if (this.proven.textContent !== text) this.proven.replaceChildren(icon("check"), h("span", {}, text));
    this.third.querySelector("button").hidden = !offered || Boolean(this.mailed);
  }
}

const isolated = (text = "") => `\u2066${text}\u2069`;

/** One question at the end, once a chat. */
export class Rating {
  #widget;

  constructor(widget) {
    this.#widget = widget;
    const { words: { say }, config } = widget;
    const drawings = { yes: "check", partly: "minus", no: "x" };
    this.choices = config.rating.map((score) => h("input", { type: "radio", name: "score", value: score }));
    const rates = this.choices.map((input) => h("label", { className: "rate" }, input, icon(drawings[input.value] ?? "check", "small"), h("span", {}, say(`rate_${input.value}`))));
    const question = h("fieldset", {}, h("legend", { className: "title" }, say("rate_question")), h("div", { className: "rates" }, rates));
    this.comment = field(say("rate_comment"), h("textarea", { className: "input", rows: 2, dir: "auto", maxLength: config.limits.comment }), "", say("optional"));
    this.form = form("stack", [question, this.comment.node], say("rate_send"), () => this.#send());
    this.thanks = h("p", { className: "row", role: "status" }, icon("check"), h("span", {}, say("rate_thanks")));
    this.node = h("div", { className: "card", hidden: true }, this.form, this.thanks);
  }

  async #send() {
    const chosen = this.choices.find((input) => input.checked);
    if (!chosen) throw { sentence: this.#widget.words.say("rate_choose") };
    await this.#widget.ask("rate", { score: chosen.value, comment: this.comment.control.value.trim() });
  }

  draw() {
    const { state, config, line } = this.#widget;
    this.node.hidden = state.phase !== "ended" || !config.rating.length || !line.wanted;
    this.form.hidden = Boolean(state.rated);
    this.thanks.hidden = !state.rated;
  }
}

/** Where one stands in line, and how long it takes, as honestly as it is known. */
export class Place {
  #widget;

  constructor(widget) {
    this.#widget = widget;
    this.text = h("span", { className: "meta" }, widget.words.say("place"));
    this.number = h("span", { className: "place-number" });
    this.time = h("span", { className: "soft" });
    this.node = h("div", { className: "place", role: "status", hidden: true }, this.text, this.number, this.time);
  }

  draw() {
    const { state: { phase, place }, words } = this.#widget;
    this.node.hidden = phase !== "waiting" || !place;
    if (this.node.hidden) return;
    const number = words.number(place.position);
    const time = words.wait(place);
    if (this.number.textContent !== number) this.number.textContent = number;
    if (this.time.textContent !== time) this.time.textContent = time;
  }
}
