/** What is owed to and by the people who are rung: an answer to each escalation, a phone for each page, each alarm once more. */
import { hasNextStep, pinnedWaitMs } from './escalating.ts';
import { refusedPagesOf } from './walking-again.ts';
import { alarmText, escalationKeyText } from '../model/event-entry.ts';
import { callOf } from '../model/calls.ts';
import { concernsOf, type Concern } from './concerns.ts';
import { encodeAlarm, type AlarmKey } from '../model/keys.ts';
import { lastSignOf } from '../model/signs-of-life.ts';
import type { Look } from '../model/decision.ts';
import type { Instant } from '../model/alert.ts';
import type { AlarmState, Escalation, Incident, Page, Ring } from '../model/incident.ts';
import { againAt } from './nobody-left.ts';
import { offerOf, owedByOffer } from './offers.ts';
import {
  acceptedBy,
  addressesLeft,
  FAILOVER_AFTER_MS,
  isDelivered,
  isRecorded,
  isUnshown,
} from './progress.ts';
import { ringsSince } from './sharing.ts';
import {
  gap,
  isOfPresence,
  nothing,
  quietUntil,
  rested,
  type Ground,
  type Obligation,
  type Owed,
  pageWaited,
  underAlarm,
  waited,
} from '../model/obligation.ts';

/** When a step is over. The alarm interval, by which a last one waits, is today's. */
function stepOver(ground: Ground, escalation: Escalation): Instant {
  const over = waited(
    ground,
    escalation.since,
    pinnedWaitMs(escalation) ?? ground.policy.automation.alarmEveryMs,
  );
  return escalation.key.kind === 'presence' ? rested(ground, over) : over;
}

/** Behind the last step there is the alarm. */
function afterStep(ground: Ground, escalation: Escalation): string {
  const whom = escalationKeyText(escalation.key);
  if (hasNextStep(ground, escalation)) return `the next step for ${whom}, unless somebody answers`;
  return `an alarm for ${whom}, unless somebody answers`;
}

/** It stands under the open alarm, which is said again after its interval; of what the rules leave to nobody, once an hour. */
function saidAgain(ground: Ground, key: AlarmKey, what: string): Obligation | null {
  const owed = underAlarm(ground, key, what);
  const alarm = ground.state.alarms[encodeAlarm(key)];
  if (owed === null || alarm === undefined) return owed;
  return { ...owed, dueAt: Math.max(owed.dueAt, againAt(ground, [key], alarm.saidAt)) };
}

/** The first time after so long, and then as long after the last time as it has been going on. */
const REFUSED_AGAIN_MS = 20_000;

/** Everybody was refused at once: they are tried again, beside the alarm. Null: somebody's phone rings, or nobody has one. */
function owedByRefused(ground: Ground, escalation: Escalation): Owed | null {
  const { key } = escalation;
  const alarm = ground.state.alarms[encodeAlarm({ kind: 'escalation', escalation: key })];
  const pages = refusedPagesOf(ground, escalation);
  if (alarm === undefined || pages.length === 0) return null;
  const last = Math.max(...pages.map(({ requestedAt }) => requestedAt));
  const { alarmEveryMs } = ground.policy.automation;
  const wait = Math.min(Math.max(REFUSED_AGAIN_MS, last - alarm.since), alarmEveryMs);
  return {
    clock: { kind: 'escalation', escalation: key },
    what: `a further try to ring for ${escalationKeyText(key)}, for every pager refused whom it rang`,
    dueAt: waited(ground, last, wait),
  };
}

export function owedByEscalation(ground: Ground, escalation: Escalation): Owed {
  const offer = offerOf(escalation);
  if (offer !== null && escalation.state === 'open') return owedByOffer(ground, offer);
  if (escalation.key.kind === 'alarm') return nothing('it goes by the alarms that are open');
  switch (escalation.state) {
    case 'answered':
      return nothing(`${escalation.answeredBy ?? 'somebody'} answered`);
    case 'ended':
      return nothing('nobody is looked for any more');
    case 'exhausted':
      return (
        owedByRefused(ground, escalation) ??
        saidAgain(
          ground,
          { kind: 'escalation', escalation: escalation.key },
          `the alarm for ${escalationKeyText(escalation.key)} again, unless somebody answers`,
        ) ??
        gap(
          ground,
          { axis: 'escalation', id: escalation.id },
          `everybody was tried for ${escalationKeyText(escalation.key)}, and no alarm is open`,
        )
      );
    case 'open':
      return {
        clock: { kind: 'escalation', escalation: escalation.key },
        what: afterStep(ground, escalation),
        dueAt: stepOver(ground, escalation),
      };
  }
}

export function owedByPage(ground: Ground, page: Page): Owed {
  switch (page.state) {
    case 'acknowledged':
    case 'closed':
      return nothing(`it is ${page.state}`);
    case 'open':
      return owedByRings(ground, page);
  }
}

/** A phone for an open page: how its rings stand at their pagers tells what is tried next. */
function owedByRings(ground: Ground, page: Page): Owed {
  if (isDelivered(page, ground.policy)) return nothing('a pager has it');
  if (isRecorded(page)) return nothing('it is recorded and not sent');
  const name = nameOf(page);
  const unshown = page.rings.findLast(isUnshown);
  if (unshown !== undefined) return owedByRing(ground, page, unshown);
  const hasNext = hasNextPager(page);
  const alarmed = underAlarm(
    ground,
    { kind: 'page', page: page.id },
    `the alarm again, unless ${name} gets through`,
  );
  // The next pager is asked, whether or not everybody was told already that none accepts it.
  if (alarmed !== null && !hasNext) return alarmed;
  if (!hasNext && acceptedBy(page) === undefined)
    return nothing('no pager has accepted it, of which everybody hears by itself');
  const last = page.rings.at(-1);
  if (last === undefined)
    return gap(ground, { axis: 'page', id: page.id }, `no pager was asked for ${name}`);
  return owedByRing(ground, page, last);
}

