/** The page of the sandbox: phones, the public status page, the rooms, faults and the clock. All text in it is hostile. */
import { isoOf } from '../contract/index.ts';
import { formatDuration } from '../lib/duration.ts';
import { html } from '../lib/html.ts';
import type { Html } from '../lib/html.ts';
import { FAULT_NAMES } from './faults.ts';
import type { FaultRule } from './faults.ts';
import type { TruthEntry } from './truth.ts';
import { phonesOf, publicPagesOf, roomsOf } from './view.ts';
import type { Phone, PublicIncident, VisiblePage, Room, PhonePage } from './view.ts';
import type { SentWebhook } from './webhooks.ts';

export interface PageAccount {
  readonly target: string;
  readonly vendor: string;
  readonly mount: string;
  readonly canAnswer: boolean;
  readonly canRefuseAddress: boolean;
  readonly components: readonly string[];
}

export interface PageModel {
  /** Epoch ms. */
  readonly now: number;
  readonly isStepped: boolean;
  readonly nextAt: number | null;
  readonly accounts: readonly PageAccount[];
  readonly truth: readonly TruthEntry[];
  readonly faults: readonly FaultRule[];
  readonly deliveries: readonly SentWebhook[];
}

/** Beyond these the page says how many more there are: it has to stay quick in a storm. */
const PHONES_MAX = 60;
const PAGES_OF_A_PHONE_MAX = 4;
const NOTES_OF_A_PAGE_MAX = 3;
const INCIDENTS_MAX = 10;
const UPDATES_MAX = 20;
const MESSAGES_MAX = 40;

