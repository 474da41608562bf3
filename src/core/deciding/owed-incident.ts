/** What an incident owes by its phase, its level and the people it keeps informed. */
import { Temporal } from 'temporal-polyfill';
import { HELD_MS, type Instant } from '../model/alert.ts';
import { isAlarmed } from '../paging/alarms.ts';
import { hasCommander, isCommanded } from '../command/declaring.ts';
import { alarmText, noticeText } from '../model/event-entry.ts';
import { ringsWhoIsGone } from '../paging/gone.ts';
import { isOver, type AudienceState, type NoticeState } from '../model/incident.ts';
import type { Removed, ResponseClock } from '../model/keys.ts';
import {
  automated,
  fired,
  nothing,
  ringable,
  soakEndsAt,
  type Ground,
  type Owed,
  underAlarm,
  waited,
} from '../model/obligation.ts';
import { unseenOf } from '../opening/relapsing.ts';
import { CALM_MS, isReopening, quietSince } from '../model/quiet.ts';
import type { Cadence, Trigger } from '../model/policy.ts';
import { goesOnAt, unspentOf } from '../severity/severity.ts';
import { kindOf } from '../severity/trigger-kinds.ts';
import { findLevel } from '../model/decision.ts';

/** How much later what still fires is declared by itself, once somebody has answered. */
const LOOKING_MS = 10 * 60_000;
/** Time to do something before the phone rings for what fires again. */
const RELAPSE_WAIT_MS = 5 * 60_000;
const CLOSE_DEFAULT_MS = 24 * 3_600_000;
/** What falls due at the end of its time is decided within that. */
const DECIDED_MS = 1_000;
/** A proposal nobody takes up is repeated. */
const PROPOSE_AGAIN_MS = 30 * 60_000;
/** A room opens within seconds; what waits for one is not to wait for long. */
const ROOM_WAIT_MS = 5 * 60_000;
/** A test that nobody answers closes by itself, once the phone could ring for so long. */
const TEST_ENDS_AFTER_MS = 15 * 60_000;

/** What the phase asks for: declaration by itself, closing, the end of a test. */
export function owedByPhase(ground: Ground): Owed {
  const { state, level } = ground;
  if (state.kind === 'test' && !isOver(state))
    return {
      clock: { kind: 'test' },
      what: 'the test ends, unless the page is acknowledged',
      dueAt: ringable(ground, state.reopenedAt ?? state.openedAt, TEST_ENDS_AFTER_MS),
    };
  switch (state.phase) {
    case 'triage':
      return declaration(ground);
    case 'investigating':
    case 'identified':
    case 'monitoring':
      return nothing('a person moves it on');
    case 'resolved': {
      const since = state.resolvedAt ?? state.lastEventAt;
      const after = level?.postmortemWithinMs ?? CLOSE_DEFAULT_MS;
      return {
        clock: { kind: 'close' },
        what:
          level?.postmortemWithinMs == null
            ? 'the incident closes'
            : 'the post-mortem is due, and the incident closes',
        dueAt: since + after,
      };
    }
    case 'closed':
      return nothing('it is closed');
  }
}

/** Still firing after the level's time, or after that of a milder one from which it was raised, whichever is over first. */
function declaration(ground: Ground): Owed {
  const { state, policy, level: current } = ground;
  if (state.alerts.firing === 0) return nothing('no alert fires');
  // Whoever answered is looking at it, and is given the time to declare it or to mend it.
  const lookingMs = state.answeredAt === null ? 0 : LOOKING_MS;
  const before = state.raisedFrom.map(({ level, since, kept }) => ({
    level: findLevel(policy, level) ?? kept,
    since,
  }));
  const over = [...before, { level: current, since: state.levelSince }].flatMap((entered) => {
    const { level, since } = entered;
    const orAfterMs = level?.declare.orAfterMs ?? null;
    return orAfterMs === null ? [] : [fired(ground, since, orAfterMs + lookingMs)];
  });
  if (over.length === 0) return nothing('no time of its levels declares it');
  const dueAt = Math.min(...over);
  return {
    clock: { kind: 'declare' },
    what: 'the incident is declared, if an alert still fires',
    dueAt: automated(ground, dueAt),
  };
}

/** The level's response times, measured from declaration or from entry into the level. */
export function owedByResponse(ground: Ground, response: ResponseClock): Owed {
  const { state, level } = ground;
  if (state.declaredAt === null) return nothing('response is measured from declaration');
  if (isOver(state) || state.reopenedAt !== null) return nothing('it was measured');
  const isKept = response === 'acknowledge' ? state.answeredAt !== null : isCommanded(ground);
  if (isKept) return nothing('kept');
  const ms = response === 'acknowledge' ? level?.respond.acknowledgeMs : level?.respond.engageMs;
  if (ms == null) return nothing('the level sets no time');
  if (response === 'engage' && level !== null && !hasCommander(ground, level))
    return nothing('the level asks for no commander');
  const from = Math.max(state.declaredAt, state.levelSince);
  if ((state.missed[response] ?? Number.NEGATIVE_INFINITY) >= from) return nothing('missed');
  return {
    clock: { kind: 'respond', response },
    what:
      response === 'acknowledge'
        ? 'the acknowledgement is counted as missed, unless somebody answers'
        : 'the commander is counted as missed, unless somebody takes the command',
    dueAt: from + ms,
  };
}

