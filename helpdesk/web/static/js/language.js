// What the reader reads, in the browser: sentences, numbers, dates and times exactly as helpdesk.i18n writes them on the
// server. The reader stands on <html> (lang, data-calendar, data-digits, data-timezone), the sentences in <script id="messages">.

const page = document.documentElement;
export const reader = { language: page.lang, ...page.dataset };
const messages = JSON.parse(document.getElementById("messages")?.textContent || "{}");

const MINUTE = 60, HOUR = 3600, DAY = 86400, WEEK_IN_DAYS = 7;
const SAME_SITTING = 6 * HOUR; // so long an hour's distance says more than "yesterday"

// Sentences

// The sentence in the reader's language, its %(name)s places filled with values.
export function t(message, values) {
  return filled(messages[message] ?? message, written(values));
}

const plural = new Intl.PluralRules(reader.language);

// The sentence for `count` things, or for so many who do something; %(num)s is their number.
export function tn(one, many, count, values) {
  const forms = messages[one] ?? [one, many];
  return filled(forms[plural.select(count) === "one" ? 0 : forms.length - 1], { ...written(values), num: number(count) });
}

function filled(text, values) {
  return text.replace(/%\((\w+)\)s|%%/g, (place, name) => name ? values[name] ?? place : "%");
}

function written(values = {}) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shown(value)]));
}

const ONLY_PERSIAN = /^[\u0600-\u06ff\u200c«»\s]*$/;
const RUNS_RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

function shown(value) {
  if (typeof value === "number") return Number.isInteger(value) ? digits(value) : number(value);
  const text = String(value);
  if (/^(https?:\/\/|\u2068|\d+$)/.test(text)) return text;
  const foreign = reader.language === "fa" ? !ONLY_PERSIAN.test(text) : RUNS_RIGHT_TO_LEFT.test(text);
  return foreign ? isolate(text) : text;
}

// The text shut off from the direction of what stands around it.
function isolate(text) {
  return `\u2068${text}\u2069`;
}

// Numbers

// The text with its Latin digits in the reader's digits.
export function digits(text) {
  return reader.digits === "fa" ? String(text).replace(/[0-9]/g, (digit) => "۰۱۲۳۴۵۶۷۸۹"[digit]) : String(text);
}

const numbers = new Intl.NumberFormat(reader.digits === "fa" ? "fa-IR" : "en-GB", { maximumFractionDigits: 3 });

// A number with thousands marked and at most three decimals.
export function number(value) {
  return numbers.format(value);
}

// Dates: each takes a Date, milliseconds, or an ISO text in UTC.

const locale = reader.language === "fa" ? "fa-IR" : "en-GB";
const zone = { timeZone: knownZone(reader.timezone) };
const long = { year: "numeric", month: "long", day: "numeric", ...zone };
const gregorian = new Intl.DateTimeFormat(`${locale}-u-ca-gregory-nu-latn`, long);
const calendar = reader.calendar === "jalali" ? new Intl.DateTimeFormat(`${locale}-u-ca-persian-nu-latn`, long) : gregorian;
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...zone });
const civil = new Intl.DateTimeFormat("en-GB", { year: "numeric", month: "numeric", day: "numeric", ...zone });

function knownZone(name) {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}

function partsOf(format, at) {
  return Object.fromEntries(format.formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
}

// The number of the reader's day, to count the midnights between two moments.
function dayNumber(at) {
  const { year, month, day } = partsOf(civil, at);
  return Date.UTC(year, month - 1, day) / 1000 / DAY;
}

// A day as people write it, with its year or without.
export function date(at, withYear = true) {
  const { year, month, day } = partsOf(calendar, at);
  return digits(withYear ? `${day} ${month} ${year}` : `${day} ${month}`);
}

export function time(at) {
  return digits(clock.format(new Date(at)));
}

export function datetime(at) {
  return filled(t("%(date)s, %(time)s"), { date: date(at), time: time(at) });
}

// How long ago or how soon, up to a week; a date beyond it, without its year when that is this year.
export function relative(at, now = Date.now()) {
  const seconds = (new Date(now) - new Date(at)) / 1000, days = dayNumber(now) - dayNumber(at);
  if (Math.abs(days) >= WEEK_IN_DAYS) return date(at, partsOf(calendar, at).year !== partsOf(calendar, now).year);
  return seconds >= 0 ? ago(seconds, days) : ahead(-seconds, -days);
}

function ago(seconds, days) {
  if (seconds < MINUTE) return t("just now");
  if (seconds < HOUR) return tn("%(num)s minute ago", "%(num)s minutes ago", Math.floor(seconds / MINUTE));
  if (days === 0 || seconds < SAME_SITTING) return tn("%(num)s hour ago", "%(num)s hours ago", Math.floor(seconds / HOUR));
  return days === 1 ? t("yesterday") : tn("%(num)s day ago", "%(num)s days ago", days);
}

function ahead(seconds, days) {
  if (seconds < MINUTE) return t("in a moment");
  if (seconds < HOUR) return tn("in %(num)s minute", "in %(num)s minutes", Math.floor(seconds / MINUTE));
  if (days === 0 || seconds < SAME_SITTING) return tn("in %(num)s hour", "in %(num)s hours", Math.floor(seconds / HOUR));
  return days === 1 ? t("tomorrow") : tn("in %(num)s day", "in %(num)s days", days);
}

// What is left until a target: minutes and seconds under an hour, whole units above it, always rounded down; once
// late, how late, in minutes until two hours. As helpdesk.i18n.time_left.
export function timeLeft(seconds) {
  if (seconds < 0) return late(-seconds);
  if (seconds >= DAY) return t("%(num)s d", { num: Math.floor(seconds / DAY) });
  if (seconds >= HOUR) return t("%(num)s h", { num: Math.floor(seconds / HOUR) });
  const two = (count) => String(Math.floor(count)).padStart(2, "0");
  return digits(`${two(seconds / MINUTE)}:${two(seconds % MINUTE)}`);
}

function late(seconds) {
  if (seconds >= DAY) return t("%(num)s d late", { num: Math.floor(seconds / DAY) });
  if (seconds >= 2 * HOUR) return t("%(num)s h late", { num: Math.floor(seconds / HOUR) });
  return seconds >= MINUTE ? t("%(num)s min late", { num: Math.floor(seconds / MINUTE) }) : t("late");
}
