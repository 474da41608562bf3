/** Events about what a sender leaves unsaid of its alerts, and what follows from that. */
import { peopleText, without } from './event-entry.ts';
import type { EventEntries } from './event-entry.ts';
import type { EventType } from './event.ts';
import { reckoned } from './quiet.ts';

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
        : `Held: ${held} that had just cleared is told to fire since the same moment. It may be a peer of its sender that lags, so it waits for the next word, 5 minutes at most.`,
  },
  AlertsLeftOut: {
    fold: (state, event) => {
      const { source, group, count } = event;
      const leftOut = { ...state.leftOut, [group]: { source, count, since: event.at } };
      return reckoned({ ...state, leftOut }, event.at);
    },
    says: ({ source, count }) =>
      `${source} left out ${count} alerts; until it tells of all again, nothing counts as quiet.`,
  },
  AlertsToldWhole: {
    fold: (state, event) =>
      reckoned({ ...state, leftOut: without(state.leftOut, event.group) }, event.at),
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
      `${peopleText(people)} ${people.length === 1 ? 'is' : 'are'} asked whether it is over${number === 1 ? '' : `, for time ${number}`}.`,
  },
} satisfies Partial<EventEntries<EventType>>;
