/**
 * Merged, and not answered.
 *
 * The line stops at eight and the driver's phone rings for two things. Somebody at PagerDuty merges the driver's page into
 * something else: one outage, they think, and go back to bed. That is no answer of theirs, whoever they are, and no end: what
 * the page was merged into counts from then on, and the herald is rung when the driver's five minutes are over.
 *
 *     08:00  the line stops, the driver's phone rings
 *     08:01  the dispatcher merges that page into another incident at PagerDuty
 *     08:05  nobody has answered: the herald's phone rings
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { atPagerDuty, unheard } from './theirs.ts';
import { CONFIG, inThreeSteps, rangAt, trams } from './trams.ts';

// Simulated minutes pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 60_000 });

const LINE = { alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' };

/** Something else that PagerDuty shows, which rings nobody: assigned to somebody whose phone is of no matter here. */
async function opensAnother(stage: Stage): Promise<string> {
  const { json, text } = await atPagerDuty(stage, '/incidents', {
    method: 'POST',
    body: {
      incident: {
        type: 'incident',
        title: 'The depot is dark',
        urgency: 'high',
        service: { id: 'PPEOPLE', type: 'service_reference' },
        assignments: [{ assignee: { id: 'PBOSS01', type: 'user_reference' } }],
      },
    },
  });
  const { incident } = json as { readonly incident?: { readonly id: string } };
  if (incident === undefined) throw new Error(text);
  return incident.id;
}

/** Somebody merges the driver's page into the other one. */
async function merges(stage: Stage, into: string, from: string): Promise<void> {
  const ref = stage.pages('rang').find(({ address }) => address === 'PDRIVER')?.ref;
  const body = { source_incidents: [{ id: ref, type: 'incident_reference' }] };
  const asked = await atPagerDuty(stage, `/incidents/${into}/merge`, { method: 'PUT', body, from });
  expect(asked.status).toBe(200);
}

async function merged(edit: (yaml: string) => string): Promise<{ stage: Stage; into: string }> {
  const stage = await trams(inThreeSteps);
  await stage.reload(edit(inThreeSteps(CONFIG)));
  await stage.alert(LINE);
  await stage.at('08:00:30');
  const into = await opensAnother(stage);
  await stage.at('08:01');
  await merges(stage, into, 'driver.pdriver@example.com');
  return { stage, into };
}

const page = async (stage: Stage): Promise<unknown> => (await stage.incident()).pages['p1'];

const noted = async (stage: Stage): Promise<unknown> =>
  (await stage.events()).filter(({ type }) => type === 'PageNoted');

describe.each([
  ['with a webhook', (yaml: string) => yaml],
  ['without one', unheard],
])('%s', (_how, edit) => {
  test('a merge is no answer, whoever did it: whoever is next is rung in time', async () => {
    const { stage } = await merged(edit);
    await stage.at('08:04:30');
    expect(await page(stage)).toMatchObject({ state: 'open', acknowledgedBy: null });
    expect((await stage.incident()).roles).toEqual({});
    await stage.at('08:06');
    expect(rangAt(stage)).toContain('08:05:00 PHERALD');
  });

  test('an answer to what it was merged into is one to the page', async () => {
    const { stage, into } = await merged(edit);
    await stage.at('08:01:10');
    await stage.answer('boss', { target: 'pd', ref: into });
    await stage.at('08:03:30');
    expect(await page(stage)).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'boss' });
    await stage.at('08:20');
    expect(rangAt(stage)).not.toContain('08:05:00 PHERALD');
  });
});

test('the timeline says by whom, and into what', async () => {
  const { stage, into } = await merged((yaml) => yaml);
  await stage.at('08:01:10');
  expect(await noted(stage)).toEqual([
    expect.objectContaining({ action: 'merged', by: 'driver', text: into }),
  ]);
});

test('where PagerDuty does not tell what became of the other one, nothing counts as answered', async () => {
  const { stage } = await merged((yaml) => yaml);
  stage.fault({ target: 'pd', method: 'GET', fault: '5xx' });
  await stage.at('08:06');
  expect(await page(stage)).toMatchObject({ state: 'open', acknowledgedBy: null });
  expect(rangAt(stage)).toContain('08:05:00 PHERALD');
});
