/** The imaginary vendor's own test, as each adapter has one: it runs here, and where a test adds the vendor. */
import { expect, test } from 'vitest';
import { hmac, Secret } from '../../src/contract/index.ts';
import { adapterConformance } from '../../test/conformance/adapter.ts';
import { ofModel } from '../../test/conformance/of-model.ts';
import { asPlayed, pointedAt } from '../../test/conformance/played.ts';
import { answered, fakeIo } from '../../test/support/io.ts';
import { chat, config, model, source } from './model.ts';
import { modelStandIn } from './stand-in.ts';

adapterConformance({ ...ofModel, adapter: model, folder: new URL('.', import.meta.url) });

test('the vendor’s own signature is taken, and none of another body', () => {
  const at = 1_768_467_600_000;
  const sign = (text: string): string =>
    hmac('sha256', 'whsec', String(at), new TextEncoder().encode(text)).toString('hex');
  const verified = (signature: string): boolean =>
    source.verify(
      {
        path: '/',
        headers: { 'x-time': String(at), 'x-signature': signature },
        body: new TextEncoder().encode('{"key":"a"}'),
      },
      { secrets: [new Secret('whsec')] },
      at,
    ).ok;
  expect(verified(sign('{"key":"a"}'))).toBe(true);
  expect(verified(sign('{"key":"b"}'))).toBe(false);
});

test('a message is on the channel that it is for, and who has no token posts nothing', async () => {
  const posted = async (token: string) => {
    let played = modelStandIn.initial({ target: { token: 'right' } } as never);
    const { io } = fakeIo(
      config.parse(pointedAt(modelStandIn, { token: new Secret(token) })),
      (request) => {
        const step = modelStandIn.handle(played, asPlayed(request), 0);
        played = step.state;
        return answered(step.response.status, step.response.body);
      },
    );
    const order = { idempotencyKey: 'k', deadline: 1, channel: 'ops', text: 'Hi', thread: null };
    return chat.post(order, io);
  };
  expect(await posted('right')).toMatchObject({ verb: 'delivered', externalRef: 'm1' });
  expect(await posted('wrong')).toMatchObject({ verb: 'reject' });
});
