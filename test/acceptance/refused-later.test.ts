/**
 * Taken, and refused when it is worked off.
 *
 * A tram line stops at eight. Opsgenie answers 202 to the page for the driver and finds a moment later that it knows no
 * such user; whoever asks what became of the request is told so. Nobody waits for a phone that will not ring: the herald,
 * who is next, is rung as soon as that is read, and everybody reads why.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { bothPagers } from './theirs.ts';
import { inThreeSteps, rangAt, trams, trusting } from './trams.ts';

const atOpsgenie = (yaml: string): string =>
  bothPagers(inThreeSteps(yaml)).replace(
    'driver: {pagerduty: {name: Driver, id: PDRIVER}, ',
    'driver: {',
  );

const REASON = 'No responder of the request was found';

async function stopped(edit: (yaml: string) => string): Promise<Stage> {
  const stage = await trams(edit);
  stage.fault({ target: 'og', method: 'POST', path: '/v2/alerts', fault: '202-but-rejected' });
  await stage.alert({ alertname: 'LineStopped' });
  return stage;
}

test('the next one is rung as soon as Opsgenie tells, and whoever reads it is told why', async () => {
  const stage = await stopped(atOpsgenie);
  await stage.at('9s');
  expect(rangAt(stage)).toContain('08:00:05 PHERALD');
  const changes = (await stage.events()).filter(({ type }) => type === 'RingChanged');
  expect(changes).toContainEqual(
    expect.objectContaining({
      status: 'failed',
      detail: expect.stringContaining(REASON) as string,
    }),
  );
  const shown = await stage.api('boss', 'GET /api/v1/incidents/inc-1');
  expect(shown.text).toContain(`refused: ${REASON}`);
});

test('the phone at the other pager rings as soon as Opsgenie tells', async () => {
  const stage = await stopped((yaml) =>
    bothPagers(trusting(yaml))
      .replace(/driver: {(pagerduty: {.*?}), (opsgenie: .*?)}/, 'driver: {$2, $1}')
      .replace('severity: bad, trusted: true', 'severity: bad'),
  );
  await stage.at('9s');
  expect(rangAt(stage)).toEqual(['08:00:05 PDRIVER']);
});