function hasNextPager(page: Page): boolean {
  return addressesLeft(page).length > 0;
}

function nameOf({ id, label }: Page): string {
  return `page ${id} to ${label}`;
}

/** A ring of an open page that no pager has in earnest: what is tried when it has had its time. */
function owedByRing(ground: Ground, page: Page, ring: Ring): Owed {
  switch (ring.status) {
    case 'joining':
      return isUnshown(ring) ? owedByUnshown(ground, page, ring) : failover(ground, page, ring);
    // Where its pager has it, that one is switched off since.
    case 'confirmed':
    case 'joined':
    case 'pending':
    case 'accepted':
    case 'lost':
    case 'failed':
    case 'withheld':
    case 'closed':
      return failover(ground, page, ring);
  }
}

/** It joined what rings, which must be shown there within a minute of its ringing for it. */
function owedByUnshown(ground: Ground, page: Page, { target, at }: Ring): Owed {
  return {
    clock: { kind: 'failover', page: page.id },
    what: `a ring of its own of ${nameOf(page)}, unless ${target} shows what it rings for`,
    dueAt: pageWaited(ground, page, {
      from: Math.max(ringsSince(ground.state, page), at),
      ms: FAILOVER_AFTER_MS,
    }),
  };
}

/** The next pager, or people hear that there is none. */
function failover(ground: Ground, page: Page, ring: Ring): Owed {
  return {
    clock: { kind: 'failover', page: page.id },
    what: hasNextPager(page)
      ? `the next pager of ${nameOf(page)}, unless it gets through`
      : `an alarm, unless ${nameOf(page)} gets through`,
    dueAt: pageWaited(ground, page, { from: ring.at, ms: FAILOVER_AFTER_MS }),
  };
}

/** Why the alarm has no cause any more; null: it has, or what ends its cause clears it by itself. */
export function whyOver(look: Look<'state' | 'policy'>, { key, since }: AlarmState): string | null {
  const { state } = look;
  switch (key.kind) {
    case 'page':
      return whyPageOver(look, key.page);
    case 'trigger':
      return lastSignOf(state) > since ? 'somebody has done something since' : null;
    case 'nobody':
      return isAnybodySought(state) ? 'somebody is looked for now' : null;
    case 'escalation':
    case 'public':
    case 'notify':
    case 'audience':
    case 'stuck':
    case 'removed':
      return null;
  }
}

/** Whether anybody is, or was, looked for to deal with the incident. */
function isAnybodySought({ escalations }: Incident): boolean {
  return Object.values(escalations).some(
    ({ key, state }) => (key.kind === 'role' || key.kind === 'service') && state !== 'ended',
  );
}

function whyPageOver({ state, policy }: Look<'state' | 'policy'>, id: string): string | null {
  const page = state.pages[id];
  if (page === undefined) return null;
  if (page.state !== 'open') return `page ${page.id} is ${page.state}`;
  return isDelivered(page, policy) ? `a pager has page ${page.id}` : null;
}

export function owedByAlarm(ground: Ground, alarm: AlarmState): Owed {
  const over = whyOver(ground, alarm);
  if (over !== null) {
    const clock = { kind: 'alarm', alarm: alarm.key } as const;
    return { clock, what: `the end of the alarm: ${over}`, dueAt: alarm.saidAt };
  }
  const what = `the alarm again: ${alarm.reason}`;
  const of = { axis: 'alarm', id: encodeAlarm(alarm.key) } as const;
  return saidAgain(ground, alarm.key, what) ?? gap(ground, of, what);
}

/** What the call rings for, in short. */
function concernText([first, ...others]: readonly Concern[]): string {
  const what = first === undefined ? 'nothing' : alarmText(first.alarm.key);
  return others.length === 0
    ? `the alarm "${what}"`
    : `the alarm "${what}" and ${others.length} more`;
}

/** The next ring for the alarms that are open. Whoever answered is left in peace for a while, but not from what is new. */
export function owedByCall(ground: Ground, post: string | null): Owed {
  const { alarmEveryMs } = ground.policy.automation;
  const clock = { kind: 'call', post } as const;
  const call = callOf(ground.state, post);
  const concerns = concernsOf(ground, post);
  const [first] = concerns;
  // Nobody is missed at night at low urgency, by nobody's phone.
  const rests = concerns.every(({ alarm }) => isOfPresence(alarm.key));
  const due = (at: Instant): Instant => (rests ? rested(ground, at) : at);
  const isUnderWay = call !== undefined && call.state !== 'ended';
  if (first === undefined)
    return isUnderWay
      ? {
          clock,
          what: `the end of the rings for ${escalationKeyText(call.key)}`,
          dueAt: call.since,
        }
      : nothing('no alarm is open that rings');
  const what = `a ring for ${concernText(concerns)}`;
  const from = Math.min(...concerns.map((one) => one.from));
  if (!isUnderWay) return { clock, what, dueAt: due(waited(ground, from, 0)) };
  const again = againAt(
    ground,
    concerns.map(({ alarm }) => alarm.key),
    call.since,
  );
  const quiet = quietUntil(ground, post);
  if (quiet === null)
    return {
      clock,
      what: `the next ring for ${concernText(concerns)}, unless somebody answers`,
      dueAt: due(Math.max(again, waited(ground, call.since, alarmEveryMs))),
    };
  const news = concerns.find(({ isUrgent, since }) => isUrgent && since > call.since);
  return {
    clock,
    what,
    dueAt: due(news === undefined ? Math.max(again, quiet) : waited(ground, news.from, 0)),
  };
}
