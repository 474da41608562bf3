/**
 * Nobody answers.
 *
 * A pump stops at 03:00. Nora is on call and sleeps. After 5 minutes Olav is rung, who stands behind her; 10 minutes later
 * Petra; 15 minutes later Sigrid, who is the last. When she does not answer either, nobody is left: the alarm is said in
 * the channel and rings whom the configuration names for alarms, who is Sigrid as well, every ten minutes and by one page
 * for both, until a person answers. Then everybody's phone is quiet.
 */
import { expect, test } from 'vitest';
import { openStage } from '../support/stage.ts';
import { HARBOUR } from './harbour.ts';

const STEPS = `
  03:00:00 | rang | nora   | watch | pd | high
  03:05:00 | rang | olav   | watch | pd | high
  03:15:00 | rang | petra  | watch | pd | high
  03:30:00 | rang | sigrid | watch | pd | high
  03:40:00 | rang | sigrid | alarm, watch | pd | high
  03:50:00 | rang | sigrid | alarm, watch | pd | high
  04:00:00 | rang | sigrid | alarm, watch | pd | high
`;

test('0, 5, 15, 30 minutes, then the alarm that repeats until a person answers', async () => {
  const stage = await openStage({ yaml: HARBOUR, start: '2026-03-06T03:00:00Z' });

  await stage.at('03:00');
  await stage.alert({ alertname: 'PumpDown', labels: { service: 'pumps' } });
  await stage.at('04:05');
  await stage.answer('nora');
  await stage.at('04:30');

  await stage.timetable(STEPS, { events: ['rang'] });
  const alarms = stage.messages().filter(({ text }) => text.includes('ALARM'));
  expect(alarms.map(({ time }) => time.slice(11, 16))).toEqual(['03:40', '03:50', '04:00']);
  // One acknowledgement reaches every place that rang; the alarm is over, and its page with it.
  const quiet = stage
    .pages()
    .filter(({ time, event }) => time.includes('T04:05:00') && event !== 'rang');
  expect(quiet.map(({ address, event }) => `${address} ${event}`).toSorted()).toEqual([
    'PNORA01 acknowledged',
    'POLAV01 acknowledged',
    'PPETR01 acknowledged',
    'PSIGR01 resolved',
  ]);
}, 30_000);

test.each(['stop', 'crash'] as const)(
  'a %s of Tocsin in the middle changes nothing',
  async (how) => {
    const stage = await openStage({ yaml: HARBOUR, start: '2026-03-06T03:00:00Z' });

    await stage.at('03:00');
    await stage.alert({ alertname: 'PumpDown', labels: { service: 'pumps' } });
    await stage.at('03:12');
    await stage.restart(how);
    await stage.at('03:45');
    await stage.restart(how);
    await stage.at('04:05');

    await stage.timetable(STEPS, { events: ['rang'] });
    await stage.timetable('', { events: ['repeated'] });
  },
  30_000,
);
