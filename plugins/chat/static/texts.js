// The sentences of the configuration, filled in; numbers, sizes and times as the reader writes them.

/** Sentences and formats of one language: `say(name, values)`, `number`, `size`, `time`, `day`, `moment`, `minutes`. */
export function speaker({ texts, language }) {
  const locale = language === "fa" ? "fa-IR" : language;
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const clock = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
  const days = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "long" });
  const number = (value) => numbers.format(value);
  const say = (name, values = {}) =>
    (texts[name] ?? name).replace(/\{(\w+)\}/g, (whole, key) => {
      const value = values[key];
      return value === undefined ? whole : typeof value === "number" ? number(value) : value;
    });
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const daysAway = (date) => Math.round((midnight(date) - midnight(new Date())) / 86_400_000);

  function size(bytes) {
    if (bytes < 1000) return say("size_bytes", { n: bytes });
    if (bytes < 999_500) return say("size_kb", { n: Math.round(bytes / 1000) });
    return say("size_mb", { n: Math.round(bytes / 100_000) / 10 });
  }

  function day(date) {
    const away = daysAway(date);
    if (away === 0 || away === -1) return say(away ? "yesterday" : "today");
    return days.format(date);
  }

  function moment(date) {
    const away = daysAway(date);
    if (away === 0 || away === 1) return say(away ? "tomorrow_at" : "at_time", { time: clock.format(date) });
    return say("day_at_time", { day: away > 0 && away < 7 ? weekday.format(date) : days.format(date), time: clock.format(date) });
  }

  const rounded = (seconds) => Math.max(1, Math.round(seconds / 60));

  /** An honest time to wait: a span where the ends differ, one number where they do not. */
  function wait({ seconds, low, high }) {
    if (seconds === null || seconds === undefined) return say("wait_unknown");
    const [from, to] = [rounded(low ?? seconds), rounded(high ?? seconds)];
    return from === to ? about(seconds) : say("wait_span", { low: from, high: to });
  }

  function about(seconds) {
    const minutes = rounded(seconds);
    if (minutes > 90) return say("wait_hours", { n: Math.round(minutes / 60) });
    return minutes === 1 ? say("wait_minute") : say("wait_about", { n: minutes });
  }

  return { say, number, size, day, moment, wait, about, rounded, time: (date) => clock.format(date) };
}

/** Which of the offered languages to ask for: the host's wish, its page's language, then the browser's. */
export function wanted(given) {
  return given || document.documentElement.lang.split("-")[0] || navigator.language.split("-")[0];
}
