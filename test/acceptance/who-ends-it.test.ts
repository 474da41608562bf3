/**
 * Who ends what rings for two.
 *
 * Line 1 stops, and PagerDuty carries out late what it is asked, with no answer in time. Three seconds later line 2 stops,
 * whose page joins that ring. Then one after the other is answered, or over, in any order. What was sent for the one is
 * dropped while the other is wanted by the same ring; so whoever lets go of it last, or is the last to be over, owes
 * PagerDuty the word, and so does whoever finds it ringing for nobody.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { atPagerDuty, bothPagers } from './theirs.ts';
import { trams, trusting } from './trams.ts';

// Simulated minutes pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

/** Two lines with one driver, whose phone is at PagerDuty; it tells nothing by itself. */
const onePager = (yaml: string): string =>
  trusting(yaml)
    .replace(/\n {2}calls: .*/, '')
    .replace('  line-1: {', '  line-2: {on_call: driver}\n  line-1: {')
    .replace('service: line-1, severity: bad, trusted: true', 'group_by: [service], severity: bad')
    .replace('declare: {by: [person, acknowledgement, trusted_rule]}', 'declare: {by: [person]}');

/** The driver has a phone at Opsgenie as well. */
const twoPagers = (yaml: string): string =>
  bothPagers(onePager(yaml)).replace(/\n {2}genie: .*/, '');

/** PagerDuty tells of what happens there. */
const heard = (yaml: string): string =>
  onePager(yaml).replace(
    '\ntargets:',
    '\n  calls: {type: pagerduty, secret: "${HOOK}", target: pd}\ntargets:',
  );

const stops = (line: number) => ({ alertname: 'LineStopped', labels: { service: `line-${line}` } });

const posts = { target: 'pd', method: 'POST', path: '/api/incidents' } as const;
const answeredBadly = { ...posts, fault: '5xx-but-done', doneAfterMs: 40_000 } as const;
const slowly = { ...posts, fault: 'slow', delayMs: 40_000 } as const;

/** What PagerDuty is asked for in so many seconds comes late, and line 2 joins line 1. */
async function bothStop(
  edit: (yaml: string) => string,
  fault: Parameters<Stage['fault']>[0],
  seconds: number,
): Promise<Stage> {
  const stage = await trams(edit);
  stage.fault({ ...fault, until: stage.clock.now() + seconds * 1_000 });
  await stage.alert(stops(1));
  await stage.at('3s');
  await stage.alert(stops(2));
  return stage;
}

const ENDS = {
  'false-positive': { who: 'boss', body: { reason: 'a drill' } },
  acknowledge: { who: 'driver', body: {} },
} as const;

async function end(stage: Stage, verb: keyof typeof ENDS, n: number): Promise<void> {
  await stage.act(ENDS[verb].who, { verb, n }, ENDS[verb].body);
}

/** How everything that is not over at PagerDuty stands there. */
async function openThere(stage: Stage): Promise<readonly string[]> {
  const query = 'statuses[]=triggered&statuses[]=acknowledged';
  const { json } = await atPagerDuty(stage, `/incidents?${query}`, { method: 'GET' });
  const { incidents } = json as { readonly incidents: readonly { readonly status: string }[] };
  return incidents.map(({ status }) => status).toSorted();
}

/** What rang at Opsgenie last, and how it stands. */
function ringingAtOpsgenie(stage: Stage): readonly string[] {
  const there = stage.pages().filter(({ target }) => target === 'og');
  const last = new Map(there.map(({ ref, event }) => [ref, event]));
  return [...last.values()].filter((event) => event === 'rang');
}

const ORDERS = [
  ['both in the same moment', [6, 1], [6, 2]],
  ['line 1 first, line 2 after half a minute', [6, 1], [30, 2]],
  ['line 2 first, line 1 after half a minute', [6, 2], [30, 1]],
  ['line 1 first, line 2 after four minutes', [6, 1], [240, 2]],
  ['line 2 first, line 1 after four minutes', [6, 2], [240, 1]],
] as const;

const BADLY = 'answers 504 for eight seconds and is done 40 s later';

describe.each([
  ['one pager', BADLY, { edit: onePager, fault: answeredBadly, seconds: 8 }],
  ['two pagers', BADLY, { edit: twoPagers, fault: answeredBadly, seconds: 8 }],
  ['a pager that tells', BADLY, { edit: heard, fault: answeredBadly, seconds: 8 }],
  [
    'one pager',
    'answers 504 for a minute and is done 40 s later',
    { edit: onePager, fault: answeredBadly, seconds: 60 },
  ],
  [
    'one pager',
    'takes 40 s for what it is asked in eight seconds',
    { edit: onePager, fault: slowly, seconds: 8 },
  ],
])('with %s, PagerDuty %s:', (_pagers, _how, { edit, fault, seconds }) => {
  test.each(ORDERS)('%s', async (_order, ...ends) => {
    for (const verb of ['false-positive', 'acknowledge'] as const) {
      const stage = await bothStop(edit, fault, seconds);
      for (const [at, n] of ends) {
        await stage.at(`${at}s`);
        await end(stage, verb, n);
      }
      await stage.at('12m');
      const left = await openThere(stage);
      expect(left.filter((one) => verb !== 'acknowledge' || one === 'triggered')).toEqual([]);
      expect(ringingAtOpsgenie(stage)).toEqual([]);
      await stage.close();
    }
  });
});

test('line 1 answered, the phone rings for line 2, which is written there, until that is answered too', async () => {
  const stage = await bothStop(onePager, answeredBadly, 8);
  await stage.at('6s');
  await end(stage, 'acknowledge', 1);
  await stage.at('2m');
  const { pages } = await stage.incident(2);
  expect(pages['p1']).toMatchObject({ state: 'open', rings: [{ status: 'joined' }] });
  expect(await openThere(stage)).toEqual(['triggered']);
  await end(stage, 'acknowledge', 2);
  await stage.at('3m');
  expect(await openThere(stage)).toEqual(['acknowledged']);
});

test('what rings for line 2 alone goes on ringing while line 1 is found over, however often PagerDuty is asked', async () => {
  const stage = await bothStop(onePager, slowly, 8);
  await stage.at('6s');
  await end(stage, 'false-positive', 1);
  await stage.at('4m50s');
  expect(await openThere(stage)).toEqual(['triggered']);
  const said = (await stage.events(1)).filter(({ type }) => type === 'RingChanged');
  expect(said.length).toBeLessThan(4);
});
