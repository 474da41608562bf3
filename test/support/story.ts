/**
 * Given / when / then for the core: a story feeds inputs at times, lets fall due what falls due between them, and answers
 * questions about what was asked of the world. Every input and state is deep-frozen, and a state from which no clock
 * follows ends the story.
 */
import type { PageId } from '../../src/core/model/made-ids.ts';
import { decide, type Decided } from '../../src/core/deciding/decide.ts';
import type {
  ChatEffect,
  Effect,
  PageEffect,
  PublishEffect,
  Settled,
} from '../../src/core/model/effect.ts';
import type { IncidentEvent } from '../../src/core/model/event.ts';
import { fold } from '../../src/core/model/events.ts';
import type { Incident } from '../../src/core/model/incident.ts';
import type { Actor, Adopted, AlertsSummary, Fact, Routing } from '../../src/core/model/input.ts';
import { type Lookups, NO_LOOKUPS, type Ringing } from '../../src/core/model/lookups.ts';
import type { Request } from '../../src/core/verbs/table.ts';
import { type Obligation, STANDS } from '../../src/core/model/obligation.ts';
import { answersOf } from '../../src/core/deciding/axes.ts';
import { owed, wakeUpOf } from '../../src/core/deciding/owed.ts';
import { stillWanted } from '../../src/core/deciding/send.ts';
import type { Policy } from '../../src/core/model/policy.ts';
import type { Context } from '../../src/core/model/decision.ts';
import { encodeAddress } from '../../src/core/model/keys.ts';
import { deepFreeze } from './freeze.ts';
import { address } from './policy.ts';

export const START = 1_767_614_400_000; // 2026-01-05T12:00:00Z
export const MINUTE = 60_000;
/** More than this at one instant goes on for ever. */
const STEPS_AN_INSTANT_MAX = 1_000;

/** The engine asks a pager that refuses our account this often. */
const ASKED_ON_MS = 30_000;
/** After how long the outbox looks once more for a post. */
const LOOK_WAITS_MS = [10, 45, 120, 120].map((seconds) => seconds * 1_000);
/** As long as the engine looks them up. */
const RELOAD_COUNTS_MS = 2 * MINUTE;

export const noLookups: Lookups = deepFreeze({ ...NO_LOOKUPS, instance: 'test' });

/** A ring of another incident, confirmed a minute ago: by default that of Ada at the first pager. */
export function ringing(change: Partial<Ringing> = {}): Ringing {
  const since = change.since ?? START - MINUTE;
  const { person, target } = { person: 'ada', target: 'pd', ...change };
  return {
    incident: 'inc-0',
    page: 'p1',
    person,
    address: encodeAddress(address(target, person ?? 'desk')),
    target,
    key: 'tocsin/test/inc-0/p1',
    status: 'confirmed',
    at: since,
    urgency: 'high',
    level: 'L2',
    since,
    team: 'shop',
    service: null,
    parent: null,
    acknowledged: false,
    ...change,
  };
}

/** Rings of other incidents, each at its address. */
export function ringsAt(...rings: readonly Ringing[]): Pick<Lookups, 'ringsAt'> {
  return { ringsAt: (id) => rings.filter((one) => one.address === id) };
}

export function routing(change: Partial<Routing> = {}): Routing {
  return {
    source: 'prom',
    team: 'shop',
    service: 'basket',
    rule: { name: 'basket errors', where: { file: 'shop.yaml', line: 7, column: 3 } },
    route: null,
    groupKey: 'shop/basket errors/',
    trusted: false,
    public: 'allowed',
    level: 'L2',
    because: 'rule "basket errors" (shop.yaml:7) gives L2',
    title: 'Basket answers with errors',
    description: '',
    labels: {},
    links: [],
    ...change,
  };
}

