/** Events and actors in words, for every reader. */
import { minuteOf } from '../contract/instant.ts';
import type { EventBody } from '../core/model/event.ts';
import { sentenceOf } from '../core/model/events.ts';
import type { Actor } from '../core/model/input.ts';

/** The event as one sentence, with its times to the minute, in UTC. */
export function describeEvent(event: EventBody): string {
  return sentenceOf(event, minuteOf);
}

/** With a token of ours; else a vendor names somebody whom the configuration does not know, person or not. */
function isByToken({ via }: Extract<Actor, { kind: 'machine' }>): boolean {
  return via === 'api' || via === 'cli';
}

/** `ada via cli`, `source prom`, `Tocsin`. */
export function actorText(actor: Actor): string {
  switch (actor.kind) {
    case 'person':
      return `${actor.id} via ${actor.via}`;
    case 'machine':
      return `${actor.id} (${isByToken(actor) ? 'machine' : 'not in people'}) via ${actor.via}`;
    case 'source':
      return `source ${actor.id}`;
    case 'tocsin':
      return 'Tocsin';
  }
}
