/** It fires again: who is looked for already, and who is not. */
import { expect, test } from 'vitest';
import { policy, service } from '../../../test/support/policy.ts';
import {
  byPerson,
  cleared,
  declare,
  MINUTE,
  observed,
  Story,
} from '../../../test/support/story.ts';

test('that somebody of another service is still looked for keeps nobody of this one from being rung', () => {
  const both = policy({
    services: {
      basket: service('basket'),
      till: service('till', { onCall: { kind: 'person', person: 'gus' } }),
    },
  });
  const s = new Story(both);
  s.feed({
    ...observed(),
    services: ['basket', 'till'],
    storm: { over: 'source prom', children: ['inc-0'] },
  });
  s.feed(declare, byPerson('ada'));
  s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
  expect(s.incident.escalations['service:till'], 'nobody answers there').toMatchObject({
    state: 'open',
  });
  s.advance(20 * MINUTE).feed(cleared);
  s.advance(20 * MINUTE).feed(observed());
  expect(s.rings().filter((ring) => ring.includes('Ada'))).toEqual(['0 Ada at pd', '40 Ada at pd']);
});
