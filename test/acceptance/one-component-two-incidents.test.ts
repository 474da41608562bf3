/**
 * One component, two incidents.
 *
 * On a tram line the rails are blocked, and half an hour later its ticket machines fail as well. Both are problems of
 * "Line 1" on the page of the company. Whoever posts, the page shows the worst that any open incident says about the line,
 * and it is well again only when the last of them says so:
 *
 *     08:00  the rails: a major outage
 *     08:30  the machines: degraded, by itself; the line stays in major outage
 *     08:59  the rails are free: the line is degraded, because of the machines
 *     09:20  the machines work: operational
 */
import { expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

const bothOnLine1 = (): Promise<Stage> =>
  trams((yaml) =>
    yaml
      .replace(
        'approval: {investigating: speaker, unchanged: none, otherwise: speaker}}}',
        'approval: none}}\n    components: {automatic_up_to: major_outage}',
      )
      .replace('automation: {ceiling: bad,', 'automation: {ceiling: worst,'),
  );

/** What the page showed of the line: when, and how. */
function shown(stage: Stage): readonly string[] {
  return stage.posts().map(({ time, status, components }) => {
    const line = Object.values(components).join();
    return `${time.slice(11, 16)} ${status}: ${line}`;
  });
}

test('the page shows the worst that an open incident says, until the last one is resolved', async () => {
  const stage = await bothOnLine1();
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('30m');
  await stage.alert({ alertname: 'LineLate' });
  await stage.at('58m');
  expect(shown(stage)).toEqual([
    '08:00 investigating: major_outage',
    '08:30 investigating: major_outage',
    '08:30 investigating: major_outage',
  ]);

  await stage.restart('crash');
  await stage.at('59m');
  await stage.act('boss', 'resolve', { text: 'The rails are free.' });
  await stage.at('1h20m');
  await stage.act('boss', { verb: 'resolve', n: 2 }, { text: 'The machines work.' });
  await stage.at('2h');
  expect(shown(stage).slice(3)).toEqual([
    '08:59 resolved: degraded_performance',
    '09:20 resolved: operational',
  ]);

  const { json } = await stage.api('boss', 'GET /api/v1/incidents/inc-1/timeline');
  expect(JSON.stringify(json)).toContain(
    'Public post d3 is published. The page shows Line 1 as degraded_performance, because of inc-2.',
  );
});
