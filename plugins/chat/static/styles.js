// The whole look, as one constructed sheet: it needs nothing of the host page's policy, and takes nothing from its styles.
//
// Lengths are pixels, since `rem` would be the host's; the colours are the desk's tokens, the accent is the operator's.

const LIGHT = `--surface:#ffffff;--surface-2:#f7f8f9;--surface-3:#eceff1;--line:#e1e5e8;--line-2:#cbd2d7;--control:#7f8a94;--text:#1a2127;--text-2:#48535d;--text-3:#5f6b76;
--danger:#b3261e;--warn-soft:#fdf1d8;--warn:#855000;--ready:#2b8a4e;--off:#76828c;
--shadow:0 2px 6px rgb(20 32 40 / .08),0 10px 28px rgb(20 32 40 / .16);color-scheme:light;`;
const DARK = `--surface:#13191d;--surface-2:#181f24;--surface-3:#222b31;--line:#252e35;--line-2:#35414a;--control:#6d7a85;--text:#e6ebee;--text-2:#b3bdc5;--text-3:#919da7;
--danger:#f28b82;--warn-soft:#33270f;--warn:#e3b355;--ready:#5fbf82;--off:#7c8892;
--shadow:0 2px 6px rgb(0 0 0 / .4),0 10px 28px rgb(0 0 0 / .5);color-scheme:dark;`;

const BASE = `
:host { all: initial !important; position: fixed !important; z-index: 2147483000 !important; inset: auto !important; }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
h2, p, ul, fieldset { margin: 0; padding: 0; border: 0; font-size: inherit; min-inline-size: 0; }
ul { list-style: none; }
button, input, select, textarea { font: inherit; color: inherit; letter-spacing: inherit; margin: 0; }
button { background: none; border: 0; padding: 0; text-align: start; cursor: pointer; touch-action: manipulation; }
button:disabled { cursor: default; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.dock { font: 400 14px/1.45 system-ui, "Segoe UI", Roboto, sans-serif; color: var(--text); text-align: start; overflow-wrap: anywhere; font-variant-numeric: tabular-nums;
  position: fixed; inset-block-end: 20px; inset-inline-end: 20px; display: grid; justify-items: end; gap: 12px; -webkit-font-smoothing: antialiased; }
.dock[data-side="start"] { inset-inline: 20px auto; justify-items: start; }
.dock:lang(fa) { font-family: Vazirmatn, "Segoe UI", Tahoma, system-ui, sans-serif; line-height: 1.7; }
bdi, [dir="auto"] { unicode-bidi: isolate; }
textarea[dir="auto"], .bubble, .words { unicode-bidi: plaintext; }
.icon { inline-size: 18px; block-size: 18px; flex: none; display: block; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
.icon.small { inline-size: 14px; block-size: 14px; stroke-width: 2; }
.icon.heavy { stroke-width: 3; }
.flip:dir(rtl) { transform: scaleX(-1); }
.grow { flex: 1; min-inline-size: 0; }
.cut { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.meta { font-size: 12px; color: var(--text-3); font-weight: 400; }
.soft { color: var(--text-2); }
.row { display: flex; align-items: center; gap: 8px; }
.push { margin-inline-start: auto; }
.only-heard { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.problem { font-size: 12px; color: var(--danger); }`;

