/**
 * No page.
 *
 * The public hears of a component of a service. Where the service is not known, or shows nowhere, nobody can be told, and
 * the responders must hear that as they declare, while there is time to say it by hand.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams } from './trams.ts';

async function declared(stage: Stage, more: object): Promise<readonly string[]> {
  await stage.api('boss', 'POST /api/v1/incidents', { title: 'Nobody can pay', ...more });
  await stage.at('30m');
  await stage.act('boss', 'phase', { phase: 'identified' });
  return stage.messages().flatMap(({ text }) => (text.includes('no public post') ? [text] : []));
}

test('declared without a service: the responders hear once why nothing is public, and show says it', async () => {
  const stage = await trams();
  expect(await declared(stage, { level: 'bad' })).toEqual([
    'inc-1: no public post: its service is not known, and so is no component of a status page. Post by hand, or end it here and declare it anew with --service.',
  ]);
  const { json } = await stage.api('boss', 'GET /api/v1/incidents/inc-1');
  expect(json).toMatchObject({ noPublicPost: expect.stringContaining('its service is not known') });
});

test('raised from one level that tells the public to another: they have heard it', async () => {
  const stage = await trams();
  await stage.api('boss', 'POST /api/v1/incidents', { title: 'Nobody can pay', level: 'mild' });
  await stage.at('10m');
  await stage.act('boss', 'severity', { level: 'bad' });
  await stage.at('11m');
  const said = stage.messages().filter(({ text }) => text.includes('no public post'));
  expect(said).toHaveLength(1);
});

test('raised from a level that tells the public nothing: the responders hear it then', async () => {
  const stage = await trams((yaml) =>
    yaml.replace('    updates: {public: {first_within: 5m, every: 60m, approval: none}}\n', ''),
  );
  await stage.api('boss', 'POST /api/v1/incidents', { title: 'Nobody can pay', level: 'mild' });
  await stage.at('10m');
  const why = () => stage.messages().filter(({ text }) => text.includes('no public post'));
  expect(why()).toEqual([]);
  await stage.act('boss', 'severity', { level: 'bad' });
  await stage.at('11m');
  expect(why()).toHaveLength(1);
});

test.each([
  ['where a page hears of it', { level: 'bad', service: 'line-1' }],
  ['where the level tells the public nothing', { level: 'worst' }],
])('%s nothing is said of it', async (_where, more) => {
  expect(await declared(await trams(), more)).toEqual([]);
});
