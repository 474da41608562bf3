/**
 * Adopt.
 *
 * PagerDuty has an integration of its own and already rings Ada about the ledger when it tells us of that incident. Her
 * phone rings once: the incident is adopted as the page of the service's on-call. When she acknowledges there, Tocsin
 * declares, and the commander rings within seconds. PagerDuty also tells us about the incident that *we* opened to ring
 * the commander: that is our own trigger and opens nothing. When PagerDuty merges the incident into another one the
 * trouble is not over.
 */
import { describe, expect, test } from 'vitest';
import { opsgenieBody } from '../support/bodies.ts';
import { openStage, type Stage } from '../support/stage.ts';

/** PagerDuty's own people and integrations act past Tocsin, through its REST API. */
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

function ringsAda(title: string, more: object = {}): { method: string; body: object } {
  return {
    method: 'POST',
    body: {
      incident: {
        type: 'incident',
        title,
        urgency: 'high',
        service: { id: 'PSVC002', type: 'service_reference' },
        assignments: [{ assignee: { id: 'PADA001', type: 'user_reference' } }],
        ...more,
      },
    },
  };
}

function open(): Promise<Stage> {
  return openStage({
    configFile: 'config/example.yaml',
    watchdog: 'prometheus',
    start: '2026-01-09T02:00:00Z',
  });
}

test('Ada is rung once, her acknowledgement at PagerDuty declares, our own trigger opens nothing', async () => {
  const stage = await open();

  await stage.at('02:00');
  await pagerduty(stage, '/incidents', ringsAda('Ledger answers errors'));
  await stage.at('02:02');
  expect(await stage.incident()).toMatchObject({ phase: 'triage', declaredAt: null });
  await stage.answer('ada', { target: 'pd' });
  await stage.at('02:04');
  await stage.answer('kim', { target: 'pd', at: 'PSVC001' });
  await stage.at('02:10');

  await stage.timetable(`
    02:00:00 | rang         | ada     | subject_matter_expert | pd | high
    02:02:00 | acknowledged | ada     | subject_matter_expert | pd
    02:02:00 | rang         | PSVC001 | incident_commander    | pd | low
    02:04:00 | acknowledged | PSVC001 | incident_commander    | pd
  `);
  expect(await stage.incidents()).toHaveLength(1);
  expect(await stage.incident()).toMatchObject({
    phase: 'investigating',
    declaredAt: Date.parse('2026-01-09T02:02:00Z'),
  });
  // Two events of Ada's incident and two of the one that we opened, each told to us and each understood.
  expect(
    stage
      .sandbox()
      .deliveries()
      .map((delivery) => delivery.status),
  ).toEqual([202, 202, 202, 202]);
});

test('a merge is no recovery', async () => {
  const stage = await open();

  await stage.at('02:00');
  await pagerduty(stage, '/incidents', ringsAda('Ledger answers errors'));
  await stage.at('02:02');
  await stage.answer('ada', { target: 'pd' });
  await stage.at('02:05');
  await pagerduty(stage, '/incidents', ringsAda('Ledger is slow'));
  const [first, second] = stage.pages('rang').filter(({ address }) => address === 'PADA001');
  const merge = await pagerduty(stage, `/incidents/${second?.ref ?? ''}/merge`, {
    method: 'PUT',
    body: { source_incidents: [{ id: first?.ref ?? '', type: 'incident_reference' }] },
  });
  expect(merge.status).toBe(200);
  await stage.at('02:30');

  expect(await stage.incident(1)).toMatchObject({
    phase: 'investigating',
    resolvedAt: null,
    soak: null,
  });
});

test('the same at Opsgenie, told by its webhooks alone', async () => {
  const stage = await open();
  const alert = {
    ref: '70413a06-38d6-4c85-92b8-5ebc900d42e2',
    title: 'Payouts answer errors',
    assignees: ['ada@example.com'],
    priority: 'P2',
    details: { service: 'payouts' },
  };

  await stage.at('02:00');
  await stage.deliver('opsgenie', opsgenieBody('Create', { ...alert, at: stage.clock.now() }));
  await stage.at('02:02');
  expect(await stage.incident()).toMatchObject({ phase: 'triage', level: 'SEV2' });
  await stage.timetable('');
  const answered = { ...alert, at: stage.clock.now(), by: 'ada@example.com' };
  await stage.deliver('opsgenie', opsgenieBody('Acknowledge', answered));
  await stage.at('02:03');

  await stage.timetable(
    `
    02:02:00 | rang | PSVC001 | incident_commander  | pd | high
    02:02:00 | rang | cleo    | communications_lead | pd | high
    `,
    { of: ['page'] },
  );
  expect(await stage.incidents()).toHaveLength(1);
});

describe('what is done here to an adopted alert is done at Opsgenie, too:', () => {
  const adopted = async (): Promise<Stage> => {
    const stage = await open();
    await stage.at('02:00');
    const key = stage.app().loaded.secretsByPath['targets.og.api_key']?.reveal() ?? '';
    await stage.atVendor('og', '/v2/alerts', {
      method: 'POST',
      headers: { authorization: `GenieKey ${key}`, 'content-type': 'application/json' },
      body: {
        message: 'Payouts answer errors',
        alias: 'monit/payouts',
        responders: [{ type: 'user', username: 'ada@example.com' }],
        details: { service: 'payouts' },
        priority: 'P2',
      },
    });
    await stage.at('02:02');
    return stage;
  };

  test.each([
    ['acknowledge', 'acknowledged'],
    ['resolve', 'resolved'],
  ] as const)('%s', async (verb, event) => {
    const stage = await adopted();
    await stage.act('ada', verb, {});
    await stage.at('02:10');
    expect(stage.pages(event).map(({ target, address }) => `${target} ${address}`)).toContain(
      'og ada@example.com',
    );
  });
});

describe('what is done here to the adopted incident is done at PagerDuty, too:', () => {
  const adopted = async (): Promise<Stage> => {
    const stage = await open();
    await stage.at('02:00');
    await pagerduty(
      stage,
      '/incidents',
      ringsAda('Ledger answers errors', { incident_key: 'monit|ledger' }),
    );
    await stage.at('02:02');
    return stage;
  };
  test('resolving it closes it', async () => {
    const stage = await adopted();
    await stage.act('ada', 'resolve', { text: 'It was a deploy.' });
    await stage.at('02:10');
    expect(
      stage.pages('resolved').map(({ time, address }) => `${time.slice(11, 16)} ${address}`),
    ).toEqual(['02:02 PADA001']);
  });

  test('as a false positive as well', async () => {
    const stage = await adopted();
    await stage.act('ada', 'false-positive', { reason: 'a drill' });
    await stage.at('02:10');
    expect(stage.pages('resolved').map(({ address }) => address)).toEqual(['PADA001']);
  });

  test('acknowledging it ends the escalation there', async () => {
    const stage = await adopted();
    await stage.act('ada', 'acknowledge', {});
    await stage.at('02:03');
    expect(stage.pages('acknowledged').map(({ address }) => address)).toEqual(['PADA001']);
  });
});
