/**
 * The demo, as `npm run demo -- --json` plays it on config/example.yaml.
 *
 * 02:00 UTC, 20 January. Payouts fail: a SEV2 by the source's word "critical". Oskar is on call; his acknowledgement at
 * 02:02 declares, the commander's service and the communications lead are rung, and the page says Investigating within
 * the five minutes that were promised. PagerDuty is down for half a minute just when Kim has taken command and the scribe
 * is rung, so Gita's phone rings through Opsgenie. Ines does not answer as communications lead; five minutes later her
 * fallback Jon is rung. At 02:20 balances do not add up, and a trigger raises it to SEV1: deputy and liaison come. Thirty
 * minutes without a root cause ring the managers. Identified, Monitoring and Resolved are approved by a person.
 */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createBackends } from '../../src/commands.ts';
import { expectTimetable } from '../support/timetable.ts';

const documentShape = z.object({
  pages: z.array(
    z.object({
      time: z.string(),
      event: z.string(),
      vendor: z.string(),
      address: z.string(),
      urgency: z.string(),
      role: z.string().nullable(),
      incident: z.string().nullable(),
    }),
  ),
  posts: z.array(
    z.object({
      time: z.string(),
      status: z.string(),
      body: z.string(),
      components: z.record(z.string(), z.string()),
    }),
  ),
  severities: z.array(
    z.object({
      time: z.string(),
      from: z.string().nullable(),
      to: z.string(),
      because: z.string(),
    }),
  ),
  timeline: z.array(z.object({ time: z.string(), type: z.string(), text: z.string() })),
});

async function playDemo(): Promise<string> {
  const out: string[] = [];
  const say = (text: string): void => void out.push(text);
  const backends = createBackends({
    environment: {},
    pid: process.pid,
    out: say,
    err: say,
    onStop: () => undefined,
    onReload: () => undefined,
  });
  const running = await backends.demo({ json: true, speed: null });
  expect(await running.stopped).toBe(0);
  return out.join('');
}

function momentOf(time: string): string {
  return time.slice(11, 19);
}

/** What a vendor tells of several pages in one instant comes in any order, as at the vendor. */
function inOrder(printed: string): unknown {
  const { timeline, ...rest } = documentShape.parse(JSON.parse(printed));
  const moments = timeline.map((entry) => JSON.stringify(entry));
  return { ...rest, timeline: moments.toSorted() };
}

test('one incident from the alert to Resolved, and the same again', async () => {
  const printed = await playDemo();
  const { pages, posts, severities, timeline } = documentShape.parse(JSON.parse(printed));

  expectTimetable(
    pages
      .filter(({ event }) => event === 'rang')
      .map(({ time, vendor, address, role, urgency }) =>
        [momentOf(time), vendor, address, role, urgency].join(' | '),
      ),
    `
    02:00:00 | pagerduty | POSK001          | subject_matter_expert | high
    02:02:00 | pagerduty | PSVC001          | incident_commander    | high
    02:02:00 | pagerduty | PINE001          | communications_lead   | high
    02:04:00 | opsgenie  | gita@example.com | scribe                | high
    02:04:34 | pagerduty | PGIT001          | scribe                | high
    02:07:00 | pagerduty | PJON001          | communications_lead   | high
    02:20:00 | pagerduty | PLEN001          | deputy                | high
    02:20:00 | pagerduty | PINE001          | internal_liaison      | high
    02:50:00 | pagerduty | PUMA001          | alarm                 | high
    02:50:00 | pagerduty | PVIK001          | alarm                 | high
    `,
  );
  expectTimetable(
    posts.map(({ time, status, components }) =>
      [momentOf(time), status, components['Payouts']].join(' | '),
    ),
    `
    02:02:00 | investigating | degraded_performance
    02:50:00 | investigating | degraded_performance
    02:59:00 | identified    | degraded_performance
    03:16:00 | monitoring    | degraded_performance
    03:45:00 | monitoring    | degraded_performance
    03:51:00 | resolved      | operational
    `,
  );
  expect(severities.map(({ time, from, to }) => [momentOf(time), from, to])).toEqual([
    ['02:00:00', null, 'SEV2'],
    ['02:20:00', 'SEV2', 'SEV1'],
  ]);
  expect(severities[1]?.because).toContain('data_integrity');
  // Every phone that rang fell silent, and every page is joined to its incident.
  const open = new Set(pages.filter(({ event }) => event === 'rang').map(({ address }) => address));
  for (const { event, address } of pages) if (event === 'resolved') open.delete(address);
  expect([...open]).toEqual([]);
  expect(pages.filter(({ incident }) => incident === null)).toEqual([]);
  // Every post promises the next one, and no sentence stands on the page twice.
  for (const { status, body } of posts) if (status !== 'resolved') expect(body).toContain('UTC');
  expect(new Set(posts.map(({ body }) => body)).size).toBe(posts.length);
  expect(timeline.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['IncidentOpened', 'SeverityChanged', 'IncidentDeclared']),
  );
  expect(inOrder(await playDemo())).toEqual(inOrder(printed));
}, 60_000);
