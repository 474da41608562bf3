/** The proof of targets, its registry alone: what is kept, who is asked when, and who is told. */
import { expect, test } from 'vitest';
import type { Finding } from '../../contract/adapter.ts';
import { readCron } from '../../lib/cron.ts';
import { createSteppedClock } from '../../sandbox/clock.ts';
import type { SelfAlert } from '../deciding/self-alert.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createProofs, type Proofs, type ProofsOptions, type ProvableTarget } from './proofs.ts';

const START = 1_767_614_400_000;
const MINUTE = 60_000;
const BAD: Finding = { level: 'problem', what: 'the token is refused', hint: 'Make another one.' };
const WARNING: Finding = { level: 'warning', what: 'it has another name', hint: '' };

interface World {
  readonly proofs: Proofs;
  readonly asked: string[];
  readonly alerts: SelfAlert[];
  /** Goes on, a tick every 20 s. */
  pass(ms: number): Promise<void>;
}

const target = (change: Partial<ProvableTarget> = {}): ProvableTarget => ({
  name: 'pd',
  type: 'pagerduty',
  mode: 'live',
  version: 1,
  ...change,
});

async function openWorld(
  targets: ProvableTarget[],
  findings: (target: string) => readonly Finding[],
  change: Partial<ProofsOptions> = {},
): Promise<World> {
  const clock = createSteppedClock({ start: START });
  const read = readCron('45 9 * * *');
  if (!read.ok) throw new Error(read.what);
  const asked: string[] = [];
  const alerts: SelfAlert[] = [];
  const silent = () => undefined;
  const proofs = createProofs({
    schedule: () => ({ cron: read.cron, timezone: 'UTC' }),
    targets: () => targets,
    examine: async (name) => {
      asked.push(`${name} ${(clock.now() - START) / MINUTE}`);
      return findings(name);
    },
    isResting: () => false,
    reads: { metas: async () => [] },
    isAlarmedAbout: async () => false,
    untakenSince: () => null,
    write: (work) => work({ tx: { setMeta: async () => undefined } }),
    clock,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    metrics: createMetrics(),
    redact: (text) => text,
    selfAlert: (alert) => void alerts.push(alert),
    standing: async () =>
      alerts.at(-1)?.status === 'firing'
        ? [{ key: { kind: 'proof', target: 'pd' }, isOpen: true }]
        : [],
    ...change,
  });
  await proofs.start();
  const pass = async (ms: number): Promise<void> => {
    for (const end = clock.now() + ms; clock.now() < end;) {
      await clock.advanceBy(20_000);
      proofs.tick();
      await clock.settle();
    }
  };
  return { proofs, asked, alerts, pass };
}

test('one that fails is asked again after ten minutes, told of then, and asked every hour', async () => {
  let isWell = false;
  const { asked, alerts, pass } = await openWorld([target()], () => (isWell ? [WARNING] : [BAD]));
  await pass(21 * MINUTE);
  expect(asked).toEqual(['pd 10', 'pd 20']);
  expect(alerts.map(({ status, description }) => `${status}: ${description}`)).toEqual([
    expect.stringContaining(
      'firing: Seen without ringing anybody: the token is refused. Make another one',
    ),
  ]);
  isWell = true;
  await pass(120 * MINUTE);
  expect(asked).toEqual(['pd 10', 'pd 20', 'pd 80']);
  expect(alerts.map(({ status }) => status)).toEqual(['firing', 'resolved']);
});

test('what is wrong once, and well ten minutes later, is told nobody', async () => {
  let times = 0;
  const { alerts, pass } = await openWorld([target()], () => ((times += 1) === 1 ? [BAD] : []));
  await pass(60 * MINUTE);
  expect(alerts).toEqual([]);
});

test('one in shadow is asked and shown, and nobody is told', async () => {
  const { proofs, alerts, pass } = await openWorld([target({ mode: 'shadow' })], () => [BAD]);
  await pass(60 * MINUTE);
  expect(proofs.all()).toMatchObject([
    { mode: 'shadow', provedAt: null, failingSince: START + 10 * MINUTE },
  ]);
  expect(alerts).toEqual([]);
});

test('one that wants to be left alone is asked later', async () => {
  let isResting = true;
  const { asked, pass } = await openWorld([target()], () => [], { isResting: () => isResting });
  await pass(15 * MINUTE);
  expect(asked).toEqual([]);
  isResting = false;
  await pass(2 * MINUTE);
  expect(asked).toHaveLength(1);
});

test('while an incident alarms people about it nobody else is told, and afterwards with the next proof', async () => {
  let isAlarmed = true;
  const { alerts, pass } = await openWorld([target()], () => [BAD], {
    isAlarmedAbout: async () => isAlarmed,
  });
  await pass(30 * MINUTE);
  expect(alerts).toEqual([]);
  isAlarmed = false;
  await pass(60 * MINUTE);
  expect(alerts).toHaveLength(1);
});

test('what an adapter throws is a problem of its target, and what is kept and spoilt is left aside', async () => {
  const { proofs, pass } = await openWorld(
    [target()],
    () => {
      throw new Error('a bug');
    },
    {
      reads: { metas: async () => [{ key: 'proof:pd', value: '{"askedAt": "now"}' }] },
    },
  );
  expect(proofs.all()).toMatchObject([{ provedAt: null, failingSince: null }]);
  await pass(11 * MINUTE);
  expect(proofs.all()).toMatchObject([{ problems: ['its adapter threw; see the log'] }]);
});

test('all of them by the calendar: the run says who would not work', async () => {
  const targets = [target(), target({ name: 'chat' }), target({ name: 'old', mode: 'off' })];
  const { proofs, asked } = await openWorld(targets, (name) => (name === 'chat' ? [BAD] : []));
  expect(await proofs.job.run()).toBe('asked 2 targets: chat would not work');
  expect(asked).toEqual(['pd 0', 'chat 0']);
});
