/**
 * What some events are never written without: orders of the same commit, which bear its version in their name, whatever has
 * become of them since. Of these nothing is left in the state by which it would be missed: messages, and answers that a pager
 * is told. It is read from the events alone; what depends on the configuration of that day is not asked for.
 */
import type { Instant } from '../../core/model/alert.ts';
import type { ChatEffect, Effect } from '../../core/model/effect.ts';
import type { IncidentEvent } from '../../core/model/event.ts';
import { encodeEffect } from '../../core/model/made-ids.ts';
import type { OutboxRow } from '../../store/store.ts';

/** Orders that an event asked for, and fewer of them are there. */
export interface Lacking {
  readonly version: number;
  readonly at: Instant;
  /** For people: what they do. */
  readonly what: string;
}

type Order = Pick<OutboxRow, 'effect'>;

interface Asked {
  readonly what: string;
  readonly count: number;
  readonly is: (effect: Effect) => boolean;
}

/** Settled orders are swept some day; and what is older than this has been looked at many times. */
export const ASKED_WITHIN_MS = 3_600_000;

function chatOf(
  name: ChatEffect['name'],
  kind: ChatEffect['about']['kind'],
  channel?: string,
): Asked['is'] {
  return (effect) =>
    effect.name === name &&
    'about' in effect &&
    effect.about.kind === kind &&
    (channel === undefined || effect.channel === channel);
}

const OPENS: readonly Asked[] = [
  { what: 'sets the topic of its room', count: 1, is: chatOf('chat.setTopic', 'room_topic') },
  { what: 'says the first words in its room', count: 1, is: chatOf('chat.post', 'room_start') },
];

function askedBy(event: IncidentEvent, isRoomOpen: boolean): readonly Asked[] {
  switch (event.type) {
    case 'RoomRequested':
      return [{ what: 'opens its room', count: 1, is: chatOf('chat.openRoom', 'room') }];
    case 'RoomChanged':
      if (event.state !== 'open') return [];
      return isRoomOpen
        ? [{ what: 'pins the first message', count: 1, is: chatOf('chat.pin', 'room_pin') }]
        : OPENS;
    case 'AlarmRaised':
      return isRoomOpen
        ? [
            {
              what: `says the alarm "${event.reason}" in its room`,
              count: 1,
              is: chatOf('chat.post', 'alarm', 'room'),
            },
          ]
        : [];
    case 'PeopleNotified':
      return [
        {
          what: `tells ${event.people.join(', ')} of it`,
          count: event.people.length,
          is: chatOf('chat.post', 'notice'),
        },
      ];
    default:
      return [];
  }
}

/** All orders that an event wrote begin so; behind it they are numbered from 0. */
function beginningOf({ incident, version }: Pick<IncidentEvent, 'incident' | 'version'>): string {
  return encodeEffect({ incident, version, index: 0 }).slice(0, -1);
}

/** Of those that one event wrote, one in the middle is gone. */
function isGap(event: IncidentEvent, written: readonly Order[]): boolean {
  const ids = new Set<string>(written.map(({ effect }) => effect.id));
  return written.some((_, index) => !ids.has(`${beginningOf(event)}${index}`));
}

/** What the events of the last hour asked for, and of which not everything is there, whatever has become of it. */
export function lackingOf(
  timeline: readonly IncidentEvent[],
  orders: readonly Order[],
  now: Instant,
): readonly Lacking[] {
  const byEvent = Map.groupBy(orders, ({ effect: { id } }) => id.slice(0, id.lastIndexOf('/') + 1));
  let isRoomOpen = false;
  return timeline.flatMap((event): readonly Lacking[] => {
    const asked = askedBy(event, isRoomOpen);
    if (event.type === 'RoomChanged') isRoomOpen = event.state === 'open';
    const { version, at } = event;
    if (now - at > ASKED_WITHIN_MS) return [];
    const written = byEvent.get(beginningOf(event)) ?? [];
    const short = asked.filter(
      ({ is, count }) => written.filter(({ effect }) => is(effect)).length < count,
    );
    if (short.length > 0) return short.map(({ what }) => ({ version, at, what }));
    return isGap(event, written) ? [{ version, at, what: 'was one of several' }] : [];
  });
}