const FRAME = `
.launcher { position: relative; display: flex; align-items: center; gap: 8px; min-block-size: 48px; padding-inline: 16px 20px; border-radius: 999px; background: var(--accent); color: var(--on-accent); font-weight: 500; box-shadow: var(--shadow); }
.launcher:hover { background: var(--accent-hover); }
.launcher:focus-visible { outline-offset: 3px; }
.launcher .icon { inline-size: 22px; block-size: 22px; }
.dock[data-open] > .launcher, .dock[data-open] > .greeting { display: none; }
.badge { position: absolute; inset-block-start: -5px; inset-inline-end: -3px; display: grid; place-items: center; min-inline-size: 21px; block-size: 21px; padding-inline: 5px; border-radius: 999px; background: #b3261e; color: #fff; font-size: 12px; line-height: 1; font-weight: 600; box-shadow: 0 0 0 2px var(--surface); }
.greeting { display: flex; align-items: flex-start; gap: 4px; max-inline-size: min(300px, calc(100vw - 40px)); border-radius: 12px; border-end-end-radius: 4px; background: var(--surface); border: 1px solid var(--line-2); box-shadow: var(--shadow); padding: 4px; animation: rise .22s cubic-bezier(.2, 0, 0, 1); }
.greeting:empty { display: none; }
.greeting .words { padding: 8px; border-radius: 8px; flex: 1; text-align: start; }
.window { display: flex; flex-direction: column; inline-size: 368px; max-inline-size: calc(100vw - 40px); block-size: min(600px, calc(100dvh - 40px)); border: 1px solid var(--line-2); border-radius: 14px; background: var(--surface); box-shadow: var(--shadow); overflow: hidden; outline-offset: -2px; animation: rise .18s cubic-bezier(.2, 0, 0, 1); position: relative; }
.dock[data-full][data-open] { inset: 0; display: block; }
.dock[data-full] .window { position: fixed; inset-inline: 0; inset-block-start: var(--top, 0px); inline-size: 100%; max-inline-size: none; block-size: var(--height, 100dvh); border: 0; border-radius: 0; animation: none; padding-block-end: env(safe-area-inset-bottom); }
@keyframes rise { from { opacity: 0; translate: 0 8px; } }
.head { display: flex; align-items: center; gap: 10px; padding: 12px; padding-inline-end: 8px; border-block-end: 1px solid var(--line); line-height: 1.4; flex: none; }
.dock:lang(fa) .head { line-height: 1.6; }
.title { font-weight: 600; font-size: 15px; }
.face { position: relative; flex: none; }
.avatar { position: relative; display: grid; place-items: center; flex: none; inline-size: 28px; block-size: 28px; border-radius: 50%; background: var(--accent-soft); color: var(--accent); font-weight: 600; font-size: 12px; line-height: 1; overflow: hidden; }
.avatar.large { inline-size: 38px; block-size: 38px; font-size: 15px; }
.avatar.tiny { inline-size: 20px; block-size: 20px; font-size: 10px; }
.avatar img { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; object-fit: cover; }
.presence { position: absolute; inset-block-end: -1px; inset-inline-end: -1px; inline-size: 12px; block-size: 12px; border-radius: 50%; background: var(--off); border: 2px solid var(--surface); }
.presence.ready { background: var(--ready); }
.btn { display: inline-flex; align-items: center; justify-content: center; gap: 8px; min-block-size: 38px; padding-inline: 14px; border: 1px solid var(--control); border-radius: 8px; background: var(--surface); font-weight: 500; text-align: center; flex: none; }
.btn:hover { background: var(--surface-2); }
.btn.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.btn.primary:hover:not(:disabled) { background: var(--accent-hover); }
.btn.primary:disabled { background: var(--surface-3); border-color: var(--surface-3); color: var(--text-3); }
.btn.icon-only { inline-size: 38px; padding: 0; }
.btn.quiet { border-color: transparent; background: transparent; color: var(--text-2); }
.btn.quiet:hover { background: var(--surface-3); color: var(--text); }
.btn.small { inline-size: 28px; min-block-size: 28px; }
.menu-place { position: relative; display: flex; }
.menu { position: absolute; inset-block-start: 100%; inset-inline-end: 0; z-index: 2; inline-size: max-content; padding: 4px; border: 1px solid var(--line-2); border-radius: 8px; background: var(--surface); box-shadow: var(--shadow); }
.option { display: flex; align-items: center; gap: 8px; inline-size: 100%; min-block-size: 38px; padding-inline: 8px; border-radius: 6px; white-space: nowrap; }
.option:hover { background: var(--surface-3); }
.strip { display: flex; align-items: center; gap: 8px; padding: 6px 12px; background: var(--warn-soft); color: var(--text); font-size: 12px; flex: none; }
.strip .icon { color: var(--warn); }
.banner { display: flex; align-items: flex-start; gap: 8px; padding: 8px 12px; border-radius: 8px; background: var(--surface-3); }
.banner .icon { margin-block-start: 2px; }
.place { display: grid; justify-items: center; padding: 10px 12px; background: var(--surface-2); border-block-end: 1px solid var(--line); flex: none; }
.place-number { font-size: 32px; font-weight: 600; line-height: 1.25; color: var(--accent); }
@media (max-height: 560px) { .place { display: flex; justify-content: center; align-items: baseline; gap: 8px; padding-block: 4px; } .place-number { font-size: 16px; } }
.link { color: var(--accent); text-decoration: underline; text-underline-offset: 3px; text-decoration-color: color-mix(in srgb, currentcolor 45%, transparent); display: inline-flex; align-items: center; gap: 4px; font-size: 12px; min-block-size: 28px; }
.link .icon { inline-size: 14px; block-size: 14px; }
.link:hover { text-decoration-color: currentcolor; }`;

