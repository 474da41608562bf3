/**
 * A pager that is only heard.
 *
 * The trams are rung at PagerDuty. Another department rings its phones, the driver's among them, at Opsgenie, whose
 * webhook tells Tocsin; there is no target of Opsgenie. When the driver's phone rings there, it is adopted like at any
 * other pager: nobody rings him a second time at PagerDuty, and his answer there is an answer. Tocsin itself can do
 * nothing at Opsgenie, and says so.
 */
import { expect, test } from 'vitest';
import { opsgenieBody } from '../support/bodies.ts';
import type { Stage } from '../support/stage.ts';
import { bothPagers } from './theirs.ts';
import { trams, trusting } from './trams.ts';

const company = (yaml: string): string =>
  bothPagers(trusting(yaml))
    .replace(/\n {2}og: .*/, '')
    .replace(', target: og', '');

async function ringing(edit = company): Promise<Stage> {
  const stage = await trams(edit);
  await tell(stage, 'Create');
  return stage;
}

async function tell(stage: Stage, action: string): Promise<void> {
  const answered = await stage.deliver(
    'genie',
    opsgenieBody(action, {
      ref: 'a-1',
      title: 'The depot is dark',
      at: stage.clock.now(),
      assignees: ['driver@trams.example'],
      ...(action === 'Create' ? {} : { by: 'driver@trams.example' }),
    }),
    { 'x-secret': 'pagerduty-hook-secret' },
  );
  expect(answered.status).toBe(202);
}

test('what rings there rings nobody here', async () => {
  const stage = await ringing();
  await stage.at('9m');
  expect(await stage.rings()).toEqual([]);
  expect((await stage.incident()).pages).toMatchObject({ p1: { adopted: true, person: 'driver' } });
});

test('an answer there is an answer, and its end there ends the alert', async () => {
  const stage = await ringing();
  await stage.at('1m');
  await tell(stage, 'Acknowledge');
  expect((await stage.incident()).pages['p1']?.acknowledgedBy).toBe('driver');
  await stage.at('2m');
  await tell(stage, 'Close');
  expect((await stage.incident()).alerts.firing).toBe(0);
});

test('an answer here says that the phone there rings on', async () => {
  const stage = await ringing();
  await stage.at('1m');
  await stage.act('driver', 'acknowledge');
  await stage.act('driver', 'false-positive', { reason: 'a drill' });
  await stage.at('5m');
  const noted = (await stage.events()).flatMap((event) =>
    event.type === 'PageNoted' && event.by === null && event.text !== null
      ? `${event.action}: ${event.text}`
      : [],
  );
  expect(noted).toEqual([
    'rings on: Tocsin has no target there and cannot acknowledge it; do it at the vendor',
    'rings on: Tocsin has no target there and cannot resolve it; do it at the vendor',
  ]);
  const rows = await stage.app().reads.outboxOf('inc-1');
  expect(rows.filter(({ effect }) => effect.target === 'genie')).toEqual([]);
});

test('whoever answers here reads that the phone there rings on, and where to stop it', async () => {
  const stage = await ringing();
  await stage.at('1m');
  const { json } = await stage.api('driver', 'POST /api/v1/incidents/inc-1/acknowledge', {});
  expect(json).toMatchObject({
    remark: expect.stringContaining(
      'Page p1 rings on (genie driver@trams.example), for Tocsin has no target there and can stop nothing: acknowledge it there as well.',
    ) as string,
  });
});

test('a target of the same name is another pager', async () => {
  const stage = await ringing((yaml) => company(yaml).replaceAll(/\bpd\b/g, 'genie'));
  await stage.act('driver', 'acknowledge');
  await stage.at('1m');
  expect((await stage.incident()).pages['p1']?.rings[0]?.target).toBe('genie (source)');
  expect(
    (await stage.app().reads.outboxOf('inc-1')).filter(
      ({ effect }) => effect.name === 'pager.acknowledge',
    ),
  ).toEqual([]);
});
