/** What people would see of the hidden truth: ringing phones, the public status page, the rooms. Pure. */
import type { MessageEntry, PageEntry, PostEntry, TruthEntry } from './truth.ts';

export interface PhonePage {
  readonly ref: string;
  readonly title: string;
  readonly urgency: 'high' | 'low';
  readonly state: 'ringing' | 'acknowledged' | 'resolved';
  /** Epoch ms of the last change. */
  readonly at: number;
  /** How often the phone began to ring for it. */
  readonly rings: number;
  /** What was written beside it at the vendor, the oldest first. */
  readonly notes: readonly string[];
}

/** One address that was rung, with its pages, the last changed first. */
export interface Phone {
  readonly target: string;
  readonly vendor: string;
  readonly address: string;
  readonly pages: readonly PhonePage[];
  /** `ringing` while any page rings, else `acknowledged` while any is open. */
  readonly state: PhonePage['state'];
}

/** Phones that ring first, then the last changed. */
export function phonesOf(entries: readonly TruthEntry[]): readonly Phone[] {
  const phones = new Map<
    string,
    { target: string; vendor: string; address: string; pages: Map<string, PhonePage> }
  >();
  for (const entry of entries) {
    if (entry.kind !== 'page') continue;
    if (entry.event === 'rang') ring(phones, entry);
    else if (entry.event === 'noted') note(phones, entry);
    else if (entry.event !== 'repeated') stopRinging(phones, entry, entry.event);
  }
  return [...phones.values()]
    .map(({ pages, ...where }) => {
      const newest = [...pages.values()].toSorted((a, b) => rank(a) - rank(b) || b.at - a.at);
      return { ...where, pages: newest, state: newest[0]?.state ?? 'resolved' };
    })
    .toSorted((a, b) => rank(a) - rank(b) || (b.pages[0]?.at ?? 0) - (a.pages[0]?.at ?? 0));
}

type Phones = Map<
  string,
  { target: string; vendor: string; address: string; pages: Map<string, PhonePage> }
>;

const STATES = ['ringing', 'acknowledged', 'resolved'];
const rank = ({ state }: { readonly state: string }): number => STATES.indexOf(state);

function ring(
  phones: Phones,
  { target, vendor, address, ref, title, urgency, at }: PageEntry,
): void {
  const id = JSON.stringify([target, address]);
  const phone = phones.get(id) ?? { target, vendor, address, pages: new Map<string, PhonePage>() };
  phones.set(id, phone);
  const { rings = 0, notes = [] } = phone.pages.get(ref) ?? {};
  phone.pages.set(ref, { ref, title, urgency, at, rings: rings + 1, notes, state: 'ringing' });
}

/** Whoever looks at the page reads it, at every address where the vendor rang for it. */
function note(phones: Phones, { target, ref, note: text = '' }: PageEntry): void {
  for (const phone of phones.values()) {
    const page = phone.target === target ? phone.pages.get(ref) : undefined;
    if (page !== undefined) phone.pages.set(ref, { ...page, notes: [...page.notes, text] });
  }
}

/** Whoever answers a page, it stops ringing at every address where the vendor rang for it. */
function stopRinging(
  phones: Phones,
  { target, ref, at }: PageEntry,
  state: 'acknowledged' | 'resolved',
): void {
  for (const phone of phones.values()) {
    const page = phone.target === target ? phone.pages.get(ref) : undefined;
    if (page !== undefined) phone.pages.set(ref, { ...page, state, at });
  }
}

export interface PublicIncident {
  readonly ref: string;
  readonly name: string;
  readonly status: string;
  /** Newest first. */
  readonly updates: readonly {
    readonly status: string;
    readonly body: string;
    readonly at: number;
    readonly notified: boolean;
  }[];
}

/** A status page as its visitors see it. */
export interface VisiblePage {
  readonly target: string;
  readonly vendor: string;
  readonly name: string;
  readonly components: readonly { readonly name: string; readonly status: string }[];
  /** Newest first. */
  readonly incidents: readonly PublicIncident[];
}

/** A page that exists before anything is posted on it. */
export interface KnownPage {
  readonly target: string;
  readonly vendor: string;
  readonly components: readonly string[];
}

export function publicPagesOf(
  entries: readonly TruthEntry[],
  known: readonly KnownPage[],
): readonly VisiblePage[] {
  const posts = entries.filter((entry) => entry.kind === 'post');
  return known.map(({ target, vendor, components }) => {
    const here = posts.filter((post) => post.target === target);
    const states = new Map(components.map((name) => [name, 'operational']));
    for (const post of here)
      for (const [name, status] of Object.entries(post.components)) states.set(name, status);
    return {
      target,
      vendor,
      name: here[0]?.page ?? target,
      components: [...states].map(([name, status]) => ({ name, status })),
      incidents: incidentsOf(here),
    };
  });
}

function incidentsOf(posts: readonly PostEntry[]): readonly PublicIncident[] {
  const byRef = Map.groupBy(posts, ({ ref }) => ref);
  return [...byRef.values()].toReversed().map((of) => {
    const updates = of
      .map(({ status, body, at, notified }) => ({ status, body, at, notified }))
      .toReversed();
    const last = of.at(-1);
    return { ref: last?.ref ?? '', name: last?.name ?? '', status: last?.status ?? '', updates };
  });
}

export interface Room {
  readonly target: string;
  readonly vendor: string;
  readonly channel: string;
  /** Oldest first. */
  readonly messages: readonly Pick<MessageEntry, 'event' | 'text' | 'at'>[];
}

/** The room with the newest message first. */
export function roomsOf(entries: readonly TruthEntry[]): readonly Room[] {
  const messages = entries.filter((entry) => entry.kind === 'message');
  const byRoom = Map.groupBy(messages, ({ target, channel }) => JSON.stringify([target, channel]));
  const rooms = [...byRoom.values()].flatMap((of) => {
    const [first] = of;
    if (first === undefined) return [];
    const { target, vendor, channel } = first;
    return [
      { target, vendor, channel, messages: of.map(({ event, text, at }) => ({ event, text, at })) },
    ];
  });
  return rooms.toSorted((a, b) => (b.messages.at(-1)?.at ?? 0) - (a.messages.at(-1)?.at ?? 0));
}
