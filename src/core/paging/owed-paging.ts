/** What is owed to and by the people who are rung: an answer to each escalation, a phone for each page, each alarm once more. */
import { hasNextStep, pinnedWaitMs } from './escalating.ts';
import { escalationKeyText } from '../model/event-entry.ts';
import type { Instant } from '../model/alert.ts';
import type { AlarmState, Page, Escalation } from '../model/incident.ts';
import { offerOf, owedByOffer } from './offers.ts';
import {
  acceptedBy,
  addressesLeft,
  FAILOVER_AFTER_MS,
  isDelivered,
  isRecorded,
} from './progress.ts';
import type { AlarmKey } from '../model/keys.ts';
import type { Look } from '../model/decision.ts';
import {
  gap,
  nothing,
  rested,
  type Ground,
  type Owed,
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

/** Behind the last step there is the alarm; where the vendor walks its own steps, the first one only speaks. */
function afterStep(ground: Ground, escalation: Escalation): string {
  const whom = escalationKeyText(escalation.key);
  if (hasNextStep(ground, escalation)) return `the next step for ${whom}, unless somebody answers`;
  return escalation.walk.kind === 'vendor'
    ? `an alarm for ${whom}, unless somebody answers`
    : `an alarm and another ring for ${whom}, unless somebody answers`;
}

export function owedByEscalation(ground: Ground, escalation: Escalation): Owed {
  const offer = offerOf(escalation);
  if (offer !== null && escalation.state === 'open') return owedByOffer(ground, offer);
  const again = `another ring for ${escalationKeyText(escalation.key)}, unless somebody answers`;
  switch (escalation.state) {
    case 'answered':
      return nothing(`${escalation.answeredBy ?? 'somebody'} answered`);
    case 'ended':
      return nothing('nobody is looked for any more');
    case 'exhausted':
      return (
        underAlarm(ground, { kind: 'escalation', escalation: escalation.key }, again) ??
        gap(
          ground,
          `everybody was tried for ${escalationKeyText(escalation.key)}, and no alarm is open`,
        )
      );
    case 'open': {
      const alarmed =
        escalation.key.kind === 'alarm' ? underAlarm(ground, escalation.key.alarm, again) : null;
      return (
        alarmed ?? {
          clock: { kind: 'escalation', escalation: escalation.key },
          what: afterStep(ground, escalation),
          dueAt: stepOver(ground, escalation),
        }
      );
    }
  }
}

export function owedByPage(ground: Ground, page: Page): Owed {
  const { policy } = ground;
  if (page.state !== 'open') return nothing(`it is ${page.state}`);
  if (isDelivered(page, policy)) return nothing('a pager has it');
  if (isRecorded(page)) return nothing('it is recorded and not sent');
  const name = `page ${page.id} to ${page.label}`;
  const hasNext = addressesLeft(page).length > 0;
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
  if (last === undefined) return gap(ground, `no pager was asked for ${name}`);
  return {
    clock: { kind: 'failover', page: page.id },
    what: hasNext
      ? `the next pager of ${name}, unless it gets through`
      : `an alarm, unless ${name} gets through`,
    dueAt: waited(ground, last.at, FAILOVER_AFTER_MS),
  };
}

/** Why the alarm has no cause any more; null: it has, or what ends its cause clears it by itself. */
export function whyOver(look: Look<'state' | 'policy'>, alarm: AlarmKey): string | null {
  const page = alarm.kind === 'page' ? look.state.pages[alarm.page] : undefined;
  return page !== undefined && isDelivered(page, look.policy)
    ? `a pager has page ${page.id}`
    : null;
}

export function owedByAlarm(ground: Ground, alarm: AlarmState): Owed {
  const over = whyOver(ground, alarm.key);
  if (over !== null) {
    const clock = { kind: 'alarm', alarm: alarm.key } as const;
    return { clock, what: `the end of the alarm: ${over}`, dueAt: alarm.saidAt };
  }
  const what = `the alarm again: ${alarm.reason}`;
  return underAlarm(ground, alarm.key, what) ?? gap(ground, what);
}
