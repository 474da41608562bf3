/** Which page is read back, who answered it, and what PagerDuty's odd answers come to. */
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/contract/index.ts';
import type { PageOrder } from '../../src/contract/index.ts';
import { answered, fakeIo, inTurn } from '../../test/support/io.ts';
import type { Respond } from '../../test/support/io.ts';
import { config } from './config.ts';
import { responderKeyOf } from './keys.ts';
import { pager } from './pager.ts';
import { poll } from './poll.ts';

const byKey: PageOrder = {
  idempotencyKey: 'inc-7/4/0',
  deadline: 1_768_468_000_000,
  key: 'tocsin/i1/inc-7/p1',
  address: {
    service: { name: 'Crane', id: 'PCRANE1' },
    key: new Secret('0f3c2b1a9e8d7c6b5a49382716050403'),
  },
  urgency: 'high',
  severity: null,
  title: 'The crane stands still',
  body: '',
  origin: 'crane',
  links: [],
  externalRef: null,
};
const toPerson: PageOrder = { ...byKey, address: { user: { name: 'Rosa', id: 'PROSA01' } } };

function io(respond: Respond): ReturnType<typeof fakeIo<ReturnType<typeof config.parse>>> {
  const target = {
    token: new Secret('t'),
    from: 'tocsin@example.com',
    people_service: { name: 'People', id: 'PPEOPLE' },
  };
  return fakeIo(config.parse(target), respond);
}

const incident = (id: string, more: object = {}): object => ({
  id,
  status: 'triggered',
  incident_key: byKey.key,
  ...more,
});
const acknowledgedAt = (time: string, id: string): object => ({
  at: `2026-03-02T09:${time}:00Z`,
  acknowledger: { id, type: 'user_reference', summary: id },
});

const asking = (id: string): object => ({
  responder_request_targets: [{ responder_request_target: { id } }],
});

describe('an event', () => {
  test('that another 2xx answers than PagerDuty’s own is in doubt, not delivered', async () => {
    for (const status of [200, 201, 204])
      expect(await pager.trigger(byKey, io(inTurn(answered(status))).io)).toMatchObject({
        verb: 'retry',
        ambiguous: true,
      });
    expect(await pager.trigger(byKey, io(inTurn(answered(202))).io)).toMatchObject({
      verb: 'delivered',
      receipt: 'accepted',
    });
  });

  test('that is refused as wrong is not tried again, and the key is suspected', async () => {
    const refused = answered(400, { status: 'invalid event', message: 'Event object is invalid' });
    expect(await pager.trigger(byKey, io(inTurn(refused)).io)).toMatchObject({
      verb: 'reject',
      reason: 'invalid_request',
      hint: expect.stringContaining('integration key') as string,
    });
  });

  test.each([
    ['Invalid routing key', true],
    ["Length of 'routing_key' is incorrect (should be 32 characters)", true],
    ["'payload.summary' is missing or blank", false],
  ])('that is refused for "%s": it is the address: %s', async (error, ofAddress) => {
    const refused = answered(400, { status: 'invalid event', message: 'No', errors: [error] });
    const outcome = await pager.trigger(byKey, io(inTurn(refused)).io);
    expect(outcome).toMatchObject({ verb: 'reject', ofAddress });
  });
});

const gone = answered(404, { error: { message: 'Not Found', code: 2100 } });
const nothing = { ok: true, data: { found: false } };

