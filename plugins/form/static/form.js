// A form for customers: does the work that keeps spam away while the person writes, and tells a frame how high it is.

const K = Uint32Array.from({ length: 64 }, (_none, i) => root(prime(i), 3)), START = Uint32Array.from({ length: 8 }, (_none, i) => root(prime(i), 2));
const turn = (x, n) => (x >>> n) | (x << (32 - n));

function prime(index) {
  let found = 1;
  for (let left = index; left >= 0; left--) do found++; while ([...Array(found).keys()].some((d) => d > 1 && found % d === 0));
  return found;
}

// The first 32 bits of the fraction of a root (FIPS 180-4, 4.2.2 and 5.3.3).
function root(number, degree) {
  const value = number ** (1 / degree);
  return Math.floor((value - Math.floor(value)) * 2 ** 32);
}

// SHA-256 of a short ASCII text: its first 32 bits are all that is asked for.
export function firstBits(text) {
  const blocks = ((text.length + 8) >> 6) + 1, words = new Uint32Array(blocks * 16), w = new Uint32Array(64);
  for (let i = 0; i < text.length; i++) words[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8);
  words[text.length >> 2] |= 0x80 << (24 - (text.length % 4) * 8);
  words[words.length - 1] = text.length * 8;
  const h = START.slice();
  for (let block = 0; block < words.length; block += 16) {
    let [a, b, c, d, e, f, g, last] = h;
    for (let i = 0; i < 64; i++) {
      if (i < 16) w[i] = words[block + i];
      else w[i] = w[i - 16] + (turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >>> 3)) + w[i - 7] + (turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >>> 10));
      const one = (last + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      last = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    for (const [i, value] of [a, b, c, d, e, f, g, last].entries()) h[i] += value;
  }
  return h[0];
}

function work(form) {
  const word = form.elements.begin.value, bits = Number(form.dataset.bits), PIECE = 300;
  let next = 0;
  const step = () => {
    for (const end = next + PIECE; next < end; next++) {
      if (firstBits(`${word}.${next}`) >>> (32 - bits) === 0) {
        form.elements.proof.value = next;
        return;
      }
    }
    setTimeout(step);
  };
  if (bits) step();
}

// A page that came back out of the browser's memory was used up when it was sent: it gets a word of its own, and keeps what was typed.
async function renew(form) {
  const response = await fetch(location.href).catch(() => null);
  const fresh = response?.ok && new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[name=begin]");
  if (!fresh) return;
  form.elements.begin.value = fresh.value;
  form.elements.proof.value = "";
  work(form);
}

function measured() {
  if (window.parent !== window) window.parent.postMessage({ hamdelForm: Math.ceil(document.documentElement.getBoundingClientRect().height) }, "*");
}

if (globalThis.document) {
  const forms = document.querySelectorAll("form[data-bits]");
  for (const form of forms) work(form);
  addEventListener("pageshow", ({ persisted }) => { for (const form of persisted ? forms : []) renew(form); });
  if (document.querySelector(".form-frame.embedded")) new ResizeObserver(measured).observe(document.body);
  document.querySelector("[aria-invalid=true]")?.focus();
}