/** The whole document. */
export function renderPage(model: PageModel): string {
  const phones = phonesOf(model.truth);
  const ringing = phones.filter(({ state }) => state === 'ringing').length;
  const title = ringing === 0 ? 'Tocsin sandbox' : `(${ringing}) Tocsin sandbox`;
  return String(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>${title}</title>
          <link rel="icon" href="/icon.svg" type="image/svg+xml" />
          <link rel="stylesheet" href="/page.css" />
          <script src="/page.js" defer></script>
        </head>
        <body>
          <header>
            <div class="brand">
              <img src="/icon.svg" alt="" width="36" height="36" />
              <div>
                <h1>Tocsin sandbox</h1>
                <p>Stand-ins only: nobody is really paged.</p>
              </div>
            </div>
            ${clockPart(model)}
          </header>
          <p id="told" role="status" hidden></p>
          <main>
            ${phonesPart(phones, model)}
            <div class="columns">${publicPart(model)} ${roomsPart(model)}</div>
            ${faultsPart(model)}
          </main>
          <footer>
            The same as JSON: <a href="/truth">/truth</a>, <a href="/faults">/faults</a>,
            <a href="/clock">/clock</a>
          </footer>
        </body>
      </html> `,
  );
}

function timeOf(at: number, now: number): Html {
  const iso = isoOf(at);
  const isToday = iso.slice(0, 10) === isoOf(now).slice(0, 10);
  return html`<time datetime="${iso}"
    >${isToday ? iso.slice(11, 19) : `${iso.slice(5, 10)} ${iso.slice(11, 19)}`}</time
  >`;
}

function clockPart({ now, isStepped, nextAt }: PageModel): Html {
  const iso = isoOf(now);
  const next = nextAt === null ? html`nothing planned` : html`next at ${timeOf(nextAt, now)}`;
  const step = (by: string): Html => html`<button name="by" value="${by}">+${by}</button>`;
  return html`<div class="clock" data-part="clock">
    <div>
      <time datetime="${iso}"
        ><span>${iso.slice(0, 10)}</span> <b>${iso.slice(11, 19)}</b> UTC</time
      >
      <small>${isStepped ? html`stepped clock, ${next}` : 'real time'}</small>
    </div>
    ${isStepped && html`<form method="post" action="/clock/advance">${step('5m')}${step('30m')}</form>`}
  </div>`;
}

function more(all: number, shown: number, what: string): Html | false {
  return all > shown && html`<p class="more">and ${all - shown} more ${what}</p>`;
}

function empty(text: string): Html {
  return html`<p class="empty">${text}</p>`;
}

function phonesPart(phones: readonly Phone[], model: PageModel): Html {
  const cards = phones.slice(0, PHONES_MAX).map((phone) => phoneCard(phone, model));
  return html`<section data-part="phones" aria-live="polite">
    <h2>Phones</h2>
    ${phones.length === 0 ? empty('Silence. Whoever is rung appears here.') : html`<div class="phones">${cards}</div>`}
    ${more(phones.length, PHONES_MAX, 'phones')}
  </section>`;
}

function phoneCard(phone: Phone, { now, accounts }: PageModel): Html {
  const canAnswer = accounts.some(({ target, canAnswer: can }) => target === phone.target && can);
  const rows = phone.pages
    .slice(0, PAGES_OF_A_PHONE_MAX)
    .map((page) => pageRow(phone, page, { now, canAnswer }));
  return html`<article class="phone ${phone.state}">
    <h3><span class="bell" aria-hidden="true"></span><bdi>${phone.address}</bdi></h3>
    <p class="where"><bdi>${phone.vendor}</bdi> <span>${phone.target}</span></p>
    <ul>
      ${rows}
    </ul>
    ${more(phone.pages.length, PAGES_OF_A_PHONE_MAX, 'pages')}
  </article>`;
}

function pageRow(
  phone: Phone,
  page: PhonePage,
  { now, canAnswer }: { now: number; canAnswer: boolean },
): Html {
  const rings = page.rings > 1 && html`, rang ${page.rings} times`;
  return html`<li class="${page.state}">
    <p class="title" dir="auto">${page.title}</p>
    <p class="facts">
      <span class="pill ${page.state}">${page.state}</span> ${timeOf(page.at, now)}, ${page.urgency}
      urgency${rings}
    </p>
    ${page.notes.slice(-NOTES_OF_A_PAGE_MAX).map((note) => html`<p class="note" dir="auto">${note}</p>`)}
    ${canAnswer && page.state !== 'resolved' && answerForm(phone, page)}
  </li>`;
}

function answerForm({ target, address }: Phone, { ref, state }: PhonePage): Html {
  return html`<form method="post" action="/answer">
    <input type="hidden" name="target" value="${target}" /><input
      type="hidden"
      name="address"
      value="${address}"
    /><input type="hidden" name="ref" value="${ref}" />
    ${state === 'ringing' && html`<button name="verb" value="acknowledge" class="main">Acknowledge</button>`}
    <button name="verb" value="resolve">Resolve</button>
  </form>`;
}

/** `partial_outage` as visitors read it. */
function words(status: string): string {
  const text = status.replaceAll('_', ' ');
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** Only words that the style sheet knows become a class. */
const STATUS_TONES: Readonly<Record<string, string>> = {
  operational: 'good',
  resolved: 'good',
  monitoring: 'calm',
  under_maintenance: 'calm',
  degraded_performance: 'warn',
  identified: 'warn',
  partial_outage: 'warn',
  investigating: 'bad',
  major_outage: 'bad',
};

function tone(status: string): string {
  return Object.hasOwn(STATUS_TONES, status) ? (STATUS_TONES[status] ?? 'plain') : 'plain';
}

function publicPart({ truth, accounts, now }: PageModel): Html {
  const posted = new Set(truth.filter(({ kind }) => kind === 'post').map(({ target }) => target));
  const known = accounts.filter(
    ({ target, components }) => components.length > 0 || posted.has(target),
  );
  const pages = publicPagesOf(truth, known).map((page) => publicPage(page, now));
  return html`<section data-part="public">
    <h2>What customers see</h2>
    ${pages.length === 0 ? empty('No status page, or nothing on it yet.') : pages}
  </section>`;
}

/** Statuses after which visitors no longer see an incident as going on. */
const OVER: ReadonlySet<string> = new Set(['resolved', 'postmortem', 'completed']);

function publicPage({ name, components, incidents }: VisiblePage, now: number): Html {
  const isOpen = incidents.some(({ status }) => !OVER.has(status));
  const isGood = !isOpen && components.every(({ status }) => status === 'operational');
  const rows = components.map(
    ({ name: component, status }) =>
      html`<li>
        <bdi>${component}</bdi><span class="state ${tone(status)}">${words(status)}</span>
      </li>`,
  );
  const shown = incidents.slice(0, INCIDENTS_MAX).map((incident) => publicIncident(incident, now));
  return html`<article class="public">
    <h3><bdi>${name}</bdi></h3>
    <p class="banner ${isGood ? 'good' : 'bad'}">
      ${isGood ? 'All systems operational' : 'There is an ongoing incident'}
    </p>
    ${
      rows.length > 0 &&
      html`<ul class="components">
        ${rows}
      </ul>`
    }
    ${shown.length === 0 ? empty('No incidents posted.') : shown}
    ${more(incidents.length, INCIDENTS_MAX, 'incidents')}
  </article>`;
}

function publicIncident({ name, status, updates }: PublicIncident, now: number): Html {
  const rows = updates.slice(0, UPDATES_MAX).map(
    (update) =>
      html`<li>
        <p dir="auto">
          <b class="state ${tone(update.status)}">${words(update.status)}</b>
          <span class="text">${update.body}</span>
        </p>
        <p class="facts">
          ${timeOf(update.at, now)}${update.notified && ', subscribers were mailed'}
        </p>
      </li>`,
  );
  return html`<div class="incident ${tone(status)}">
    <h4 dir="auto">${name}</h4>
    <ol>
      ${rows}
    </ol>
    ${more(updates.length, UPDATES_MAX, 'updates')}
  </div>`;
}

const EVENT_WORDS: Readonly<Record<Room['messages'][number]['event'], string>> = {
  posted: '',
  room_opened: 'opened the room',
  topic_set: 'set the topic',
  invited: 'invited',
  pinned: 'pinned',
  archived: 'archived the room',
};

function roomsPart({ truth, now }: PageModel): Html {
  const rooms = roomsOf(truth).map((room) => roomCard(room, now));
  return html`<section data-part="rooms">
    <h2>The room</h2>
    ${rooms.length === 0 ? empty('Nobody has said anything.') : rooms}
  </section>`;
}

function roomCard({ channel, vendor, messages }: Room, now: number): Html {
  const shown = messages.slice(-MESSAGES_MAX);
  const rows = shown.map(({ event, text, at }) => {
    const what = EVENT_WORDS[event];
    return html`<li class="${what === '' ? 'said' : 'done'}">
      <span class="facts">${timeOf(at, now)} ${what}</span>
      <p dir="auto"><span class="text">${text}</span></p>
    </li>`;
  });
  return html`<article class="room">
    <h3><bdi>${channel}</bdi> <small>${vendor}</small></h3>
    ${more(messages.length, shown.length, 'earlier messages')}
    <ol>
      ${rows}
    </ol>
  </article>`;
}

function faultsPart(model: PageModel): Html {
  const rows = model.accounts.map((account) => accountRow(account, model));
  return html`<section data-part="faults">
    <h2>Vendors and their faults</h2>
    ${
      rows.length === 0
        ? empty('No accounts.')
        : html`<ul class="accounts">
            ${rows}
          </ul>`
    }
  </section>`;
}

function accountRow(
  { target, vendor, mount, canRefuseAddress }: PageAccount,
  { faults, deliveries, now }: PageModel,
): Html {
  const active = faults
    .filter((rule) => rule.target === target)
    .map((rule) => faultChip(rule, now));
  const offered = FAULT_NAMES.filter((name) => name !== 'unknown-address' || canRefuseAddress);
  const options = offered.map(
    (name) => html`<option value="${name}">${FAULT_WORDS[name]}</option>`,
  );
  return html`<li>
    <div>
      <b>${target}</b>
      <small>${vendor} at ${mount}</small
      >${webhooksLine(deliveries.filter((one) => one.target === target))}
    </div>
    <div class="active">
      ${active.length === 0 ? html`<span class="pill good">works</span>` : active}
    </div>
    <form method="post" action="/faults">
      <input type="hidden" name="target" value="${target}" />
      <select name="fault" aria-label="Fault of ${target}">
        ${options}</select
      ><button>Break it</button>
    </form>
  </li>`;
}

const FAULT_WORDS: Readonly<Record<FaultRule['fault'], string>> = {
  refuse: 'refuse connections',
  hang: 'hang, never answer',
  '429': '429, too many requests',
  '403': '403, we are refused',
  '5xx': '5xx, broken',
  '5xx-but-done': '5xx, but done',
  '202-but-lost': '202, but lost',
  '202-but-rejected': '202, but rejected later',
  'unknown-address': 'nobody of that address',
  slow: 'slow',
  reset: 'reset in mid-answer',
};

function faultChip(rule: FaultRule, now: number): Html {
  const where = [rule.method, rule.path].filter((part) => part !== undefined).join(' ');
  const left = rule.times === undefined ? '' : `${rule.times - rule.hits} left`;
  const begins =
    rule.from !== undefined && rule.from > now ? `in ${formatDuration(rule.from - now)}` : '';
  const ends = rule.until === undefined ? '' : `until ${isoOf(rule.until).slice(11, 19)}`;
  const struck = rule.hits === 0 ? '' : `struck ${rule.hits}`;
  const details = [where, struck, left, begins, ends].filter((part) => part !== '').join(', ');
  return html`<form method="post" action="/faults" data-method="DELETE" class="pill bad">
    <input type="hidden" name="id" value="${rule.id}" />
    <span>${FAULT_WORDS[rule.fault]}${details !== '' && ` (${details})`}</span
    ><button aria-label="End this fault">end</button>
  </form>`;
}

function webhooksLine(deliveries: readonly SentWebhook[]): Html | false {
  if (deliveries.length === 0) return false;
  const dropped = deliveries.filter(({ result }) => result === 'dropped');
  const last = dropped.at(-1);
  const why =
    last === undefined
      ? ''
      : `, ${dropped.length} dropped (last: ${last.status ?? 'no connection'})`;
  return html`<small class="hooks"
    >webhooks: ${deliveries.length - dropped.length} delivered${why}</small
  >`;
}
