/** Rows for the store's tests: small, valid, and different only where a test says so. */
import type { EffectId } from '../../src/core/model/made-ids.ts';
import type { Effect, PageEffect } from '../../src/core/model/effect.ts';
import type { EventBody, IncidentEvent } from '../../src/core/model/event.ts';
import { evolve } from '../../src/core/model/events.ts';
import type { Incident } from '../../src/core/model/incident.ts';
import type { Routing } from '../../src/core/model/input.ts';
import type {
  AlertRow,
  Change,
  LeaseQuery,
  ClaimsChange,
  InboxRow,
  PageRow,
  Settlement,
  Wake,
} from '../../src/store/store.ts';

/** 2026-01-15T09:00:00Z */
export const T0 = 1_768_467_600_000;
export const LEASE_MS = 15_000;

export function inboxRow(id: string, over: Partial<InboxRow> = {}): InboxRow {
  return {
    id,
    origin: 'webhook',
    actor: { kind: 'source', id: 'prom' },
    source: 'prom',
    deliveryId: null,
    receivedAt: T0,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(`{"delivery":"${id}"}`),
    notBefore: 0,
    failures: 0,
    ...over,
  };
}

export function alertRow(dedupKey: string, over: Partial<AlertRow> = {}): AlertRow {
  return {
    source: 'prom',
    dedupKey,
    status: 'firing',
    startsAt: T0 - 60_000,
    observedAt: T0,
    heardAt: T0,
    group: '',
    clearedAt: null,
    held: null,
    incident: 'inc-1',
    title: `${dedupKey} is failing`,
    labels: { service: 'checkout', region: 'eu' },
    ...over,
  };
}

export function routing(over: Partial<Routing> = {}): Routing {
  return {
    source: 'prom',
    team: 'payments',
    service: 'checkout',
    rule: null,
    route: null,
    groupKey: 'checkout|eu',
    trusted: false,
    public: 'allowed',
    level: 'L2',
    because: 'the rule says so',
    title: 'Checkout is failing',
    description: '',
    labels: {},
    links: [],
    ...over,
  };
}

function event(
  incident: string,
  version: number,
  body: EventBody & { readonly at?: number },
): IncidentEvent {
  return {
    at: T0 + version,
    ...body,
    incident,
    version,
    input: `input-${version}`,
    actor: { kind: 'tocsin' },
    policy: 'p1',
  };
}

type ChangeOver = Partial<Omit<Change, 'subject' | 'events' | 'state' | 'expectedVersion'>>;

const UNCLAIMED: ClaimsChange = { take: [], release: [] };

/** Takes these groups, after giving up all that are held where it `ends`. */
export function collecting(groups: readonly string[], ends = false): ClaimsChange {
  return {
    take: groups.map((key) => ({ kind: 'group', key, value: null })),
    release: ends ? [{ kind: 'group', key: null }] : [],
  };
}

/** An incident that opens with one event. */
export function opening(
  incident: string,
  over: ChangeOver & {
    readonly kind?: Incident['kind'];
    readonly routing?: Partial<Routing>;
    readonly at?: number;
  } = {},
): Change {
  const { kind = 'incident', routing: own = {}, at = T0, ...rest } = over;
  const first = event(incident, 1, {
    type: 'IncidentOpened',
    kind,
    title: 'Checkout is failing',
    routing: routing(own),
    firstSignalAt: at,
    adopted: null,
    at,
  });
  return {
    subject: { kind: 'incident', id: incident },
    expectedVersion: 0,
    events: [first],
    state: evolve(null, first),
    effects: [],
    wake: null,
    pages: [],
    claims: UNCLAIMED,
    ...rest,
  };
}

type LaterBody = Exclude<EventBody, { type: 'IncidentOpened' }>;

/** The next change of an incident: these events, one after another. */
export function continuing(
  state: Incident,
  bodies: readonly LaterBody[],
  over: ChangeOver = {},
): Change {
  const events = bodies.map((body, index) => event(state.id, state.version + index + 1, body));
  let next = state;
  for (const one of events) next = evolve(next, one);
  return {
    subject: { kind: 'incident', id: state.id },
    expectedVersion: state.version,
    events,
    state: next,
    effects: [],
    wake: null,
    pages: [],
    claims: UNCLAIMED,
    ...over,
  };
}

export function noting(state: Incident, text: string, over: ChangeOver = {}): Change {
  return continuing(state, [{ type: 'NoteAdded', text }], over);
}

export function resolving(state: Incident, over: ChangeOver = {}): Change {
  return continuing(state, [{ type: 'IncidentResolved', text: null, automatic: false }], over);
}

/** A page on its way out; `id` is `<incident>/<version>/<index>`. */
export function pageEffect(id: EffectId, over: Partial<PageEffect> = {}): PageEffect {
  const incident = id.split('/')[0] ?? id;
  return {
    name: 'pager.trigger',
    id,
    incident,
    stream: `pd|${incident}`,
    lane: 'page',
    dueAt: T0,
    target: 'pd',
    page: 'p1',
    key: `${incident}-key`,
    address: { target: 'pd', address: { key: 'secret:pd.key' }, label: 'pd service Checkout' },
    urgency: 'high',
    rank: 0,
    severity: 'L2',
    title: 'Checkout is failing',
    body: '',
    origin: 'https://tocsin.example.com',
    links: [],
    ...over,
  };
}

export function wakeAt(at: number, over: Partial<Wake> = {}): Wake {
  return { rank: 1, at, basis: 'p1', ...over };
}

export function pageRow(over: Partial<PageRow> = {}): PageRow {
  return {
    incident: 'inc-1',
    page: 'p1',
    target: 'pd',
    key: 'inc-1-key',
    since: T0,
    askedAt: T0,
    ref: null,
    state: 'open',
    unconfirmed: false,
    awaitsAnswer: true,
    toldAt: null,
    unreachable: false,
    address: { target: 'pd', address: { key: 'secret:pd.key' }, label: 'pd service Checkout' },
    ...over,
  };
}

export function leaseAt(now: number, over: Partial<LeaseQuery> = {}): LeaseQuery {
  return {
    now,
    leaseMs: LEASE_MS,
    slots: { page: 10, internal: 10, public: 10, housekeeping: 10 },
    except: [],
    ...over,
  };
}

export function settlement(id: string, fence: number, over: Partial<Settlement> = {}): Settlement {
  return {
    id,
    fence,
    status: 'done',
    dueAt: 0,
    outcome: 'accepted',
    heldBy: null,
    refused: null,
    at: T0 + 1,
    ...over,
  };
}

export function ids(rows: readonly { readonly effect: Effect }[]): readonly string[] {
  return rows.map((row) => row.effect.id);
}