const TALK = `
.thread { flex: 1; min-block-size: 0; position: relative; display: flex; flex-direction: column; }
.scroller { flex: 1; overflow: auto; overscroll-behavior: contain; padding: 12px; display: flex; flex-direction: column; gap: 12px; outline-offset: -2px; scrollbar-width: thin; }
.beside { display: grid; gap: 12px; }
.beside:not(:has(> :not([hidden]))) { display: none; }
.log { display: flex; flex-direction: column; gap: 3px; }
.rule { display: flex; align-items: center; gap: 12px; font-size: 12px; color: var(--text-3); margin-block: 8px 4px; }
.rule::before, .rule::after { content: ""; flex: 1; border-block-start: 1px solid var(--line); }
.by { display: flex; align-items: center; gap: 6px; margin-block: 8px 2px; }
.by time::before, .mark time::before { content: "·"; margin-inline-end: 6px; }
.said { display: flex; flex-direction: column; align-items: flex-start; gap: 3px; }
.said.mine { align-items: flex-end; position: relative; }
.mine .bubble { max-inline-size: 78%; }
.acts { position: absolute; inset-inline-start: 0; inset-block-end: 0; display: flex; opacity: 0; }
.said:is(:hover, :focus-within) .acts { opacity: 1; }
.acts .btn { white-space: nowrap; inline-size: auto; padding-inline: 4px; min-inline-size: 28px; font-size: 12px; color: var(--text-3); } .acts .btn.quiet:not(:has(svg)) { color: var(--danger); background: var(--surface); }
.said + .said.mine, .mark + .said:not(.mine), .said.mine + .said:not(.mine) { margin-block-start: 8px; }
.said.mine + .said.mine { margin-block-start: 0; }
.bubble { max-inline-size: 86%; padding: 7px 12px; border-radius: 14px; border-start-start-radius: 4px; background: var(--surface-3); line-height: 1.55; white-space: pre-wrap; text-align: start; }
.dock:lang(fa) .bubble { line-height: 1.8; }
.mine .bubble { background: var(--accent-soft); border-start-start-radius: 14px; border-end-end-radius: 4px; }
.bubble a { color: inherit; text-decoration: underline; text-underline-offset: 3px; }
.bubble.gone { background: none; border: 1px dashed var(--line-2); color: var(--text-3); }
.mark { display: flex; align-items: center; justify-content: flex-end; gap: 6px; flex-wrap: wrap; }
.mark.failed { color: var(--danger); }
.typing { display: flex; align-items: center; gap: 8px; }
.dots { display: inline-flex; gap: 3px; padding: 9px 11px; border-radius: 14px; border-start-start-radius: 4px; background: var(--surface-3); }
.dots i { inline-size: 6px; block-size: 6px; border-radius: 50%; background: var(--text-3); animation: breathe 1.1s ease-in-out infinite alternate; }
.dots i:nth-child(2) { animation-delay: .2s; } .dots i:nth-child(3) { animation-delay: .4s; }
@keyframes breathe { from { opacity: .3; } }
.below { position: absolute; inset-block-end: 10px; inset-inline: 0; margin-inline: auto; inline-size: fit-content; display: flex; align-items: center; gap: 6px; padding: 4px 12px; border-radius: 999px; background: var(--surface); border: 1px solid var(--line-2); box-shadow: var(--shadow); font-size: 12px; color: var(--accent); font-weight: 500; }
.files { display: flex; flex-wrap: wrap; gap: 6px; max-inline-size: 100%; }
.mine .files { justify-content: flex-end; }
.files > li { max-inline-size: 100%; min-inline-size: 0; }
.file { display: inline-flex; align-items: center; gap: 6px; min-block-size: 34px; max-inline-size: 240px; padding-inline: 8px; border: 1px solid var(--line-2); border-radius: 8px; background: var(--surface); font-size: 12px; }
button.file:hover { background: var(--surface-2); }
.file .meta { flex: none; } .file .cut { min-inline-size: 0; }
li.file { padding-inline-end: 2px; }
.picture { display: block; border-radius: 10px; overflow: hidden; border: 1px solid var(--line); max-inline-size: 220px; background: var(--surface-3); }
.picture[aria-busy] { inline-size: 160px; block-size: 110px; }
.picture img { display: block; max-inline-size: 100%; max-block-size: 220px; }
.picture[aria-busy] img { visibility: hidden; }
.enlarged { border: 0; padding: 0; border-radius: 12px; background: var(--surface); color: inherit; max-inline-size: calc(100vw - 24px); max-block-size: calc(100dvh - 24px); overflow: hidden; }
.enlarged[open] { display: flex; flex-direction: column; }
.enlarged > img { min-block-size: 0; object-fit: contain; max-inline-size: 100%; }
.enlarged::backdrop { background: rgb(0 0 0 / .6); }`;

