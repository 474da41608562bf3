/**
 * What a machine did is nobody's answer.
 *
 * PagerDuty rings Ada and tells us; then a script acknowledges the incident with Tocsin's own token, in the name of
 * Tocsin's own user, and later resolves it. PagerDuty tells us of both like of anything else, but no person has
 * answered: nothing is declared, and the page stays owed until Ada herself answers.
 */
import { expect, test } from 'vitest';
import { openStage, type Stage } from '../support/stage.ts';

function pagerduty(stage: Stage, path: string, request: { method: string; body: object }) {
  const token = stage.app().loaded.secretsByPath['targets.pd.token']?.reveal() ?? '';
  return stage.atVendor('pd', `/api${path}`, {
    ...request,
    headers: {
      authorization: `Token token=${token}`,
      accept: 'application/vnd.pagerduty+json;version=2',
      'content-type': 'application/json',
      from: 'tocsin@example.com',
    },
  });
}

async function ringing(): Promise<{ stage: Stage; incident: string }> {
  const stage = await openStage({
    configFile: 'config/example.yaml',
    start: '2026-01-09T02:00:00Z',
  });
  await stage.at('02:00');
  await pagerduty(stage, '/incidents', {
    method: 'POST',
    body: {
      incident: {
        type: 'incident',
        title: 'Ledger answers errors',
        urgency: 'high',
        service: { id: 'PSVC002', type: 'service_reference' },
        assignments: [{ assignee: { id: 'PADA001', type: 'user_reference' } }],
      },
    },
  });
  const [rang] = stage.pages('rang').filter(({ address }) => address === 'PADA001');
  return { stage, incident: rang?.ref ?? '' };
}

function become(status: string): { method: string; body: object } {
  return { method: 'PUT', body: { incident: { type: 'incident', status } } };
}

test("an acknowledgement in Tocsin's own name declares nothing", async () => {
  const { stage, incident } = await ringing();

  await stage.at('02:01');
  const done = await pagerduty(stage, `/incidents/${incident}`, become('acknowledged'));
  expect(done.status).toBe(200);
  await stage.at('02:02');
  expect(await stage.incident()).toMatchObject({
    phase: 'triage',
    declaredAt: null,
    pages: { p1: { state: 'open', acknowledgedBy: null } },
  });
});

test("a resolve in Tocsin's own name is no answer either", async () => {
  const { stage, incident } = await ringing();

  await stage.at('02:01');
  await pagerduty(stage, `/incidents/${incident}`, become('resolved'));
  await stage.at('02:01:30');
  expect(await stage.incident()).toMatchObject({ declaredAt: null });
  const escalations = Object.values((await stage.incident()).escalations);
  expect(escalations.map((run) => run.answeredBy)).toEqual(escalations.map(() => null));
});
