/** The files of the sandbox's page: style, script, icon. Served as they are; nothing is put into them. */

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#b42318"/><path d="M16 6a2 2 0 0 1 2 2v.5a7 7 0 0 1 5 6.7V19l2 3v1H7v-1l2-3v-3.8a7 7 0 0 1 5-6.7V8a2 2 0 0 1 2-2zm-3 18.5h6a3 3 0 0 1-6 0z" fill="#fff"/></svg>
`;

export const STYLE = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f4f5f7, #101317);
  --card: light-dark(#ffffff, #191e25);
  --line: light-dark(#dfe3e8, #2b323c);
  --text: light-dark(#1a1f26, #e8ebef);
  --soft: light-dark(#5b6572, #98a3b1);
  --bad: light-dark(#b42318, #ff7a6e);
  --bad-back: light-dark(#fdecea, #3a1a18);
  --warn: light-dark(#8f5400, #f3b64c);
  --warn-back: light-dark(#fff3dc, #35270f);
  --good: light-dark(#1b7340, #5fd08f);
  --good-back: light-dark(#e4f5ea, #12301f);
  --calm: light-dark(#1f5fa8, #79b5f5);
  --calm-back: light-dark(#e6f0fb, #14273b);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1, h2, h3, h4, p, ul, ol { margin: 0; padding: 0; }
h1 { font-size: 1.1rem; line-height: 1.2; }
h2 { font-size: .8rem; letter-spacing: .06em; text-transform: uppercase; color: var(--soft); margin-bottom: .6rem; }
h3 { font-size: 1rem; }
ul, ol { list-style: none; }
small, .facts, .where, .more, .empty, footer { color: var(--soft); font-size: .84rem; }
small { font-weight: 400; }
time { font-variant-numeric: tabular-nums; white-space: nowrap; }
a { color: var(--calm); }
header { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .6rem 2rem; align-items: center; justify-content: space-between;
  padding: .7rem max(1rem, calc((100vw - 1280px) / 2)); background: var(--card); border-bottom: 1px solid var(--line); }
.brand { display: flex; gap: .75rem; align-items: center; }
.brand p { color: var(--soft); font-size: .84rem; }
.clock { display: flex; gap: 1rem; align-items: center; }
.clock small { display: block; line-height: 1.3; }
.clock b { font-size: 1.25rem; }
.clock form { display: flex; gap: .4rem; }
@media (max-width: 480px) { header { gap: .4rem; } .clock { flex: 1; justify-content: space-between; } .clock time span { display: none; } }
main { max-width: 1280px; margin: 0 auto; padding: 1.2rem 1rem 2rem; display: grid; gap: 1.6rem; }
.columns { display: grid; gap: 1.6rem; align-items: start; }
@media (min-width: 860px) { .columns { grid-template-columns: 1fr 1fr; } }
section { min-width: 0; }
article, .accounts, .empty { background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
section > article + article { margin-top: .8rem; }
.empty { padding: 1rem; border-style: dashed; }
article .empty { border: 0; padding: .8rem 1rem; }
.more { padding: .4rem 1rem; }
button, select { font: inherit; font-size: .9rem; min-height: 2.3rem; padding: .3rem .8rem; border-radius: 8px; border: 1px solid var(--line); background: var(--page); color: var(--text); }
button { cursor: pointer; font-weight: 600; white-space: nowrap; }
button:hover { border-color: var(--soft); }
button:focus-visible, select:focus-visible, a:focus-visible { outline: 2px solid var(--calm); outline-offset: 2px; }
button:disabled { opacity: .5; cursor: progress; }
button.main { background: light-dark(#b42318, #d9453a); border-color: transparent; color: #fff; }
.pill { display: inline-block; padding: .05rem .55rem; border-radius: 99px; font-size: .8rem; font-weight: 600; background: var(--page); }
.pill.ringing, .pill.bad { background: var(--bad-back); color: var(--bad); }
.pill.acknowledged { background: var(--calm-back); color: var(--calm); }
.pill.resolved, .pill.good { background: var(--good-back); color: var(--good); }
.phones { display: grid; gap: .8rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18.5rem), 1fr)); align-items: start; }
.phone { padding: .8rem 1rem; border-top: 4px solid var(--line); }
.phone.ringing { border-top-color: var(--bad); box-shadow: 0 6px 24px -14px var(--bad); }
.phone.acknowledged { border-top-color: var(--calm); }
.phone.resolved { border-top-color: var(--good); }
.phone h3 { display: flex; gap: .5rem; align-items: center; }
.phone .where span { color: var(--text); }
.phone li { padding-top: .6rem; margin-top: .6rem; border-top: 1px solid var(--line); }
.phone li.resolved .title { color: var(--soft); }
.phone form { display: flex; gap: .4rem; margin-top: .5rem; }
.phone .facts { margin-top: .25rem; }
.phone .note { margin-top: .25rem; font-size: .84rem; }
.phone .more { padding: .5rem 0 0; }
.title { font-weight: 600; line-height: 1.35; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden; }
.bell { flex: none; width: .7rem; height: .7rem; border-radius: 50%; background: var(--line); }
.ringing .bell { background: var(--bad); animation: ring 1.2s ease-out infinite; }
.acknowledged .bell { background: var(--calm); }
.resolved .bell { background: var(--good); }
@keyframes ring { from { box-shadow: 0 0 0 0 var(--bad); } to { box-shadow: 0 0 0 .6rem transparent; } }
@media (prefers-reduced-motion: reduce) { .ringing .bell { animation: none; outline: 3px solid var(--bad-back); } }
.public { overflow: hidden; }
.public h3, .room h3 { padding: .8rem 1rem .6rem; }
.banner { padding: .6rem 1rem; font-weight: 600; }
.banner.good { background: var(--good-back); color: var(--good); }
.banner.bad { background: var(--warn-back); color: var(--warn); }
.components li { display: flex; justify-content: space-between; gap: 1rem; padding: .45rem 1rem; border-bottom: 1px solid var(--line); }
.components .state { text-align: right; }
.state { font-weight: 600; }
.state.good { color: var(--good); }
.state.calm { color: var(--calm); }
.state.warn { color: var(--warn); }
.state.bad { color: var(--bad); }
.incident { padding: .9rem 1rem; }
.incident + .incident { border-top: 1px solid var(--line); }
.incident h4 { font-size: 1rem; margin-bottom: .5rem; }
.incident li { padding: 0 0 .7rem .9rem; border-left: 2px solid var(--line); }
.incident li:last-child { padding-bottom: 0; }
.text { white-space: pre-line; }
.room ol { padding: 0 1rem .8rem; max-height: 34rem; overflow-y: auto; }
.room li { padding: .35rem 0; }
.room li.done p { display: inline; font-size: .9rem; }
.room li.done .facts { margin-right: .4rem; }
.accounts li { display: grid; gap: .5rem 1rem; align-items: center; padding: .7rem 1rem; }
.accounts li + li { border-top: 1px solid var(--line); }
.accounts small { display: inline-block; }
.accounts .hooks { display: block; }
.accounts > li > form { display: flex; gap: .4rem; }
.accounts select { flex: 1; min-width: 0; }
.active { display: flex; flex-wrap: wrap; gap: .4rem; }
form.pill { display: inline-flex; gap: .5rem; align-items: center; padding: .1rem .2rem .1rem .7rem; border-radius: 12px; }
form.pill button { min-height: 1.7rem; padding: 0 .6rem; font-size: .8rem; }
@media (min-width: 860px) { .accounts li { grid-template-columns: minmax(12rem, 1fr) 2fr auto; } }
#told { max-width: 1280px; margin: 1rem auto 0; padding: .7rem 1rem; border-radius: 12px; background: var(--warn-back); color: var(--warn); font-weight: 600; }
footer { text-align: center; padding: 0 1rem 2rem; }
`;