const WRITE = `
.foot { display: grid; grid-template-columns: minmax(0, 1fr); gap: 8px; padding: 10px 12px 8px; border-block-start: 1px solid var(--line); flex: none; }
.affix { display: flex; align-items: flex-end; gap: 8px; }
.input { inline-size: 100%; min-block-size: 38px; padding: 7px 10px; border: 1px solid var(--control); border-radius: 8px; background: var(--surface); color: var(--text); line-height: 1.5; }
.input:hover { border-color: var(--text-2); }
.input:focus-visible { outline-offset: -1px; border-color: var(--accent); }
.input::placeholder { color: var(--text-3); opacity: 1; }
.dock[dir="rtl"] [dir="auto"]:placeholder-shown { direction: rtl; }
.input[aria-invalid] { border-color: var(--danger); }
input.input[dir="ltr"]:not(:placeholder-shown) { text-align: left; }
.dock[dir="rtl"] input.input[dir="ltr"] { text-align: right; }
textarea.input { display: block; resize: none; }
.affix .input { flex: 1; min-inline-size: 0; max-block-size: 132px; }
.input.code { letter-spacing: .3em; font-size: 18px; font-weight: 600; }
.tools { display: flex; align-items: center; gap: 4px 6px; flex-wrap: wrap; min-block-size: 28px; }
.limits { flex: 0 1 auto; }
.window.dropping::after { content: attr(data-drop); position: absolute; inset: 8px; z-index: 3; display: grid; place-items: center; border: 2px dashed var(--accent); border-radius: 10px; background: color-mix(in srgb, var(--surface) 92%, transparent); color: var(--accent); font-weight: 600; }
.card { display: grid; gap: 12px; padding: 12px; border: 1px solid var(--line); border-radius: 10px; background: var(--surface-2); }
.card.plain { padding: 0; border: 0; background: none; }
.stack { display: grid; gap: 12px; }
.stack > .link { justify-self: start; }
.beside-button { grid-template-columns: minmax(0, 1fr) auto; gap: 8px; align-items: end; }
.beside-button > :not(.btn) { grid-column: 1 / -1; }
.beside-button > .field { display: contents; }
.beside-button .field > * { grid-column: 1 / -1; }
.beside-button .field > .input { grid-column: 1; grid-row: 2; }
.beside-button > .btn { grid-column: 2; grid-row: 2; }
.row > .icon { color: var(--ready); }
.field { display: grid; gap: 4px; }
.field > label { font-weight: 500; font-size: 13px; }
.field > p:empty { display: none; }
.field.check { grid-template-columns: auto minmax(0, 1fr); align-items: start; column-gap: 8px; }
.field.check > p { grid-column: 2; }
.field.check > label { font-weight: 400; }
.check input { inline-size: 18px; block-size: 18px; margin-block: 1px; accent-color: var(--accent); }
legend { padding: 0; margin-block-end: 8px; }
.rates { display: grid; grid-template-columns: repeat(auto-fit, minmax(84px, 1fr)); gap: 8px; }
.rate { position: relative; display: flex; align-items: center; justify-content: center; gap: 6px; min-block-size: 44px; padding-inline: 6px; border: 1px solid var(--control); border-radius: 8px; background: var(--surface); cursor: pointer; font-size: 13px; text-align: center; }
.rate input { position: absolute; inset: 0; opacity: 0; inline-size: 100%; block-size: 100%; cursor: pointer; }
.rate:hover { background: var(--surface-3); }
.rate:has(:checked) { border-color: var(--accent); background: var(--accent-soft); box-shadow: inset 0 0 0 1px var(--accent); font-weight: 600; }
.rate:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (pointer: coarse), (max-width: 520px) {
  .input { font-size: 16px; min-block-size: 44px; }
  .btn { min-block-size: 44px; } .btn.icon-only { inline-size: 44px; }
  .btn.small { min-block-size: 36px; inline-size: 36px; } .acts { opacity: 1; } .link { min-block-size: 36px; } .option { min-block-size: 44px; }
}
@media (prefers-reduced-motion: reduce) { *, *::before { animation: none !important; } }
@media (prefers-contrast: more) { .dock { --line: var(--control); --line-2: var(--control); --text-3: var(--text-2); } }
@media (forced-colors: active) { .launcher, .btn, .bubble { border: 1px solid; } }
@media print { .dock { display: none; } }`;

