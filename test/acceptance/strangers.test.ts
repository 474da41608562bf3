/**
 * Strangers.
 *
 * A tram line stops at eight and the boss's phone rings. Somebody who knows the address of our webhooks, but no secret,
 * posts there again and again. It rings nobody, opens nothing and changes no page; whoever looks after Tocsin reads of it
 * in the channel, and sees it where Tocsin says how it is.
 */
import { expect, test } from 'vitest';
import { alertmanagerBody } from '../support/bodies.ts';
import { trams, trusting } from './trams.ts';

test('requests without credentials ring nobody, change no page, and are said in the channel', async () => {
  const stage = await trams(trusting);
  await stage.alert({ alertname: 'LineStopped' });
  await stage.advance('1s');
  const before = { rings: await stage.rings(), pages: (await stage.incident()).pages };
  for (let n = 0; n < 5; n += 1) {
    const forged = alertmanagerBody({ alertname: 'LineStopped', status: 'resolved' });
    const answer = await stage.deliver('prometheus', forged, { authorization: 'Bearer guessed' });
    expect(answer.status).toBe(401);
    await stage.advance('1s');
  }
  await stage.at('2m');

  expect(await stage.incidents(), 'no incident about them').toHaveLength(1);
  expect(await stage.rings()).toEqual(before.rings);
  expect((await stage.incident()).pages).toEqual(before.pages);
  const said = () =>
    stage.messages().flatMap(({ text }) => (text.includes('refused') ? [text] : []));
  expect(said()).toEqual([
    expect.stringMatching(
      /^3 deliveries of prometheus within a minute were refused: .*Nobody is rung about it\.$/,
    ),
  ]);
  const { json } = await stage.api('boss', 'GET /api/v1/health');
  expect(json).toMatchObject({ refused: [{ source: 'prometheus', count: 5 }] });

  await stage.at('20m');
  expect(said().at(-1)).toBe('No delivery of prometheus was refused for 15 minutes; 5 were.');
  expect((await stage.api('boss', 'GET /api/v1/health')).json).toMatchObject({ refused: [] });
}, 30_000);