describe('a page that is read back', () => {
  const sought: PageOrder = { ...toPerson, externalRef: 'QLOST' };
  const seek = (order: PageOrder, ...answers: Parameters<typeof inTurn>) =>
    pager.find?.(order, io(inTurn(...answers)).io);

  test('is not there where PagerDuty knows neither its id nor its key, whatever it promised', async () => {
    expect(await seek(sought, gone, answered(200, { incidents: [] }))).toMatchObject(nothing);
  });

  test('is found by its key where its id leads nowhere', async () => {
    const found = await seek(sought, gone, answered(200, { incidents: [incident('QNEW')] }));
    expect(found).toMatchObject({ ok: true, data: { found: true, externalRef: 'QNEW' } });
  });

  test('is not the incident of somebody else that bears its id', async () => {
    const theirs = { incident: incident('QLOST', { incident_key: 'somebody else’s' }) };
    expect(
      await seek(sought, answered(200, theirs), answered(200, { incidents: [] })),
    ).toMatchObject(nothing);
  });

  test('is not gone because PagerDuty does not answer', async () => {
    expect(await seek(sought, answered(503))).toMatchObject({ ok: false, reason: 'server_error' });
  });

  test('and was only taken over is not looked for by a key that is not ours', async () => {
    const adopted: PageOrder = { ...sought, key: 'monit', address: { adopted: 'QLOST' } };
    expect(await seek(adopted, gone)).toMatchObject(nothing);
  });

  test.each([
    [
      'was asked by name',
      { responder_requests: [asking('PROSA01')], incidents_responders: [] },
      true,
    ],
    ['was never asked', { responder_requests: [], incidents_responders: [] }, false],
    ['is not told of', {}, true],
  ])('as a responder who %s', async (_, more, isFound) => {
    const responder = { responder: { name: 'Rosa', id: 'PROSA01', type: 'user' } };
    const carrier = {
      incident: incident('QLOST', {
        incident_key: responderKeyOf(byKey.key),
        status: 'acknowledged',
        ...more,
      }),
    };
    expect(await seek({ ...sought, address: responder }, answered(200, carrier))).toMatchObject({
      ok: true,
      data: { found: isFound },
    });
  });

  test('is the open one under its key, although a resolved one is younger', async () => {
    const incidents = [
      incident('QYOUNG', { status: 'resolved' }),
      incident('QOPEN'),
      incident('QOLD', { status: 'resolved' }),
    ];
    expect(await pager.find?.(toPerson, io(inTurn(answered(200, { incidents }))).io)).toMatchObject(
      { data: { found: true, externalRef: 'QOPEN', status: 'triggered' } },
    );
  });

  test('is the youngest where none is open', async () => {
    const incidents = [
      incident('QYOUNG', { status: 'resolved' }),
      incident('QOLD', { status: 'resolved' }),
    ];
    expect(await pager.find?.(toPerson, io(inTurn(answered(200, { incidents }))).io)).toMatchObject(
      { data: { externalRef: 'QYOUNG', status: 'resolved' } },
    );
  });

  test('and was merged away into one that was merged itself is where that went', async () => {
    const merged = (id: string, into: string) =>
      answered(200, {
        incident: incident(id, {
          status: 'resolved',
          resolve_reason: { type: 'merge_resolve_reason', incident: { id: into } },
        }),
      });
    const fake = io(
      inTurn(
        merged('QGONE', 'QNEXT'),
        merged('QNEXT', 'QINTO'),
        answered(200, { incident: incident('QINTO') }),
      ),
    );
    expect(await pager.find?.({ ...toPerson, externalRef: 'QGONE' }, fake.io)).toMatchObject({
      data: { externalRef: 'QINTO', status: 'triggered' },
    });
  });

  test('and was merged into one that PagerDuty does not name is neither answered nor over', async () => {
    const merged = incident('QGONE', {
      status: 'resolved',
      last_status_change_by: { id: 'PBEN001', type: 'user_reference' },
      resolve_reason: { type: 'merge_resolve_reason', incident: null },
    });
    const fake = io(inTurn(answered(200, { incident: merged })));
    expect(await pager.find?.({ ...toPerson, externalRef: 'QGONE' }, fake.io)).toMatchObject({
      ok: false,
      reason: 'not_found',
    });
  });

  test.each([
    ['since it was opened', '2026-01-15T08:00:00Z', null],
    ['again', '2026-01-15T08:05:00Z', Date.UTC(2026, 0, 15, 8, 5)],
  ])('and has rung %s says since when it rings again', async (_, changed, saidAt) => {
    const found = incident('Q1', {
      status: 'triggered',
      created_at: '2026-01-15T08:00:00Z',
      last_status_change_at: changed,
    });
    const fake = io(inTurn(answered(200, { incident: found })));
    expect(await pager.find?.({ ...toPerson, externalRef: 'Q1' }, fake.io)).toMatchObject({
      data: { status: 'triggered', saidAt },
    });
  });

  test('and was merged away is where it went, which still rings', async () => {
    const merged = incident('QGONE', {
      status: 'resolved',
      resolve_reason: { type: 'merge_resolve_reason', incident: { id: 'QINTO' } },
    });
    const fake = io(
      inTurn(answered(200, { incident: merged }), answered(200, { incident: incident('QINTO') })),
    );
    expect(await pager.find?.({ ...toPerson, externalRef: 'QGONE' }, fake.io)).toMatchObject({
      data: { found: true, externalRef: 'QINTO', status: 'triggered', by: null },
    });
  });

  test('was answered by whoever acknowledged last', async () => {
    const both = [acknowledgedAt('10', 'PROSA01'), acknowledgedAt('20', 'PBEN001')];
    for (const acknowledgements of [both, both.toReversed()]) {
      const one = incident('Q1', { status: 'acknowledged', acknowledgements });
      const fake = io(inTurn(answered(200, { incident: one })));
      expect(await pager.find?.({ ...toPerson, externalRef: 'Q1' }, fake.io)).toMatchObject({
        data: {
          status: 'acknowledged',
          by: { id: 'PBEN001' },
          saidAt: expect.any(Number) as number,
        },
      });
    }
  });
});

