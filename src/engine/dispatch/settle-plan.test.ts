import { describe, expect, test } from 'vitest';
import { delivered, type Outcome } from '../../contract/outcome.ts';
import { retryWaitMs } from '../vendors/backoff.ts';
import { type Attempt, type Found, planOf } from './settle-plan.ts';

const HOUR = 3_600_000;

function attempt(name: string, change: Partial<Attempt> = {}): Attempt {
  return {
    effect: JSON.parse(JSON.stringify({ id: 'inc-1/7/0', name })) as Attempt['effect'],
    attempt: 1,
    refusedBefore: null,
    mayHaveArrived: false,
    firstDueAt: 0,
    now: 0,
    ...change,
  };
}

const unknown: Outcome = { verb: 'retry', reason: 'timeout', ambiguous: true, detail: 'no answer' };
const refused: Outcome = {
  verb: 'retry',
  reason: 'server_error',
  ambiguous: false,
  detail: 'HTTP 503',
};

test.each([true, false])(
  'a page that arrived says whether an attempt before may have, too: %s',
  (mayHaveArrived) => {
    const plan = planOf(delivered('confirmed'), attempt('pager.trigger', { mayHaveArrived }));
    expect(plan).toMatchObject({ settled: { result: 'delivered', mayHaveArrived } });
  },
);

describe('an outcome nobody knows', () => {
  test('has a page repeated', () => {
    expect(planOf(unknown, attempt('pager.trigger'))).toMatchObject({
      status: 'ambiguous',
      settled: null,
    });
  });
  test('has a message repeated', () => {
    expect(planOf(unknown, attempt('chat.post'))).toMatchObject({
      status: 'ambiguous',
      settled: null,
    });
  });
  test('ends a post: the core looks it up', () => {
    expect(planOf(unknown, attempt('statusPage.publish'))).toMatchObject({
      status: 'done',
      settled: { result: 'ambiguous' },
    });
  });
});

describe('giving up', () => {
  test.each([
    ['pager.acknowledge', 24 * HOUR],
    ['chat.post', HOUR / 2],
  ])('%s after its time is a rejection that the core hears', (name, limit) => {
    const before = attempt(name, { attempt: 50, now: limit - 10 * 60_000 });
    expect(planOf(refused, before)).toMatchObject({ status: 'pending', settled: null });
    expect(planOf(refused, attempt(name, { attempt: 50, now: limit }))).toMatchObject({
      status: 'dead',
      settled: {
        result: 'rejected',
        reason: 'server_error',
        hint: expect.stringContaining('Given up after 50 attempts') as unknown,
      },
    });
  });
});

describe('a public post', () => {
  const rejected = {
    verb: 'reject',
    reason: 'forbidden',
    detail: 'no',
    hint: 'ask',
    ofAddress: false,
  } as const;
  const [SECOND, MINUTE] = [1_000, 60_000];

  test.each([
    ['a minute', 5 * SECOND, MINUTE],
    ['as long as it was refused', 3 * MINUTE, 3 * MINUTE],
    ['five minutes', 6 * HOUR, 5 * MINUTE],
  ])('that is refused is asked for on after %s, and the core hears why', (_, now, waitMs) => {
    expect(planOf(rejected, attempt('statusPage.publish', { now }))).toMatchObject({
      status: 'pending',
      dueAt: now + waitMs,
      settled: { result: 'rejected', reason: 'forbidden' },
      refused: 'forbidden',
    });
  });

  test('that nobody can reach for a day is asked for on as well', () => {
    const late = attempt('statusPage.publish', { attempt: 50, now: 24 * HOUR });
    expect(planOf(refused, late)).toMatchObject({
      status: 'pending',
      dueAt: 24 * HOUR + 5 * MINUTE,
      settled: { result: 'rejected', reason: 'server_error' },
    });
  });

  test('that is not found is looked for at 15, 60, 180 and 300 s, and every five minutes from then on', () => {
    const missing = {
      verb: 'read',
      result: { ok: true, data: { found: false, externalRef: null } },
      by: null,
    } as const;
    const waits = [1, 2, 3, 4, 5, 6].map(
      (number) => planOf(missing, attempt('statusPage.find', { attempt: number })).dueAt / SECOND,
    );
    expect(waits).toEqual([10, 45, 120, 120, 300, 300]);
  });
});

test.each([
  ['a pager that was down for a day', 3_000, null],
  ['a day in which it refused our account', 3_000, 'unauthorized'],
  ['a pause of a day', 1, null],
] as const)(
  'a page is asked for on behind %s: it is wanted as long as it rings nobody',
  (_, tries, was) => {
    let refusedBefore: Attempt['refusedBefore'] = was;
    for (const number of [1, 2, 3]) {
      const now = 30 * HOUR + number * 60_000;
      const late = attempt('pager.trigger', { attempt: tries + number, now, refusedBefore });
      const plan = planOf(refused, late);
      expect(plan).toMatchObject({ status: 'pending', settled: null });
      refusedBefore = plan.refused ?? null;
    }
  },
);