/** A trigger that automation's pause holds, or the span of its raises; a reload may have removed it meanwhile. */
export function owedByHeldTrigger(ground: Ground, name: string): Owed {
  const { state, policy } = ground;
  if (isOver(state)) return nothing(`the incident is ${state.phase}`);
  const isThere = policy.triggers.some((trigger) => trigger.name === name);
  return {
    clock: { kind: 'trigger', trigger: name },
    what: `trigger "${name}" is ${isThere ? 'asked again' : 'let go, for a reload has removed it'}`,
    dueAt: Math.max(state.heldTriggers[name] ?? 0, isThere ? goesOnAt(ground) : 0),
  };
}

/** A trigger that counts time. */
export function owedByTrigger(ground: Ground, trigger: Trigger): Owed {
  const { state, level } = ground;
  const clock = { kind: 'trigger', trigger: trigger.name } as const;
  if (isOver(state)) return nothing(`the incident is ${state.phase}`);
  if (state.heldTriggers[trigger.name] !== undefined) return nothing('it is held');
  const { counts } = kindOf(trigger.when);
  if (counts === undefined) return nothing('it looks at evidence as it comes');
  if (state.unproven !== null && state.alerts.stale > 0)
    return nothing('its alerts are not heard of any more');
  const dueAt = counts.dueAt({ state, given: trigger.when.given, level });
  if (typeof dueAt === 'string') return nothing(dueAt);
  if (unspentOf(trigger, state).length === 0) return nothing('it has fired on this');
  return { clock, what: `trigger "${trigger.name}" fires, unless ${counts.unless}`, dueAt };
}

export function owedBySoak(ground: Ground): Owed {
  const { soak } = ground.state;
  if (soak === null) return nothing('it is not being watched');
  const quietUntil =
    soak.proposedAt === null ? soakEndsAt(ground, soak.since) : soak.proposedAt + PROPOSE_AGAIN_MS;
  const dueAt = onceDecided(ground, quietUntil);
  return { clock: { kind: 'soak' }, what: afterSoak(ground, dueAt), dueAt };
}

/** What is held is decided first: it may fire. */
function onceDecided({ state: { heldAt } }: Ground, quietUntil: Instant): Instant {
  return Math.max(quietUntil, heldAt === null ? quietUntil : heldAt + HELD_MS + DECIDED_MS);
}

/** What flaps is calm after so much quiet. */
export function owedByFlapping(ground: Ground): Owed {
  const { state } = ground;
  const since = quietSince(state);
  if (!state.isFlapping) return nothing('it does not flap');
  if (since === null || isOver(state)) return nothing('nobody watches whether it is quiet');
  return {
    clock: { kind: 'calm' },
    what: 'it flaps no more, unless an alert fires again',
    dueAt: onceDecided(ground, since + CALM_MS),
  };
}

/** It fires again: whoever was at it is rung unless they do something. */
export function owedByRelapse(ground: Ground): Owed {
  const { state } = ground;
  const since = state.relapse?.at ?? null;
  const unseen = unseenOf(ground);
  if (since === null || unseen.length === 0) return nothing('no ring about a relapse waits');
  if (isOver(state)) return nothing(`the incident is ${state.phase}`);
  const people = [...new Set(unseen.flatMap((one) => one.people))].join(', ');
  return {
    clock: { kind: 'relapse' },
    what: `a ring for ${people}, unless they do something${isReopening(state) ? '' : ' or it clears'}`,
    dueAt: waited(ground, since, RELAPSE_WAIT_MS),
  };
}

/** What the end of the quiet brings; automation's pause leaves the resolution to people. */
function afterSoak({ state, level, lookups }: Ground, dueAt: Instant): string {
  if (state.phase === 'triage') return 'the incident closes, unless an alert fires again';
  const isPaused = (lookups.pauses.automation?.until ?? dueAt) > dueAt;
  if (level?.soak.then === 'resolve' && !isPaused)
    return 'the incident is resolved by itself, unless an alert fires again';
  const again = state.soak?.proposedAt == null ? '' : ' again';
  return `people are asked${again} to resolve the incident, unless an alert fires again`;
}

