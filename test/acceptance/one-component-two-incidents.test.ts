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
import { describe, expect, test, vi } from 'vitest';
import type { FaultOrder } from '../../src/sandbox/faults.ts';
import type { Stage } from '../support/stage.ts';
import { trams } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

/** The rails are of a level that may show a major outage, and no post needs an approval. */
const bothOnLine1 = (edit: (yaml: string) => string = (yaml) => yaml): Promise<Stage> =>
  trams((yaml) =>
    edit(
      yaml
        .replace(
          'approval: {investigating: speaker, unchanged: none, otherwise: speaker}}}',
          'approval: none}}\n    components: {automatic_up_to: major_outage}',
        )
        .replace('automation: {ceiling: bad,', 'automation: {ceiling: worst,')
        .replace(
          'rules:\n',
          `rules:
  - {name: doors, match: 'alertname="DoorsStuck"', service: line-1, severity: mild, trusted: true}
`,
        ),
    ),
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
  await stage.act('boss', 'resolve', {});
  await stage.at('1h20m');
  await stage.act('boss', { verb: 'resolve', n: 2 }, {});
  await stage.at('2h');
  expect(shown(stage).slice(3)).toEqual([
    '08:59 resolved: degraded_performance',
    '09:20 resolved: operational',
  ]);

  const { json } = await stage.api('boss', 'GET /api/v1/incidents/inc-1/timeline');
  expect(JSON.stringify(json)).toContain(
    'Public post d3 is published. The page shows Line 1 as degraded_performance, as another incident says.',
  );
});

/** What the page shows of the line in the end. */
const last = (stage: Stage): string | undefined => shown(stage).at(-1)?.split(': ')[1];

describe('the line is well again after the last incident', () => {
  test('also when three end at once while the page is slow', async () => {
    const stage = await bothOnLine1();
    for (const alertname of ['LineStopped', 'LineLate', 'DoorsStuck'])
      await stage.alert({ alertname });
    await stage.at('5m');
    stage.fault({ target: 'page', fault: 'slow', delayMs: 3_000 });
    await stage.act('boss', 'resolve', {});
    await stage.advance('1s');
    await stage.act('boss', { verb: 'resolve', n: 2 }, {});
    await stage.act('boss', { verb: 'resolve', n: 3 }, {});
    await stage.at('20m');
    expect(shown(stage).slice(3)).toHaveLength(3);
    expect(last(stage)).toBe('operational');
  });

  test('also when an end answers 504 and arrives almost a minute later', async () => {
    const stage = await bothOnLine1();
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('10m');
    await stage.alert({ alertname: 'LineLate' });
    await stage.at('20m');
    stage.fault({
      target: 'page',
      method: 'PATCH',
      fault: '5xx-but-done',
      doneAfterMs: 50_000,
      times: 1,
    });
    await stage.act('boss', 'resolve', {});
    await stage.advance('3s');
    await stage.act('boss', { verb: 'resolve', n: 2 }, {});
    await stage.at('30m');
    expect(
      shown(stage)
        .slice(2)
        .map((line) => line.slice(6)),
    ).toEqual(['resolved: degraded_performance', 'resolved: operational']);
  });

  test.each<[string, FaultOrder]>([
    ['is slow', { target: 'page', fault: 'slow', delayMs: 3_000 }],
    [
      'answers 504 and takes it all the same',
      { target: 'page', method: 'PATCH', fault: '5xx-but-done', doneAfterMs: 2_000, times: 1 },
    ],
  ])(
    'also when it ends while the first post that breaks it is under way, and the page %s',
    async (_how, fault) => {
      const stage = await bothOnLine1((yaml) =>
        yaml.replace(
          'soak: {for: 15m}',
          'soak: {for: 15m}\n    components: {automatic_up_to: operational}',
        ),
      );
      await stage.alert({ alertname: 'LineLate' });
      await stage.at('5m');
      await stage.act('boss', 'severity', { level: 'bad' });
      await stage.at('6m');
      stage.fault(fault);
      await stage.act('boss', 'phase', { phase: 'identified' });
      await stage.advance('1s');
      await stage.act('boss', 'resolve', {});
      await stage.at('30m');
      expect(shown(stage).slice(1)).toEqual([
        '08:06 identified: major_outage',
        expect.stringMatching(/^08:06 resolved: operational$/),
      ]);
    },
  );

  test('also when the other one was kept from the public after it had posted', async () => {
    const stage = await bothOnLine1();
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('5m');
    await stage.alert({ alertname: 'LineLate' });
    await stage.at('10m');
    await stage.act('boss', 'flags', { flag: 'security' });
    await stage.at('20m');
    await stage.act('boss', { verb: 'resolve', n: 2 }, {});
    await stage.at('25m');
    await stage.act('boss', 'resolve', {});
    await stage.at('1h');
    expect(last(stage)).toBe('operational');
  });

  test('also when the parent of a storm ends before those that joined it', async () => {
    const stage = await bothOnLine1((yaml) =>
      yaml.replace('automation: {', 'automation: {storm: {incidents: 2, within: 10m}, '),
    );
    for (const alertname of ['LineStopped', 'LineLate', 'DoorsStuck']) {
      await stage.alert({ alertname });
      await stage.advance('1m');
    }
    await stage.approve('herald', 3);
    await stage.at('15m');
    await stage.act('boss', { verb: 'resolve', n: 3 }, {});
    await stage.at('16m');
    await stage.approve('herald', 3);
    await stage.at('20m');
    await stage.act('boss', 'resolve', {});
    await stage.act('boss', { verb: 'resolve', n: 2 }, {});
    await stage.at('1h');
    expect(last(stage)).toBe('operational');
  });
});

test('two posts are never under way to one page at once: the worse one is not undone by the milder', async () => {
  const stage = await bothOnLine1();
  stage.fault({ target: 'page', fault: 'slow', delayMs: 8_000, times: 1 });
  await stage.alert({ alertname: 'LineLate' });
  await stage.at('5s');
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('5m');
  expect(last(stage)).toBe('major_outage');
});