export function alerts(change: Partial<AlertsSummary> = {}): AlertsSummary {
  return {
    firing: 1,
    stale: 0,
    held: 0,
    total: 1,
    newlyFiring: 1,
    newlyResolved: 0,
    newlyStale: 0,
    heardAgain: 0,
    firstSignalAt: START,
    truncated: false,
    ...change,
  };
}

export function observed(
  change: Partial<Routing> = {},
  summary: Partial<AlertsSummary> = {},
): Extract<Fact, { type: 'AlertsObserved' }> {
  return {
    type: 'AlertsObserved',
    routing: routing(change),
    alerts: alerts(summary),
    told: [],
    unheard: null,
    endedUnheard: null,
    news: null,
    services: [change.service ?? 'basket'],
    adopted: null,
    storm: null,
  };
}

/** An object of the vendor’s own that rings for the alert: the basket of its pager, where Ada is on call. */
export function adopted(change: Partial<Adopted> = {}): Adopted {
  return {
    target: 'pd',
    ref: 'Q1',
    key: null,
    urgency: 'high',
    people: ['ada'],
    acknowledgedBy: null,
    label: 'pd basket',
    ...change,
  };
}

export const cleared: Extract<Fact, { type: 'AlertsObserved' }> = {
  type: 'AlertsObserved',
  routing: routing(),
  alerts: alerts({ firing: 0, newlyFiring: 0, newlyResolved: 1 }),
  told: [],
  unheard: null,
  endedUnheard: null,
  news: null,
  services: [],
  adopted: null,
  storm: null,
};

/** A person declares, and leaves all else as it is. */
export const declare = {
  type: 'Declare',
  level: null,
  title: null,
  team: null,
  service: null,
  text: null,
  flags: [],
} as const satisfies Request;

type ImpactReported = Extract<Request, { type: 'ReportImpact' }>;

/** A person reports what is known of the impact. */
export function reported(known: Partial<Omit<ImpactReported, 'type'>>): ImpactReported {
  const unknown = { users: null, percent: null, components: null, regions: null };
  return { type: 'ReportImpact', ...unknown, revenue_per_minute: null, ...known };
}

export function byPerson(id: string): Actor {
  return { kind: 'person', id, via: 'api' };
}

export type PageObserved = Extract<Fact, { type: 'PageObserved' }>;

export class Story {
  now = START;
  state: Incident | null = null;
  readonly events: IncidentEvent[] = [];
  readonly sent: { readonly at: number; readonly effect: Effect }[] = [];
  lookups: Lookups = noLookups;
  /** How the world answers an effect the moment it is requested; null leaves it open. */
  answer: (effect: Effect) => Settled | null = (effect) =>
    effect.name === 'pager.find' || effect.name === 'statusPage.find'
      ? {
          result: 'read',
          read: { found: true, externalRef: 'ref', status: 'triggered', by: null },
          detail: '',
        }
      : { result: 'delivered', receipt: 'confirmed', externalRef: `ref-${effect.id}`, url: null };
  policy: Policy;
  #inputs = 0;
  #waiting: { readonly at: number; readonly effect: Effect }[] = [];
  /** Pages that were refused to our account, by the id of their order. */
  readonly #refused = new Set<string>();
  /** How often posts that were put off were sent, or looked for, by the id of their order. */
  readonly #tries = new Map<string, number>();

  /** Of the incident. */
  readonly id: string;

  constructor(policy: Policy, id = 'inc-1') {
    this.policy = policy;
    this.id = id;
  }

  /** Feeds one input now and returns the decision. */
  feed(input: Fact | Request, actor: Actor = { kind: 'tocsin' }): Decided {
    this.#inputs += 1;
    const whole = deepFreeze({
      id: `in-${this.#inputs}`,
      incident: this.id,
      actor,
      ...input,
    });
    const decision = decide(deepFreeze(this.state), whole, this.context);
    if (!decision.ok) return decision;
    this.state = deepFreeze(decision.state);
    this.events.push(...decision.events);
    for (const effect of decision.effects) this.#order(effect);
    this.#expectNoGap();
    this.#deliver();
    return decision;
  }

