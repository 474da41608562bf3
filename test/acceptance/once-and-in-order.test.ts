/**
 * A word of the pager counts once, and in its order.
 *
 * The driver's phone rings at eight. What PagerDuty signs may arrive twice, by two subscriptions or because somebody sends
 * it again, and it may arrive late. An event is known by its own id, which is signed; one that happened before the last one
 * that was heard of its incident undoes nothing.
 */
import { describe, expect, test } from 'vitest';
import { opsgenieBody, pagerdutyBody } from '../support/bodies.ts';
import type { Stage } from '../support/stage.ts';
import { bothPagers, opensTheirs } from './theirs.ts';
import { trams, trusting } from './trams.ts';

const company = (yaml: string): string => bothPagers(trusting(yaml));

/** The driver's phone rings by the first page. */
async function ringing(): Promise<{ stage: Stage; ref: string }> {
  const stage = await trams(company);
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('10s');
  const { pages } = await stage.incident();
  return { stage, ref: pages['p1']?.rings[0]?.ref ?? '' };
}

/** PagerDuty tells something that the driver did, or nobody. */
function say(
  stage: Stage,
  type: string,
  about: { ref: string; at: string; webhook?: string; by?: null },
) {
  const at = Date.parse(`2026-06-09T08:${about.at}Z`);
  const body = pagerdutyBody(type, {
    ref: about.ref,
    title: 'Line 1',
    at,
    service: 'PPEOPLE',
    ...(about.by === null ? {} : { by: 'PDRIVER' }),
  });
  return stage.deliver('calls', body, { 'x-webhook-id': about.webhook ?? `${type}-${at}` });
}

async function state(stage: Stage): Promise<string | undefined> {
  return (await stage.incident()).pages['p1']?.state;
}

describe('what PagerDuty signs', () => {
  test('is taken once, by whatever subscription it comes and however often it is sent again', async () => {
    const { stage, ref } = await ringing();
    await stage.at('1m');
    await say(stage, 'acknowledged', { ref, at: '01:00' });
    expect(await state(stage)).toBe('acknowledged');
    await stage.at('2m');
    await say(stage, 'unacknowledged', { ref, at: '02:00' });
    expect(await state(stage)).toBe('open');
    const again = await say(stage, 'acknowledged', { ref, at: '01:00', webhook: 'another' });
    expect(again.status).toBe(202);
    await stage.at('2m10s');
    expect(await state(stage)).toBe('open');
  });

  test.each([
    ['that the answer was taken back', 'unacknowledged', 'acknowledged'],
    ['that it was resolved', 'resolved', 'acknowledged'],
  ])('and tells late %s before it was given undoes nothing', async (_, late, left) => {
    const { stage, ref } = await ringing();
    await stage.at('1m');
    await say(stage, 'acknowledged', { ref, at: '01:00' });
    await say(stage, late, { ref, at: '00:30' });
    await stage.at('1m10s');
    const page = (await stage.incident()).pages['p1'];
    expect(page).toMatchObject({ state: left, rings: [{ status: 'confirmed' }] });
  });

  test.each(['priority_updated', 'reassigned', 'escalated', 'resolved'])(
    'and tells late of an answer, behind "%s", is an answer all the same',
    async (first) => {
      const { stage, ref } = await ringing();
      await stage.at('1m');
      await say(stage, first, { ref, at: '01:00', by: null });
      await say(stage, 'acknowledged', { ref, at: '00:30' });
      await stage.at('1m10s');
      const { roles, escalations } = await stage.incident();
      expect(escalations['role:on-duty']).toMatchObject({ state: 'answered' });
      expect(roles['on-duty']).toMatchObject({ person: 'driver' });
    },
  );

  test('and tells late of a note is noted all the same', async () => {
    const { stage, ref } = await ringing();
    await stage.at('1m');
    await say(stage, 'acknowledged', { ref, at: '01:00' });
    await stage.deliver('calls', {
      event: {
        id: 'note-1',
        event_type: 'incident.annotated',
        occurred_at: '2026-06-09T08:00:30Z',
        agent: null,
        data: {
          type: 'incident_note',
          content: 'The fuse is hot.',
          incident: { id: ref, type: 'incident_reference' },
        },
      },
    });
    expect(await stage.events()).toContainEqual(
      expect.objectContaining({ type: 'PageNoted', text: 'The fuse is hot.' }),
    );
  });
});

test('an adopted incident that was opened again is not closed by its earlier end', async () => {
  const stage = await trams(company);
  await opensTheirs(stage, 'pd', 'Line 1 has no current');
  await stage.at('1m');
  const ref = (await stage.incident()).pages['p1']?.rings[0]?.ref ?? '';
  await say(stage, 'resolved', { ref, at: '01:00' });
  await stage.at('2m');
  await say(stage, 'reopened', { ref, at: '02:00' });
  await stage.at('3m');
  await say(stage, 'resolved', { ref, at: '01:30' });
  expect((await stage.incident()).alerts.firing).toBe(1);
});

describe('an incident of others', () => {
  test('that ended and another one under the same name are two: the second is not taken for an echo', async () => {
    const stage = await trams(company);
    const say = async (action: string, ref: string): Promise<void> => {
      const alert = { ref, key: 'no-current', title: 'No current', at: stage.clock.now() };
      const secret = { 'x-secret': 'pagerduty-hook-secret' };
      const { status } = await stage.deliver('genie', opsgenieBody(action, alert), secret);
      expect(status).toBe(202);
    };
    await say('Create', 'A1');
    await stage.at('1m');
    await say('Close', 'A1');
    expect((await stage.incident()).alerts.firing).toBe(0);
    await stage.at('3m');
    await say('Create', 'A2');
    const { alerts, pages } = await stage.incident(2);
    expect(alerts.firing).toBe(1);
    expect(Object.values(pages).flatMap(({ rings }) => rings.map(({ ref }) => ref))).toContain(
      'A2',
    );
  });

  test('that ended is over, although its priority was changed later and is told first', async () => {
    const stage = await trams(company);
    await opensTheirs(stage, 'pd', 'Line 1 has no current');
    await stage.at('1m');
    const ref = (await stage.incident()).pages['p1']?.rings[0]?.ref ?? '';
    await say(stage, 'priority_updated', { ref, at: '01:00' });
    await say(stage, 'resolved', { ref, at: '00:30' });
    expect((await stage.incident()).alerts.firing).toBe(0);
  });

  test.each(['triggered', 'acknowledged', 'reassigned', 'priority_updated'])(
    'of whose end alone was heard is not taken for one that rings, when "%s" comes late',
    async (late) => {
      const stage = await trams(company);
      await say(stage, 'resolved', { ref: 'QTHEIRS', at: '01:00' });
      await say(stage, late, { ref: 'QTHEIRS', at: '00:30' });
      await say(stage, 'triggered', { ref: 'QTHEIRS', at: '00:20' });
      await stage.at('2m');
      expect(await stage.incidents()).toEqual([]);
    },
  );
});