/** A room of which nothing is heard: what is told there is told elsewhere, and it may open all the same. */
export function owedByRoom({ state: { room } }: Ground): Owed {
  if (room === null) return nothing('there is no room');
  switch (room.state) {
    case 'opening':
      return {
        clock: { kind: 'room' },
        what: `people are told elsewhere, unless room ${room.name} opens`,
        dueAt: room.askedAt + ROOM_WAIT_MS,
      };
    case 'open':
    case 'failed':
    case 'archived':
      return nothing(`the room is ${room.state}`);
  }
}

/** A notice to people: whoever it did not reach in time is named. */
export function owedByNotice(ground: Ground, notice: NoticeState): Owed {
  const unless = `unless ${noticeText(notice.key)} reaches everybody`;
  const alarmed = underAlarm(
    ground,
    { kind: 'notify', notice: notice.key },
    `the alarm again, ${unless}`,
  );
  if (alarmed !== null) return alarmed;
  const isTold = notice.people.every((person) => notice.told.includes(person));
  if (notice.people.length > 0 && isTold) return nothing('everybody was told');
  const level = findLevel(ground.policy, notice.key.level);
  const within = level?.notify[notice.key.number - 1]?.withinMs ?? notice.withinMs;
  return {
    clock: { kind: 'notify', notice: notice.key },
    what: `an alarm, ${unless}`,
    dueAt: notice.at + within,
  };
}

/** When an audience that was told at the instant is told again; null: on change only. */
function nextUpdateAt(ground: Ground, cadence: Cadence, at: Instant): Instant | null {
  if (cadence.topOfHour) {
    const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(
      ground.policy.timezone,
    );
    return zoned.round({ smallestUnit: 'hour', roundingMode: 'floor' }).add({ hours: 1 })
      .epochMilliseconds;
  }
  const since = ground.state.declaredAt ?? at;
  const isSlow = cadence.slower !== null && at - since >= cadence.slower.afterMs;
  const every = isSlow ? cadence.slower.everyMs : cadence.everyMs;
  return every === null ? null : at + every;
}

/** The cadence of today or, where the level knows the audience no more, the one it was told by last; null: on change only. */
function cadenceOf({ level }: Ground, told: AudienceState): Cadence | null {
  if (told.cadence === null) return null;
  return level?.audiences.find((one) => one.audience === told.audience) ?? told.cadence;
}

/** The first update of an audience: it must have reached it in time. */
export function owedByFirstUpdate(ground: Ground, told: AudienceState): Owed {
  if (told.reached) return nothing('it was reached');
  const { audience } = told;
  const unless = `unless an update reaches ${audience}`;
  const alarmed = underAlarm(ground, { kind: 'audience', audience }, `the alarm again, ${unless}`);
  if (alarmed !== null) return alarmed;
  const within = cadenceOf(ground, told)?.firstWithinMs ?? null;
  if (within === null) return nothing('the level sets no time for the first update');
  return {
    clock: { kind: 'first', audience },
    what: `an alarm, ${unless}`,
    dueAt: told.since + within,
  };
}

export function owedByAudience(ground: Ground, told: AudienceState): Owed {
  if (isOver(ground.state)) return nothing(`the incident is ${ground.state.phase}`);
  const cadence = cadenceOf(ground, told);
  if (cadence === null) return nothing('it hears of further changes only');
  // A level that owes this audience nothing still gives it the update that it expects.
  const dueAt = nextUpdateAt(ground, cadence, told.lastAt);
  if (dueAt === null) return nothing('it hears of changes only');
  return {
    clock: { kind: 'audience', audience: told.audience },
    what: `the next update for ${told.audience} is sent`,
    dueAt: dueAt,
  };
}

/** Something that the incident goes by, or that an alarm says was taken away although it goes by it no more. */
export interface Removal {
  readonly removed: Removed;
  readonly isNeeded: boolean;
}

/** What a reload took away while the incident goes by it: people must know, until it is back or needed no more. */
export function owedByRemoval(
  ground: Ground,
  { removed: { what, name }, isNeeded }: Removal,
): Owed {
  const { state, policy } = ground;
  const isThere = {
    level: () => findLevel(policy, name) !== null,
    role: () => Object.hasOwn(policy.roles, name),
    person: () => Object.hasOwn(policy.people, name),
    target: () => Object.hasOwn(policy.targets, name),
    flag: () => Object.hasOwn(policy.flags, name),
  }[what]();
  if (what === 'person' && ringsWhoIsGone(ground, name))
    return {
      clock: { kind: 'removed', what, name },
      what: `whoever the file names in the stead of ${name} is rung`,
      dueAt: state.lastEventAt,
    };
  const isMissing = isNeeded && !isThere;
  if (isMissing === isAlarmed(state, { kind: 'removed', what, name }))
    return nothing(isMissing ? 'its alarm repeats' : 'it is configured, or needed no more');
  const gone = alarmText({ kind: 'removed', what, name });
  return {
    clock: { kind: 'removed', what, name },
    what: isMissing ? `an alarm: ${gone}` : `the end of the alarm: ${gone}`,
    dueAt: state.lastEventAt,
  };
}