  /** What a pager tells of a page: of the ring that is named, else of its first one. */
  hear(page: PageId, action: PageObserved['action'], more: Partial<PageObserved> = {}): Decided {
    const { by = null, target, key } = more;
    const ring = this.incident.pages[page]?.rings.find(
      (one) => one.target === (target ?? one.target) && one.key === (key ?? one.key),
    );
    return this.feed({
      type: 'PageObserved',
      page,
      action,
      target: ring?.target ?? 'pd',
      key: ring?.key ?? '',
      ref: 'x',
      by,
      known: by !== null,
      text: null,
      ...more,
    });
  }

  get context(): Context {
    const hasOrder = (draft: string): boolean =>
      this.#waiting.some(({ effect }) => 'draft' in effect && effect.draft === draft);
    return { now: this.now, policy: this.policy, lookups: { ...this.lookups, hasOrder } };
  }

  owed(): readonly Obligation[] {
    return this.state === null ? [] : owed(this.state, this.context);
  }

  /**
   * Of all that is open something follows; a wait that stands is ended by the end of the quiet, or by who is asked about it,
   * and the quiet itself, while it waits for a phone to ring, by what is owed to that page.
   */
  #expectNoGap(): void {
    if (this.state === null) return;
    const due = this.owed();
    for (const { clock, what } of due)
      if (clock.kind === 'gap') throw new Error(`nothing follows from this: ${what}`);
    const stands = answersOf(this.state, this.context).some(
      ({ owed: answer }) => !('nothing' in answer) && answer.dueAt === STANDS,
    );
    const ends = due.some(
      ({ clock }) =>
        ['soak', 'unproven', 'reach', 'failover'].includes(clock.kind) ||
        (clock.kind === 'alarm' && clock.alarm.kind === 'page'),
    );
    if (stands && !ends) throw new Error('something waits, and nothing ends its wait');
  }

  /** One of a post takes the place of one that was put off. */
  #order(effect: Effect): void {
    this.#waiting = this.#waiting.filter(
      (one) => one.effect.stream !== effect.stream || !this.#tries.has(one.effect.id),
    );
    this.#waiting.push({ at: effect.dueAt, effect });
  }

  /** As the outbox asks on for a post: after as long as it was refused, and ever more rarely whether it is there. */
  #putOff(effect: PublishEffect, settled: Settled): Settled {
    const tries = (this.#tries.get(effect.id) ?? 0) + 1;
    const isLeft = settled.result === 'read' && settled.read?.found !== true;
    if (settled.result !== 'rejected' && !isLeft) return settled;
    this.#tries.set(effect.id, tries);
    const refusedMs = Math.min(Math.max(this.now - effect.dueAt, MINUTE), 5 * MINUTE);
    const waitMs = isLeft ? (LOOK_WAITS_MS[tries - 1] ?? 5 * MINUTE) : refusedMs;
    this.#waiting.push({ at: this.now + waitMs, effect });
    return isLeft ? { ...settled, looks: tries } : settled;
  }

  /** Whether what was put off waits on: something holds it. */
  #holds(effect: Effect): boolean {
    if (!this.#tries.has(effect.id)) return false;
    const wanted = stillWanted(this.incident, effect, this.context);
    if (wanted.verdict === 'hold') this.#waiting.push({ at: wanted.until, effect });
    return wanted.verdict === 'hold';
  }

  #deliver(): void {
    const due = this.#waiting.filter((one) => one.at <= this.now);
    this.#waiting = this.#waiting.filter((one) => one.at > this.now);
    for (const { effect } of due) {
      if (this.#holds(effect)) continue;
      const isWanted = this.#isWanted(effect);
      if (isWanted || !this.#tries.has(effect.id)) this.sent.push({ at: this.now, effect });
      const settled = isWanted
        ? this.answer(effect)
        : ({ result: 'superseded', why: 'it is wanted no more' } as const);
      if (settled === null) continue;
      if (effect.name === 'statusPage.publish' || effect.name === 'statusPage.find') {
        this.feed({ type: 'EffectSettled', effect, settled: this.#putOff(effect, settled) });
        continue;
      }
      // The core hears of it once, and the pager is asked on.
      const isRefused = settled.result === 'rejected' && settled.ofAccount;
      if (isRefused && effect.name === 'pager.trigger') {
        this.#waiting.push({ at: this.now + ASKED_ON_MS, effect });
        if (this.#refused.has(effect.id)) continue;
        this.#refused.add(effect.id);
      }
      this.feed({ type: 'EffectSettled', effect, settled });
    }
  }

  #isWanted(effect: Effect): boolean {
    if (!this.#refused.has(effect.id) && !this.#tries.has(effect.id)) return true;
    return stillWanted(this.incident, effect, this.context).verdict !== 'superseded';
  }

  /** Swaps the policy in now, as a reload does. */
  reload(next: Policy): this {
    const fresh = this.lookups.reloads.filter(({ since }) => this.now - since < RELOAD_COUNTS_MS);
    const reloads = [...fresh, { since: this.now, before: this.policy }];
    this.lookups = { ...this.lookups, reloads };
    this.policy = next;
    return this;
  }

  /** Lets time pass while the server is down: what falls due meanwhile is dealt with at the end, all at once. */
  downFor(ms: number): this {
    this.now += ms;
    return this.advance(0);
  }

  /** Lets time pass; what is owed and postponed effects happen in order. */
  advance(ms: number): this {
    const until = this.now + ms;
    let still = 0;
    for (;;) {
      const wake = this.state === null ? null : wakeUpOf(this.state, this.context);
      const effect = Math.min(...this.#waiting.map(({ at }) => at));
      const next = Math.min(wake?.at ?? Infinity, effect);
      if (next > until) break;
      still = next > this.now ? 0 : still + 1;
      if (still > STEPS_AN_INSTANT_MAX) throw new Error('something falls due again and again');
      this.now = Math.max(this.now, next);
      if (wake !== null && wake.at <= this.now) this.feed({ type: 'TimePassed' });
      else this.#deliver();
    }
    this.now = until;
    return this;
  }

  get incident(): Incident {
    if (this.state === null) throw new Error('the story has not opened an incident yet');
    return this.state;
  }

  /** Minutes since the start and label of every ring, e.g. `0 Ada at pd`. */
  rings(): readonly string[] {
    return this.pages('pager.trigger').map(
      ({ at, effect }) =>
        `${(at - START) / MINUTE} ${this.incident.pages[effect.page]?.label ?? ''} at ${effect.target}`,
    );
  }

  pages(name: PageEffect['name']): readonly { readonly at: number; readonly effect: PageEffect }[] {
    return this.sent.flatMap(({ at, effect }) =>
      effect.name === name ? [{ at, effect: effect as PageEffect }] : [],
    );
  }

  /** Minutes and status of every public post that was sent, e.g. `0 investigating`. */
  posts(): readonly string[] {
    return this.sent.flatMap(({ at, effect }) =>
      effect.name === 'statusPage.publish'
        ? [`${(at - START) / MINUTE} ${(effect as PublishEffect).status}`]
        : [],
    );
  }

  messages(): readonly ChatEffect[] {
    return this.sent.flatMap(({ effect }) =>
      effect.name.startsWith('chat.') ? [effect as ChatEffect] : [],
    );
  }

  types(): readonly string[] {
    return this.events.map((event) => event.type);
  }

  last<T extends IncidentEvent['type']>(type: T): Extract<IncidentEvent, { type: T }> | undefined {
    return this.events.findLast(
      (event): event is Extract<IncidentEvent, { type: T }> => event.type === type,
    );
  }

  /** Folding the events gives the state. */
  folded(): Incident | null {
    return fold(this.events);
  }
}
