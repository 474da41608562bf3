/** What a page at Opsgenie is that was promised and never made. */
import { expect, test } from 'vitest';
import { Secret } from '../../src/contract/index.ts';
import type { PageOrder } from '../../src/contract/index.ts';
import { answered, fakeIo, inTurn } from '../../test/support/io.ts';
import { targetConfig } from './config.ts';
import { pager } from './pager.ts';

const promised: PageOrder = {
  idempotencyKey: 'inc-7/4/0',
  deadline: 1_768_468_000_000,
  key: 'tocsin/i1/inc-7/p1',
  address: { user: 'rosa@example.com' },
  urgency: 'high',
  severity: null,
  title: 'The crane stands still',
  body: '',
  origin: 'crane',
  links: [],
  externalRef: 'request:r-1',
};

test.each([
  [
    'Responder user [ada@example.com] not found',
    { refused: 'Responder user [ada@example.com] not found' },
  ],
  ['Failed', {}],
])('a page whose request Opsgenie could not carry out rang nobody: "%s"', async (status, why) => {
  const notDone = { data: { isSuccess: false, success: false, status, alertId: '' } };
  const fake = fakeIo(
    targetConfig.parse({ api_key: new Secret('k') }),
    inTurn(answered(200, notDone), answered(404, { message: 'Alert not found' })),
  );
  expect(await pager.find?.(promised, fake.io)).toEqual({
    ok: true,
    data: { found: false, externalRef: null, status: null, by: null, ...why },
  });
  expect(fake.requests.map(({ url }) => new URL(url).search)).toEqual([
    '',
    '?identifierType=alias',
  ]);
});

test('a page whose request Opsgenie is still working off is not refused', async () => {
  const inWork = { data: { status: 'Responder user [ada@example.com] is looked up', alertId: '' } };
  const fake = fakeIo(
    targetConfig.parse({ api_key: new Secret('k') }),
    inTurn(answered(200, inWork), answered(404, { message: 'Alert not found' })),
  );
  expect(await pager.find?.(promised, fake.io)).toEqual({
    ok: true,
    data: { found: false, externalRef: null, status: null, by: null },
  });
});

test('an address that says more than what was taken over is no adopted alert: it is closed by the alias of our own', async () => {
  for (const [address, where] of [
    [{ adopted: 'a-1' }, '/a-1/close?identifierType=id'],
    [{ adopted: 'a-1', user: 'rosa@example.com' }, '/close?identifierType=alias'],
  ] as const) {
    const fake = fakeIo(
      targetConfig.parse({ api_key: new Secret('k') }),
      inTurn(answered(202, { requestId: 'r-2' })),
    );
    await pager.resolve({ ...promised, address }, fake.io);
    expect(fake.requests.map(({ url }) => url)).toEqual([expect.stringContaining(where)]);
  }
});

test('a note beside what was taken over is looked for and written under the id of the alert', async () => {
  const fake = fakeIo(
    targetConfig.parse({ api_key: new Secret('k') }),
    inTurn(
      answered(200, { data: [{ note: 'Another one.' }] }),
      answered(202, { requestId: 'r-2' }),
    ),
  );
  const order = { ...promised, address: { adopted: 'a-1' }, body: 'More by now.' };
  expect(await pager.note?.(order, fake.io)).toMatchObject({ verb: 'retry', afterMs: 2_000 });
  for (const { url } of fake.requests)
    expect(url).toMatch(/\/v2\/alerts\/a-1\/notes\?identifierType=id\b/);
});

test.each([
  ['cannot be read now', answered(503, {}), { verb: 'retry', reason: 'server_error' }],
  ['may not be read', answered(403, {}), { verb: 'reject', reason: 'forbidden' }],
])('a note that %s is not written, and does not count', async (_, answer, outcome) => {
  const fake = fakeIo(targetConfig.parse({ api_key: new Secret('k') }), inTurn(answer));
  expect(await pager.note?.(promised, fake.io)).toMatchObject(outcome);
  expect(fake.requests.map(({ method }) => method)).toEqual(['GET']);
});
