/** What the rows of pages tell those who look for an echo, and those who ask pagers for answers. */
import { expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import {
  noLookups,
  observed,
  ringing,
  ringsAt,
  START,
  Story,
} from '../../../test/support/story.ts';
import type { Page, Ring } from '../../core/model/incident.ts';
import { encodeEscalation } from '../../core/model/keys.ts';
import type { Mode, Policy } from '../../core/model/policy.ts';
import { changedPageRows } from './page-rows.ts';

const story = new Story(policy());
story.feed(observed());

const ALARM = encodeEscalation({ kind: 'alarm', post: null });

const inMode = (mode: Mode): Policy => {
  const { pd } = policy().targets;
  if (pd === undefined) throw new Error('the base policy has no pd');
  return policy({ targets: { ...policy().targets, pd: { ...pd, mode } } });
};

function row(page: Partial<Page>, ring: Partial<Ring>, by: Policy = policy()) {
  const first = story.incident.pages['p1'];
  const [rung] = first?.rings ?? [];
  if (first === undefined || rung === undefined) throw new Error('nothing rang');
  const p1 = { ...first, ...page, rings: [{ ...rung, ref: null, ...ring }] };
  const [search] = Object.values(story.incident.escalations);
  if (search === undefined) throw new Error('nobody is looked for');
  const alarm = { ...search, id: ALARM, key: { kind: 'alarm', post: null } as const };
  const escalations = { ...story.incident.escalations, [ALARM]: alarm };
  return changedPageRows(
    null,
    { ...story.incident, escalations, pages: { p1 } },
    { policy: by, now: START },
  )[0];
}

test.each<[string, boolean, ReturnType<typeof row>]>([
  ['while its trigger is on the way', true, row({}, { status: 'pending' })],
  ['although it is closed', true, row({ state: 'closed' }, { status: 'closed' })],
  ['no more when its reference is known', false, row({}, { status: 'pending', ref: 'r' })],
  ['that is over there', false, row({}, { status: 'closed', ref: 'r' })],
  ['that may come again', true, row({}, { status: 'closed', ref: 'r', mayComeAgain: true })],
  ['not while it is there', false, row({}, { status: 'confirmed', ref: 'r', mayComeAgain: true })],
  ['never where nothing is sent', false, row({}, { status: 'pending' }, inMode('shadow'))],
  ['while it is looked up', true, row({}, { status: 'accepted', target: 'og' })],
  ['never when it was refused', false, row({}, { status: 'failed' })],
  ['never when another one tells of it', false, row({}, { status: 'joined' })],
  ['never of what rang there before', false, row({ adopted: true }, { status: 'pending' })],
])('an event of the pager may be the echo of a page %s', (_when, expected, found) => {
  expect(found?.unconfirmed).toBe(expected);
});

test('what may come late is counted from when its pager was asked last', () => {
  expect(row({ requestedAt: START }, { askedAt: START + 1 })?.askedAt).toBe(START + 1);
});

test.each<[string, Page['state'], ReturnType<typeof row>]>([
  ['as the page stands', 'open', row({}, { status: 'joining' })],
  ['until it is given up there', 'closed', row({}, { status: 'failed' })],
  ['not where it is only recorded', 'closed', row({}, { status: 'withheld' }, inMode('shadow'))],
])('a page holds what rings by a key %s', (_when, expected, found) => {
  expect(found?.state).toBe(expected);
});

test.each<[string, boolean, ReturnType<typeof row>]>([
  ['that rings', true, row({}, { status: 'confirmed' })],
  ['that rings with another incident', true, row({}, { status: 'joined' })],
  ['that is answered', true, row({ state: 'acknowledged' }, { status: 'confirmed' })],
  ['that is answered and over there', false, row({ state: 'acknowledged' }, { status: 'closed' })],
  ['that is closed', false, row({ state: 'closed' }, { status: 'confirmed' })],
  [
    'that is answered and rang for an alarm',
    false,
    row({ state: 'acknowledged', escalations: [ALARM] }, { status: 'confirmed' }),
  ],
  ['that failed', false, row({}, { status: 'failed' })],
  ['of the vendor’s own', true, row({ adopted: true }, { status: 'confirmed' })],
  [
    'of the vendor’s own that is answered',
    true,
    row({ adopted: true, state: 'acknowledged' }, { status: 'confirmed' }),
  ],
  [
    'of the vendor’s own that is over',
    false,
    row({ adopted: true, state: 'acknowledged' }, { status: 'closed' }),
  ],
])('the pager is asked about a page %s: %s', (_which, expected, found) => {
  expect(found?.awaitsAnswer).toBe(expected);
});

test('a page that is to ring with another incident may be echoed, and is asked about', () => {
  const s = new Story(policy());
  s.lookups = { ...noLookups, ...ringsAt(ringing({ status: 'pending', since: START })) };
  s.answer = () => null;
  s.feed(observed());
  expect(s.incident.pages['p1']?.rings[0]?.status).toBe('joining');
  expect(changedPageRows(null, s.incident, { policy: s.policy, now: START })).toMatchObject([
    { incident: 'inc-1', key: 'tocsin/test/inc-0/p1', unconfirmed: true, awaitsAnswer: true },
  ]);
});
