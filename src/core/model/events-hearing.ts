/** Events about what a sender leaves unsaid of its alerts, and what follows from that. */
import { peopleText, without, spanText } from './event-entry.ts';
import type { EventEntries } from './event-entry.ts';
import type { EventType } from './event.ts';
import { countsOf, reckoned, waitingInQuiet } from './quiet.ts';

function alertsText(count: number): string {
  return count === 1 ? '1 alert' : `${count} alerts`;
}

export const hearingEvents = {
  AlertsHeld: {
    fold: (state, { held, at }) => ({
      ...state,
      alerts: { ...state.alerts, held },
      heldAt: held === 0 ? null : at,
    }),
    says: ({ held }) =>
      held === 0
        ? 'No alert is held any more.'
        : `Held: ${alertsText(held)} told to fire again right after the clearing, since the same moment. That may be a peer of the sender that lags, so it waits for the next word, 5 minutes at most.`,
  },
  AlertsUnheard: {
    fold: (state, event) => {
      const alerts = countsOf(state, event.alerts);
      // What fires anew after that is a relapse, as after a clearing.
      const relapse = waitingInQuiet(state);
      const quiet = alerts.firing === 0 ? { clearedAt: event.at, relapse } : {};
      return reckoned(state, { alerts, ...quiet }, event.at);
    },
    says: ({ alerts, source, afterMs }) =>
      `${source} has not spoken of ${alertsText(alerts.newlyStale)} for ${spanText(afterMs)}: silenced, inhibited or lost there. ${alerts.firing} of ${alerts.total} count as firing.`,
  },
  AlertsHeardAgain: {
    fold: (state, event) => reckoned(state, { alerts: countsOf(state, event.alerts) }, event.at),
    says: ({ alerts }) =>
      `Heard of again: ${alertsText(alerts.heardAgain)}, firing since the same moment as before. ${alerts.firing} of ${alerts.total} are firing.`,
  },
  AlertsLeftOut: {
    fold: (state, event) => {
      const { source, group, count } = event;
      const leftOut = { ...state.leftOut, [group]: { source, count, since: event.at } };
      return reckoned(state, { leftOut }, event.at);
    },
    says: ({ source, count }) =>
      `${source} left out ${count} alerts; until it tells of all again, nothing counts as quiet.`,
  },
  AlertsToldWhole: {
    fold: (state, event) =>
      reckoned(state, { leftOut: without(state.leftOut, event.group) }, event.at),
    says: ({ source }) => `${source} leaves no alerts out any more.`,
  },
  EndAsked: {
    fold: (state, event) => {
      const { unproven } = state;
      return unproven === null
        ? state
        : { ...state, unproven: { ...unproven, asked: unproven.asked + 1, askedAt: event.at } };
    },
    says: ({ people, number }) =>
      `Asked whether it is over${people.length === 0 ? '' : `: ${peopleText(people)}`}${number === 1 ? '' : ` (time ${number})`}.`,
  },
} satisfies Partial<EventEntries<EventType>>;