// The operator's colour, made readable: text 4.5:1 on it and as it stands on light and dark (WCAG 2.2 AA, 1.4.3).

const channels = (hex) => [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));
const hex = (rgb) => `#${rgb.map((one) => Math.round(one).toString(16).padStart(2, "0")).join("")}`;
const mix = (one, other, part) => one.map((value, index) => value + (other[index] - value) * part);

// Relative luminance and contrast: WCAG 2.2, "relative luminance" and "contrast ratio".
function luminance(rgb) {
  const [red, green, blue] = rgb.map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [low, high] = [luminance(channels(one)), luminance(channels(other))].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function readable(colour, surface, towards) {
  for (let part = 0; part < 1; part += 0.05) {
    const shade = hex(mix(channels(colour), channels(towards), part));
    if (contrast(shade, surface) >= 4.6) return shade;
  }
  return towards;
}

// The accent of a theme and what is written on it, as declarations of a style sheet.
function accents(given, dark) {
  const colour = /^#[0-9a-f]{6}$/i.test(given) ? given : "#0b6a80";
  const surface = dark ? "#13191d" : "#ffffff";
  const base = channels(colour);
  const soft = hex(mix(channels(surface), base, dark ? 0.24 : 0.12));
  const accent = readable(colour, dark ? "#222b31" : soft, dark ? "#ffffff" : "#000000");
  const on = contrast(accent, "#ffffff") >= contrast(accent, "#0d1114") ? "#ffffff" : "#0d1114";
  const hover = hex(mix(channels(accent), channels(on === "#ffffff" ? "#000000" : "#ffffff"), 0.14));
  return `--accent:${accent};--accent-hover:${hover};--accent-soft:${soft};--on-accent:${on};`;
}

/** The sheet for an operator's colour; `theme` is `light` or `dark` where the host page has but one. */
export function styles(colour, theme) {
  const light = LIGHT + accents(colour, false);
  const dark = DARK + accents(colour, true);
  const chosen = { light: `.dock{${light}}`, dark: `.dock{${dark}}` }[theme] ?? `.dock{${light}}@media (prefers-color-scheme:dark){.dock{${dark}}}`;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(BASE + chosen + FRAME + TALK + WRITE);
  return sheet;
}