export const SCRIPT = `'use strict';
const told = document.getElementById('told');

function tell(text) {
  told.textContent = text;
  told.hidden = text === '';
}

/** A list that somebody has open must not be replaced under the finger. */
function isInUse(part) {
  return part.contains(document.activeElement) && document.activeElement.tagName === 'SELECT';
}

function show(fresh) {
  document.title = fresh.title;
  for (const part of document.querySelectorAll('[data-part]')) {
    const next = fresh.querySelector('[data-part="' + part.dataset.part + '"]');
    if (next === null || next.outerHTML === part.outerHTML || isInUse(part)) continue;
    part.replaceWith(document.adoptNode(next));
  }
}

let isLoading = false;
let isStale = false;

async function refresh() {
  isStale = true;
  if (isLoading) return;
  isLoading = true;
  try {
    while (isStale) {
      isStale = false;
      const answer = await fetch('/');
      show(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    }
  } catch {
    tell('The sandbox does not answer.');
  } finally {
    isLoading = false;
  }
}

document.addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const body = JSON.stringify(Object.fromEntries(new FormData(form, event.submitter)));
  const method = form.dataset.method ?? 'POST';
  event.submitter.disabled = true;
  document.activeElement?.blur();
  try {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(form.getAttribute('action'), { method, headers, body });
    tell(answer.ok ? '' : (await answer.json()).detail);
  } catch {
    tell('The sandbox does not answer.');
  }
  event.submitter.disabled = false;
  await refresh();
});

document.addEventListener('focusout', refresh);

const events = new EventSource('/events');
events.addEventListener('changed', refresh);
events.addEventListener('open', () => {
  tell('');
  void refresh();
});
events.addEventListener('error', () => tell('The sandbox does not answer.'));
`;
