// What was said, as far as this page knows; what the visitor wrote that the desk has not answered yet; and where that is kept.

const FINAL = new Set(["refused", "too_long", "empty", "blocked", "files", "too_large", "malformed", "origin"]);
const LONGEST = 60_000;

/** The messages of one visitor. It draws nothing: `messages()` says how things stand. */
export class Conversation {
  #messages = new Map(); // by id
  #applied = new Set();
  newest = 0; // the highest number seen
  synced = 0; // up to here everything is known: what comes live may have left a gap behind it

  reset() {
    this.#messages.clear();
    this.#applied.clear();
    this.newest = this.synced = 0;
  }

  /** Apply items; those that were new, in order. `complete` says that nothing is missing before the last of them. */
  take(items, complete = false) {
    const fresh = [];
    for (const item of [...items].sort((a, b) => a.seq - b.seq)) {
      if (complete) this.synced = Math.max(this.synced, item.seq);
      if (this.#applied.has(item.seq)) continue;
      this.#applied.add(item.seq);
      this.newest = Math.max(this.newest, item.seq);
      this.#apply(item);
      fresh.push(item);
    }
    return fresh;
  }

  /** Show one's own message where it will stand, until the item itself comes. */
  confirm(entry, { id, seq, at }) {
    if (this.#messages.has(id)) return;
    const files = entry.files.map((file, number) => ({ ...file, number }));
    this.#messages.set(id, { seq, id, kind: "message", client_id: entry.client_id, from: "visitor", text: entry.text, files, at });
  }

  messages() {
    return [...this.#messages.values()].sort((a, b) => a.seq - b.seq);
  }

  /** How many messages of the other side stand after the number `seen`. */
  unread(seen) {
    return this.messages().filter((message) => message.from === "agent" && message.seq > seen && !message.deleted).length;
  }

  #apply(item) {
    if (item.kind === "message") this.#messages.set(item.id, item);
    const known = this.#messages.get(item.id);
    if (item.kind === "edited" && known) this.#messages.set(item.id, { ...known, text: item.text, edited: true });
    if (item.kind === "deleted" && known) this.#messages.set(item.id, { ...known, text: "", files: [], deleted: true });
  }
}

/** 128 bits of chance in hex: the id by which the desk keeps a message once. */
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Messages on their way, oldest first. One row of storage each, so that two tabs never overwrite each other. */
export class Outbox {
  #store;
  #files;
  #deliver;
  #changed;
  #running = false;
  #timer = 0;
  #tries = 0;

  /** `deliver(entry, files)` answers `{id, seq, at}` or throws `{code, sentence, after}`; `changed(entry, answer)` hears it. */
  constructor(store, files, deliver, changed) {
    this.#store = store;
    this.#files = files;
    this.#deliver = deliver;
    this.#changed = changed;
  }

  list() {
    const entries = this.#store.names("out:").map((name) => this.#store.get(name)).filter(Boolean);
    return entries.sort((a, b) => a.order - b.order);
  }

  async add(text, files = []) {
    const order = Math.max(Date.now(), (this.list().at(-1)?.order ?? 0) + 1);
    const names = files.map(({ name, type, size }) => ({ name, type, size }));
    const entry = { client_id: newId(), text, files: names, order, state: "sending" };
    if (files.length) await this.#files.put(entry.client_id, files);
    this.#keep(entry);
    this.flush();
    return entry;
  }

  blobs(id) {
    return this.#files.get(id);
  }

  retry(entry) {
    this.#keep({ ...entry, state: "sending", sentence: "" });
    this.flush();
  }

  /** Forget a message: it was answered (`answer`), seen in another tab, or given up. */
  drop(id, answer) {
    const entry = this.#store.get(`out:${id}`);
    if (!entry) return;
    this.#store.set(`out:${id}`, undefined);
    this.#files.drop(id);
    this.#changed(entry, answer);
    this.#store.tell({ outbox: id });
  }

  clear() {
    for (const { client_id } of this.list()) this.drop(client_id);
  }

  /** Send what waits, one after the other, in one tab at a time. */
  async flush() {
    clearTimeout(this.#timer);
    if (this.#running) return;
    this.#running = true;
    let wait = 0;
    try {
      wait = await this.#store.alone("outbox", 5000, () => this.#sendAll());
    } finally {
      this.#running = false;
    }
    if (wait) this.#timer = setTimeout(() => this.flush(), wait);
    else if (this.#next()) this.flush();
  }

  #next() {
    return this.list().find((entry) => entry.state === "sending");
  }

  async #sendAll() {
    for (let entry = this.#next(); entry; entry = this.#next()) {
      try {
        const files = entry.files.length ? await this.#files.get(entry.client_id) : [];
        if (!files) throw { code: "files", sentence: "" };
        this.drop(entry.client_id, await this.#deliver(entry, files));
        this.#tries = 0;
      } catch (failure) {
        if (!this.#store.get(`out:${entry.client_id}`)) continue;
        if (!FINAL.has(failure.code)) return this.#later(failure);
        this.#keep({ ...entry, state: "failed", sentence: failure.sentence ?? "" });
      }
    }
    return 0;
  }

  #later(failure) {
    if (failure.code === "offline" || failure.code === "questions") return LONGEST;
    const doubled = Math.min(1000 * 2 ** this.#tries, LONGEST);
    this.#tries += 1;
    return Math.max((failure.after ?? 0) * 1000, doubled * (0.75 + Math.random() / 2));
  }

  #keep(entry) {
    this.#store.set(`out:${entry.client_id}`, entry);
    this.#changed(entry);
    this.#store.tell({ outbox: entry.client_id });
  }
}

/** The memory of one account on this site; where the browser keeps nothing, it lasts as long as the page. */
export class Store {
  #memory = new Map();
  #channel;
  #listeners = [];

  constructor(key) {
    this.prefix = `hamdel:${key}:`;
    try {
      this.#channel = new BroadcastChannel(this.prefix);
      this.#channel.onmessage = ({ data }) => {
        for (const listener of this.#listeners) listener(data);
      };
    } catch {
      this.#channel = null;
    }
  }

  get(name) {
    try {
      const kept = localStorage.getItem(this.prefix + name);
      return kept === null ? this.#memory.get(name) : JSON.parse(kept);
    } catch {
      return this.#memory.get(name);
    }
  }

  /** Keep a plain value; `undefined` removes it. */
  set(name, value) {
    this.#memory.delete(name);
    try {
      if (value === undefined) localStorage.removeItem(this.prefix + name);
      else localStorage.setItem(this.prefix + name, JSON.stringify(value));
    } catch {
      if (value !== undefined) this.#memory.set(name, value);
    }
  }

  /** The names kept that begin with `start`. */
  names(start) {
    const found = [...this.#memory.keys()];
    try {
      found.push(...Object.keys(localStorage).filter((name) => name.startsWith(this.prefix)).map((name) => name.slice(this.prefix.length)));
    } catch { /* no storage here */ }
    return [...new Set(found)].filter((name) => name.startsWith(start));
  }

  tell(message) {
    this.#channel?.postMessage(message);
  }

  heard(listener) {
    this.#listeners.push(listener);
  }

  /** Run `work` as the only tab that does so. Who waits longer than `patience` goes on: the server keeps each message once. */
  async alone(name, patience, work) {
    if (!navigator.locks) return work();
    const held = new AbortController();
    const timer = setTimeout(() => held.abort(), patience);
    let began = false;
    try {
      return await navigator.locks.request(this.prefix + name, { signal: held.signal }, () => {
        began = true;
        clearTimeout(timer);
        return work();
      });
    } catch (error) {
      if (began || error.name !== "AbortError") throw error;
      return work();
    }
  }
}

/** Files that are not sent yet, in IndexedDB: `put`, `get` and `drop` by the id of their message. */
export class Files {
  #memory = new Map();
  #opening;

  constructor(name) {
    this.name = name;
  }

  async put(id, files) {
    this.#memory.set(id, files);
    await this.#run("readwrite", (kept) => kept.put(files, id)).catch(() => {});
  }

  async get(id) {
    return this.#memory.get(id) ?? (await this.#run("readonly", (kept) => kept.get(id)).catch(() => undefined));
  }

  async drop(id) {
    this.#memory.delete(id);
    await this.#run("readwrite", (kept) => kept.delete(id)).catch(() => {});
  }

  async #run(mode, act) {
    this.#opening ??= settled(Object.assign(indexedDB.open(this.name, 1), {
      onupgradeneeded: (event) => event.target.result.createObjectStore("files"),
    }));
    const database = await this.#opening;
    return settled(act(database.transaction("files", mode).objectStore("files")));
  }
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
