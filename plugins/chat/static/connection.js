// The line to the desk: opened when it is needed, opened again after every cut, and never with two visitors for one browser.

const BEAT = 25_000;
const PATIENCE = 10_000;
const LONGEST_WAIT = 60;
const REFUSALS = new Set(["blocked", "closed", "refused"]);

const page = () => ({ url: location.href.slice(0, 2000), title: document.title.slice(0, 300), referrer: document.referrer.slice(0, 2000) });
const visible = () => document.visibilityState === "visible";

/** One connection of one tab. It tells by events: `hello`, `item`, `state`, `typing`, `read`, `line`, `behind`. */
export class Connection extends EventTarget {
  #settings;
  #socket;
  #store;
  #since;
  #sent; // the token this connection came with
  #void; // a token that holds no more
  #wanted = false;
  #timer = 0;
  #tries = 0;
  #release = () => {};
  #ready = false;
  refused = "";

  /** `since()` is the number up to which everything is known. */
  constructor({ desk, key, language }, store, since) {
    super();
    this.#store = store;
    this.#since = since;
    this.#settings = { desk, key, language };
  }

  get on() {
    return this.#ready;
  }

  get wanted() {
    return this.#wanted;
  }

  /** Connect, and stay connected from now on. */
  async start() {
    if (this.#wanted) return;
    this.#wanted = true;
    try {
      this.#socket ??= this.#make((await import("./client.js")).io);
      this.#connect();
    } catch {
      this.#wanted = false;
      setTimeout(() => this.start(), PATIENCE);
    }
  }

  #make(io) {
    const { desk, key, language } = this.#settings;
    const auth = (give) => {
      this.#sent = this.#store.get("token");
      give({ token: this.#sent, since: this.#since(), language, page: page(), zone: Intl.DateTimeFormat().resolvedOptions().timeZone });
    };
    const rest = { transports: ["websocket"], query: { account: key }, reconnection: false, autoConnect: false, forceNew: true, timeout: PATIENCE };
    const socket = io(desk, { path: "/chat/socket.io/", auth, ...rest });
    socket.on("hello", (hello) => this.#hello(hello));
    socket.on("rotated", () => {
      this.#void = this.#sent;
      socket.disconnect();
    });
    for (const name of ["item", "state", "typing", "read"]) socket.on(name, (data) => this.#tell(name, data));
    socket.on("connect_error", (error) => this.#failed(error.message));
    socket.on("disconnect", () => this.#failed(""));
    this.#listen();
    return socket;
  }

  /** Ask the desk; the answer, or a thrown `{code, sentence, fields, after}` (`offline` while there is no line). */
  async ask(event, object = {}, patience = PATIENCE) {
    if (!this.#ready) throw { code: "offline", sentence: "" };
    let answer;
    try {
      answer = await this.#socket.timeout(patience).emitWithAck(event, object);
    } catch {
      throw { code: this.#ready ? "unavailable" : "offline", sentence: "" };
    }
    if (answer?.error) throw { code: answer.error, sentence: answer.sentence ?? "", fields: answer.fields ?? {}, after: answer.after ?? 0 };
    return answer ?? {};
  }

  /** Say something that nobody waits for. */
  signal(event, object) {
    if (this.#ready) this.ask(event, object).catch(() => {});
  }

  /** Ask for a new token with `event`; other tabs of this browser wait meanwhile, so that none begins as a stranger. */
  rotate(event, object) {
    return this.#store.alone("token", PATIENCE, async () => {
      const answer = await this.ask(event, object);
      if (answer.token) this.#store.set("token", answer.token);
      return answer;
    });
  }

  /** Leave the line and come back as whoever the kept token says. */
  again() {
    this.#socket?.disconnect();
    this.#tries = 0;
    this.#connect();
  }

  stop() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#socket?.disconnect();
  }

  /** The heartbeat; an answer that does not come means that the line is dead, whatever the browser believes. */
  async beat(patience = PATIENCE) {
    try {
      const { seq, state } = await this.ask("here", { visible: visible(), page: page() }, patience);
      this.#tell("state", state);
      if (seq > this.#since()) this.#tell("behind");
    } catch (failure) {
      if (failure.code === "unavailable") this.again();
    }
  }

  async #connect() {
    clearTimeout(this.#timer);
    if (!this.#wanted || this.#ready) return;
    const token = this.#store.get("token");
    if (token && token !== this.#void) return this.#socket.disconnect().connect();
    // Who has no token gets one, while the other tabs wait for it to come as the same visitor.
    await this.#store.alone("token", PATIENCE, () => new Promise((done) => {
      this.#release();
      this.#release = done;
      setTimeout(done, PATIENCE);
      if (this.#store.get("token") === this.#void) this.#store.set("token", undefined);
      this.#socket.disconnect().connect();
    }));
  }

  #hello(hello) {
    const kept = this.#store.get("token");
    if (hello.token && kept && kept !== this.#sent) return this.again(); // another tab was quicker: be who it is
    if (hello.token) this.#store.set("token", hello.token);
    this.#release();
    this.#ready = true;
    this.#tries = 0;
    this.refused = "";
    this.#tell("hello", hello);
    this.#tell("line");
  }

  #failed(reason) {
    this.#release();
    this.#ready = false;
    this.refused = REFUSALS.has(reason) ? reason : "";
    this.#tell("line");
    if (!this.#wanted || this.refused) return;
    const seconds = reason === "busy" ? LONGEST_WAIT : Math.min(2 ** this.#tries, LONGEST_WAIT);
    this.#tries += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), seconds * 1000 * (0.6 + Math.random() * 0.6));
  }

  // What browsers tell of sleep and networks only says when to look; the heartbeat says what is true.
  #listen() {
    const look = () => {
      if (!this.#wanted || this.refused) return;
      if (this.#ready) return this.beat(5000);
      this.#tries = 0;
      this.#connect();
    };
    window.addEventListener("online", look);
    window.addEventListener("offline", () => this.#ready && this.#socket.disconnect());
    window.addEventListener("pageshow", (event) => event.persisted && look());
    window.addEventListener("pagehide", (event) => event.persisted && this.#socket.disconnect());
    document.addEventListener("visibilitychange", () => (visible() ? look() : this.#ready && this.beat()));
    setInterval(() => this.#ready && this.beat(), BEAT);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** Send a message with files by HTTP; `progress(part)` hears how much has gone. Answers and throws like `ask`. */
export function upload({ desk, key }, token, { client_id, text }, files, progress) {
  const form = new FormData();
  form.append("client_id", client_id);
  form.append("text", text);
  for (const file of files) form.append("files", file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${desk}/chat/${key}/messages`);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onerror = () => reject({ code: navigator.onLine ? "unavailable" : "offline" });
    request.onload = () => {
      if (request.status < 300 && request.response) return resolve(request.response);
      const code = request.response?.error ?? (request.status === 413 ? "too_large" : "unavailable");
      reject({ code, sentence: request.response?.sentence ?? "", after: Number(request.getResponseHeader("Retry-After")) || 0 });
    };
    request.send(form);
  });
}

/** The bytes of a file, tried again for a moment while the desk does not have them yet. */
export async function download({ desk, key }, token, seq, number, tries = 4) {
  const answer = await fetch(`${desk}/chat/${key}/files/${seq}/${number}`, { headers: { Authorization: `Bearer ${token}` } });
  if (answer.ok) return answer.blob();
  if (answer.status !== 404 || tries < 2) throw new Error(`the desk answered ${answer.status}`);
  await new Promise((done) => setTimeout(done, 800 * (5 - tries)));
  return download({ desk, key }, token, seq, number, tries - 1);
}
