/**
 * The first file.
 *
 * Somebody answers the five questions of `init` and rehearses with what it wrote. What its comments say is what happens:
 * an acknowledgement declares nothing and puts the declaration off by ten minutes, once; and the alerts of the source that
 * was named meet the rule that was written for it, as that tool sends them.
 */
import { describe, expect, test } from 'vitest';
import { fallbackAnswers, initConfig } from '../../src/config/init.ts';
import { opsgenieBody, pagerdutyBody } from '../support/bodies.ts';
import { openStage, type Stage } from '../support/stage.ts';

function started(answers: Partial<ReturnType<typeof fallbackAnswers>> = {}): Promise<Stage> {
  return openStage({
    yaml: initConfig({ ...fallbackAnswers(), service: 'checkout', ...answers }),
    start: '2026-03-03T08:00:00Z',
  });
}

describe('an acknowledgement', () => {
  const critical = { alertname: 'Down', labels: { service: 'checkout', severity: 'critical' } };

  test('declares nothing, and puts the declaration off by ten minutes', async () => {
    const stage = await started();
    await stage.alert(critical, 'prometheus');
    await stage.at('1m');
    await stage.answer('ada');
    await stage.at('14m');
    expect(await stage.incident()).toMatchObject({ phase: 'triage', declaredAt: null });
    await stage.at('16m');
    expect(await stage.incident()).toMatchObject({
      declaredAt: Date.parse('2026-03-03T08:15:00Z'),
    });
  });

  test('without one the incident is declared after the time of its level', async () => {
    const stage = await started();
    await stage.alert(critical, 'prometheus');
    await stage.at('6m');
    expect(await stage.incident()).toMatchObject({
      declaredAt: Date.parse('2026-03-03T08:05:00Z'),
    });
  });
});

test('an alert that names no service rings the on-call all the same, and leaves the command to the other one', async () => {
  const stage = await started();
  await stage.alert(
    { alertname: 'Down', labels: { service: '', severity: 'critical' } },
    'prometheus',
  );
  await stage.at('6m');
  const rang = (await stage.rings()).map((ring) => ring.split(' | ').slice(2, 4).join(' | '));
  expect(rang.slice(0, 2)).toEqual(['ada | responder', 'ben | alarm, commander']);
});

describe('an Opsgenie alert is of the service that its', () => {
  test.each([
    ['detail names', { details: { service: 'checkout' } }],
    ['entity names', { entity: 'checkout' }],
    ['tag names', { tags: ['prod', 'checkout'] }],
    ['tag service: names', { tags: ['service:checkout', 'prod'] }],
  ])('%s', async (_, named) => {
    const stage = await started({ source: 'opsgenie', pager: 'opsgenie' });
    const words = { ref: 'a-1', title: 'Checkout latency', priority: 'P1', at: stage.clock.now() };
    await stage.deliver('opsgenie', opsgenieBody('Create', { ...words, ...named }));
    expect(await stage.incident()).toMatchObject({
      level: 'critical',
      routing: { service: 'checkout', rule: { name: 'everything of checkout' } },
    });
  });

  test('name of no other service holds', async () => {
    const stage = await started({ source: 'opsgenie', pager: 'opsgenie' });
    const words = { ref: 'a-1', title: 'Basket latency', priority: 'P1', at: stage.clock.now() };
    const other = { tags: ['service:checkout-2', 'precheckout'], entity: 'basket' };
    await stage.deliver('opsgenie', opsgenieBody('Create', { ...words, ...other }));
    expect(await stage.incident()).toMatchObject({ routing: { service: null, rule: null } });
  });
});

test('a PagerDuty incident is of the service whose name it bears there', async () => {
  const stage = await started({ source: 'pagerduty' });
  const words = { ref: 'Q1', title: 'Checkout fails', priority: 'P1', at: stage.clock.now() };
  await stage.deliver('pagerduty', pagerdutyBody('triggered', { ...words, service: 'checkout' }));
  expect(await stage.incident()).toMatchObject({
    routing: { service: 'checkout', rule: { name: 'everything of checkout' } },
  });
});
