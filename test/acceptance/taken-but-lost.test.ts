/**
 * Taken, and nobody rung.
 *
 * A tram line stops at eight. The pager says that it has taken the page, by whatever way it was asked, and rings nobody.
 * Tocsin believes what it sees: it looks for what it sent, sends it again under the same key, and where that rings nobody
 * either, everybody hears of it within three minutes.
 */
import { describe, expect, test } from 'vitest';
import type { FaultOrder } from '../../src/sandbox/faults.ts';
import type { Stage } from '../support/stage.ts';
import { bothPagers } from './theirs.ts';
import { trams, trusting } from './trams.ts';

const SERVICE = 'service: {name: Line 1, id: PLINE01}';
const INCIDENTS = { target: 'pd', method: 'POST', path: '/api/incidents' } as const;
const ALERTS = { target: 'og', method: 'POST', path: '/v2/alerts' } as const;

type Way = readonly [name: string, address: string, lost: Omit<FaultOrder, 'fault'>];

/** Every way of paging that the adapters have. */
const WAYS: readonly Way[] = [
  [
    'an event by the key of a service',
    `{via: pd, ${SERVICE}, key: "\${HOOK}"}`,
    { target: 'pd', method: 'POST', path: '/events' },
  ],
  ['an incident for a person', 'driver', INCIDENTS],
  ['an incident for a service', `{via: pd, ${SERVICE}}`, INCIDENTS],
  [
    'an incident for an escalation policy',
    `{via: pd, escalation_policy: {name: Drivers, id: PEPLINE}, ${SERVICE}}`,
    INCIDENTS,
  ],
  [
    'a request to a responder',
    '{via: pd, responder: {name: Driver, id: PDRIVER}}',
    { ...INCIDENTS, path: '/api/incidents/' },
  ],
  ['an alert for a person', '{via: og, user: driver@trams.example}', ALERTS],
  ['an alert for a team', '{via: og, team: {name: Drivers, id: team-1}}', ALERTS],
];

const company = (address: string) => (yaml: string) =>
  bothPagers(trusting(yaml))
    .replace(', opsgenie: driver@trams.example', '')
    .replace('people_service:', 'requester: {name: Tocsin, id: PTOCSIN}, people_service:')
    .replace(
      'line-1: {on_call: driver,',
      `line-1: {on_call: ${address}, escalation: vendor, unanswered: {after: 30m, page: boss},`,
    )
    .replace('escalation: vendor, unanswered: {after: 30m, page: boss},', (words) =>
      address === 'driver' ? '' : words,
    )
    .replace('severity: bad, trusted: true', 'severity: bad');

async function stopped([, address, lost]: Way, times?: number): Promise<Stage> {
  const stage = await trams(company(address));
  stage.fault({ ...lost, fault: '202-but-lost', ...(times === undefined ? {} : { times }) });
  await stage.alert({ alertname: 'LineStopped' });
  return stage;
}

describe.each(WAYS)('%s', (...way) => {
  test('that was taken and lost rings a minute later', async () => {
    const stage = await stopped(way, 1);
    await stage.at('40s');
    expect(await stage.rings()).toEqual([]);
    await stage.at('4m');
    expect(await stage.rings()).toEqual([expect.stringMatching(/^08:00:4\d \| rang/)]);
  });

  test('that is lost again and again is said within three minutes', async () => {
    const stage = await stopped(way);
    await stage.at('3m');
    const said = stage.messages().map(({ text }) => text);
    expect(said).toContainEqual(expect.stringContaining('not confirmed by any pager'));
  });
});
