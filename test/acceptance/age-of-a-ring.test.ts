/**
 * The age of a ring.
 *
 * A tram line stops at eight, while PagerDuty takes nothing for eleven minutes. Then the driver's phone rings, for the first
 * time. A minute later a second line of trouble comes: the phone rings already, and is not rung anew. Ten minutes after it
 * rang, and not after it was asked for, what comes rings again.
 */
import { describe, expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { rangAt, trams, trusting } from './trams.ts';

const LINE = { alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' };

/** Nobody declares, so that the driver alone is rung; what is said of it at PagerDuty is asked for, or told by a webhook. */
const company = (yaml: string): string => {
  const more = ['Door', 'Bell'].map(
    (what) =>
      `  - {name: ${what}, match: 'alertname="${what}Stuck"', service: line-1, severity: mild}\n`,
  );
  return `${trusting(yaml).replaceAll(', trusted: true', '')}${more.join('')}`;
};
const untold = (yaml: string): string => company(yaml).replace(/\n {2}calls: .*/, '');

/** The pager takes nothing until eleven minutes past. */
async function outage(edit: (yaml: string) => string, fault: '5xx' | 'refuse'): Promise<Stage> {
  const stage = await trams(edit);
  stage.fault({ target: 'pd', fault, until: stage.clock.now() + 11 * 60_000 });
  await stage.alert(LINE);
  await stage.at('11m59s');
  expect(driverRang(stage)).toHaveLength(1);
  return stage;
}

const driverRang = (stage: Stage): readonly string[] =>
  rangAt(stage).flatMap((ring) => (ring.endsWith(' PDRIVER') ? [ring.slice(0, 5)] : []));

describe.each([
  ['refused connections, and its webhooks tell', 'refuse', company],
  ['answered 503, and is asked', '5xx', untold],
] as const)('after an outage in which PagerDuty %s', (_, fault, edit) => {
  test('another incident joins the ring that went out a moment ago', async () => {
    const stage = await outage(edit, fault);
    await stage.alert({ alertname: 'LineLate', startsAt: '2026-06-09T08:12:00Z' });
    await stage.at('13m');
    expect(driverRang(stage)).toHaveLength(1);
    const rings = (await stage.incidents())
      .flatMap(({ pages }) => Object.values(pages))
      .flatMap((page) => page.rings);
    expect(rings.map(({ status }) => status)).toContain('joined');
  });

  test('it rings anew for what comes ten minutes after the ring, also where that was joined meanwhile', async () => {
    const stage = await outage(edit, fault);
    await stage.alert({ alertname: 'LineLate', startsAt: '2026-06-09T08:12:00Z' });
    await stage.at('20m30s');
    await stage.alert({ alertname: 'DoorStuck', startsAt: '2026-06-09T08:20:30Z' });
    await stage.at('21m');
    expect(driverRang(stage)).toEqual(['08:11']);
    await stage.at('22m');
    await stage.alert({ alertname: 'BellStuck', startsAt: '2026-06-09T08:22:00Z' });
    await stage.at('23m');
    expect(driverRang(stage)).toEqual(['08:11', '08:22']);
  });
});