test.each([
  [429, 'retry'],
  [503, 'retry'],
  [401, 'reject'],
])('a resolve whose incident is asked for and answered %i: %s', async (status, verb) => {
  expect(await pager.resolve(toPerson, io(inTurn(answered(status))).io)).toMatchObject({ verb });
});

test.each([
  ['cannot be read now', answered(503), { verb: 'retry', reason: 'server_error' }],
  ['may not be read', answered(403), { verb: 'reject', reason: 'forbidden' }],
])('a note that %s is not written, and does not count', async (_, answer, outcome) => {
  const fake = io(inTurn(answered(200, { incidents: [incident('Q1')] }), answer));
  expect(await pager.note?.(toPerson, fake.io)).toMatchObject(outcome);
  expect(fake.requests.map(({ method }) => method)).toEqual(['GET', 'GET']);
});

test('a note that PagerDuty took and shows to nobody now is looked for again', async () => {
  const incidents = answered(200, { incidents: [incident('Q1')] });
  const taken = answered(201, { note: { id: 'PNOTE1' } });
  const fake = io(inTurn(incidents, answered(200, { notes: [] }), taken, answered(503)));
  expect(await pager.note?.(toPerson, fake.io)).toMatchObject({
    verb: 'retry',
    reason: 'server_error',
    ambiguous: true,
  });
});

test('after an outage our own acknowledgement of the incident that carries a request is no answer', async () => {
  const entry = (type: string, key: string): object => ({
    type,
    created_at: '2026-01-15T08:00:00Z',
    agent: { id: 'PROSA01', type: 'user_reference', summary: 'Rosa' },
    incident: incident(`Q-${key}`, { incident_key: key }),
  });
  const log_entries = [
    entry('acknowledge_log_entry', responderKeyOf('carried')),
    entry('resolve_log_entry', responderKeyOf('carried')),
    entry('acknowledge_log_entry', 'page'),
  ];
  const told = await poll.since(0, io(inTurn(answered(200, { log_entries, more: false }))).io);
  const actions = (told.ok ? told.data : []).flatMap((one) =>
    one.kind === 'vendor_incident' ? [`${one.action} ${one.key ?? ''}`] : [],
  );
  expect(new Set(actions)).toEqual(new Set(['acknowledged page', 'resolved carried']));
});