describe('waiting', () => {
  test('never ends before the vendor allows it', () => {
    expect(retryWaitMs({ id: 'a/1/0', name: 'pager.trigger' }, 1, 40_000)).toBe(40_000);
    expect(
      planOf({ ...refused, afterMs: 90_000 }, attempt('pager.trigger', { now: 5 })),
    ).toMatchObject({ dueAt: 90_005 });
  });
  test('is spread by the effect’s id and the attempt, and the same each time', () => {
    const waits = Array.from({ length: 200 }, (_, i) =>
      retryWaitMs({ id: `inc-${i}/1/0`, name: 'pager.trigger' }, 6),
    );
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(24_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(36_000);
    expect(new Set(waits).size).toBeGreaterThan(150);
    expect(retryWaitMs({ id: 'inc-0/1/0', name: 'pager.trigger' }, 6)).toBe(waits[0]);
  });
});

test('a read that finds, does not find, or gets no answer is told as it is', () => {
  const found = (result: Found['result'], by: string | null = null): Found => ({
    verb: 'read',
    result,
    by,
  });
  const data = {
    found: true,
    externalRef: 'Q1',
    status: 'acknowledged',
    by: null,
    saidAt: 5,
  } as const;
  expect(planOf(found({ ok: true, data }, 'ada'), attempt('pager.find'))).toEqual({
    status: 'done',
    dueAt: 0,
    outcome: 'found, acknowledged',
    settled: {
      result: 'read',
      read: { found: true, externalRef: 'Q1', status: 'acknowledged', by: 'ada', saidAt: 5 },
      looks: 1,
      detail: 'found, acknowledged',
    },
  });
  expect(
    planOf(
      found({ ok: true, data: { found: false, externalRef: null } }),
      attempt('statusPage.find'),
    ),
  ).toMatchObject({
    status: 'pending',
    settled: { read: { found: false, status: null }, looks: 1 },
  });
  expect(
    planOf(found({ ok: false, reason: 'timeout', detail: 'no answer' }), attempt('pager.find')),
  ).toMatchObject({
    status: 'done',
    settled: { result: 'read', read: null },
  });
});

describe('where a person sees it at the vendor', () => {
  test.each([
    ['https://stspg.example/7', 'https://stspg.example/7'],
    ['javascript:alert(1)', null],
    [`https://stspg.example/${'7'.repeat(2_000)}`, null],
    [undefined, null],
  ])('%s is %s to the core: only addresses of the web reach people', (url, heard) => {
    const outcome = delivered('confirmed', { externalRef: 'x', url });
    expect(planOf(outcome, attempt('statusPage.publish'))).toMatchObject({
      settled: { result: 'delivered', url: heard },
    });
  });
});

describe('a refusal is of the address only where the vendor says so, whatever its reason', () => {
  test.each([undefined, false, true])('%s', (ofAddress) => {
    for (const reason of ['unauthorized', 'not_found', 'invalid_request', 'conflict'] as const) {
      const said = ofAddress === undefined ? {} : { ofAddress };
      const outcome: Outcome = { verb: 'reject', reason, detail: 'no', hint: 'ask', ...said };
      const ofAccount = ofAddress !== true;
      expect(planOf(outcome, attempt('pager.trigger'))).toMatchObject({ settled: { ofAccount } });
      for (const ended of ['pager.acknowledge', 'pager.resolve'] as const)
        expect(planOf(outcome, attempt(ended)).status).toBe(ofAccount ? 'pending' : 'dead');
    }
  });
});

describe('a page that is refused to our account', () => {
  const denied = (reason: 'unauthorized' | 'forbidden' = 'unauthorized'): Outcome => ({
    verb: 'reject',
    reason,
    detail: 'HTTP 401',
    hint: 'renew it',
  });

  test('is told of once, and again for another reason', () => {
    const first = planOf(denied(), attempt('pager.trigger'));
    expect(first).toMatchObject({ status: 'pending', settled: { ofAccount: true } });
    const refusedBefore = first.refused ?? null;
    const again = planOf(denied(), attempt('pager.trigger', { attempt: 2, refusedBefore }));
    expect(again).toMatchObject({ status: 'pending', settled: null, outcome: first.outcome });
    expect(
      planOf(denied('forbidden'), attempt('pager.trigger', { attempt: 2, refusedBefore })).settled,
    ).toMatchObject({ reason: 'forbidden' });
  });

  test('is asked for within a second at first, then every half minute, and never given up', () => {
    const wait = (tries: number, now: number): number =>
      planOf(denied(), attempt('pager.trigger', { attempt: tries, now })).dueAt - now;
    expect(wait(1, 0)).toBeLessThanOrEqual(1_200);
    for (const [tries, hours] of [
      [40, 1],
      [9_000, 80],
    ] as const) {
      expect(wait(tries, hours * HOUR)).toBeGreaterThanOrEqual(30_000);
      expect(wait(tries, hours * HOUR)).toBeLessThanOrEqual(36_000);
    }
  });

  test.each(['pager.trigger', 'pager.acknowledge', 'pager.resolve'])(
    'says by %s that its pager refuses',
    (name) => expect(planOf(denied(), attempt(name)).refused).toBe('unauthorized'),
  );
});
