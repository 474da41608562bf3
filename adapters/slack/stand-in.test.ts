import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/contract/index.ts';
import type {
  Http,
  Io,
  StandInRequest,
  StandInResponse,
  StandInSeed,
  Truth,
} from '../../src/contract/index.ts';
import { fakeIo, TEST_NOW, unasked } from '../../test/support/io.ts';
import { config } from './api.ts';
import type { Config } from './api.ts';
import { archiveRoom, invite, openRoom, pin, post, setTopic } from './chat.ts';
import { check } from './doctor.ts';
import { slackStandIn } from './stand-in.ts';

const seed: StandInSeed = {
  target: { bot_token: 'xoxb-1' },
  addresses: [],
  contacts: ['U01', 'U02'],
  components: [],
  channels: ['#incidents', 'C0STATUS', 'incidents', 'U01'],
  schedules: [],
  webhookSecret: null,
  webhookHeaders: {},
};

/** A played workspace: what was asked of it so far is its state. */
function playedWorkspace() {
  let state = slackStandIn.initial(seed);
  const truth: Truth[] = [];
  const request = (
    request: Partial<StandInRequest> & { readonly path: string },
    now = TEST_NOW,
  ): StandInResponse => {
    const headers = { authorization: 'Bearer xoxb-1', 'content-type': 'application/json' };
    const step = slackStandIn.handle(
      state,
      { method: 'POST', query: {}, headers, body: '{}', ...request },
      now,
    );
    state = step.state;
    truth.push(...step.truth);
    return step.response;
  };
  const ask = (method: string, json: object, now = TEST_NOW) =>
    request({ path: `/api/${method}`, body: JSON.stringify(json) }, now).body;
  return { ask, request, truth };
}

/** The adapter's door, opening on the played workspace. */
function ioOf(workspace: ReturnType<typeof playedWorkspace>): Io<Config> {
  const http: Http = {
    send: async ({ url, method, headers, json }) => {
      const path = url.replace('http://stand-in.example', '');
      const {
        status,
        body,
        headers: answered,
      } = workspace.request({
        path,
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(json),
      });
      return { kind: 'answered', status, headers: answered ?? {}, text: JSON.stringify(body) };
    },
  };
  const raw = { bot_token: new Secret('xoxb-1'), base_url: 'http://stand-in.example/api' };
  return { ...fakeIo(config.parse(raw), unasked).io, http };
}

const base = { idempotencyKey: 'k', deadline: TEST_NOW + 60_000 };

describe('the adapter and the played workspace agree', () => {
  test('a room is opened, named, filled, written to, pinned and archived, and repeating changes nothing', async () => {
    const workspace = playedWorkspace();
    const io = ioOf(workspace);
    const opened = await openRoom({ ...base, name: 'Inc Checkout' }, io);
    expect(opened).toMatchObject({ verb: 'delivered', externalRef: 'C00000003' });
    const room = 'C00000003';
    const message = await post({ ...base, channel: room, text: 'a < b & c', thread: null }, io);
    const ref = message.verb === 'delivered' ? (message.externalRef ?? '') : '';
    expect(ref).toMatch(/^C00000003:\d+\.\d{6}$/);
    for (let time = 0; time < 2; time += 1) {
      expect(await setTopic({ ...base, room, topic: 'SEV2' }, io)).toMatchObject({
        verb: 'delivered',
      });
      expect(await invite({ ...base, room, users: ['U01', 'U02'] }, io)).toMatchObject({
        verb: 'delivered',
      });
      expect(await pin({ ...base, room, message: ref }, io)).toMatchObject({ verb: 'delivered' });
    }
    expect(await post({ ...base, channel: room, text: 'more', thread: ref }, io)).toMatchObject({
      verb: 'delivered',
    });
    for (let time = 0; time < 2; time += 1)
      expect(await archiveRoom({ ...base, room }, io)).toMatchObject({ verb: 'delivered' });
    expect(await post({ ...base, channel: room, text: 'late', thread: null }, io)).toMatchObject({
      verb: 'reject',
      reason: 'conflict',
    });
    expect(workspace.truth).toMatchObject([
      { event: 'room_opened', channel: 'inc-checkout', ref: room },
      { event: 'posted', channel: 'inc-checkout', text: 'a < b & c' },
      { event: 'topic_set', channel: 'inc-checkout', text: 'SEV2' },
      { event: 'invited', channel: 'inc-checkout', text: 'U01, U02' },
      { event: 'pinned', channel: 'inc-checkout' },
      { event: 'topic_set', channel: 'inc-checkout', text: 'SEV2' },
      { event: 'posted', channel: 'inc-checkout', text: 'more' },
      { event: 'archived', channel: 'inc-checkout' },
    ]);
  });
  test('a second room of the name gets a number', async () => {
    const workspace = playedWorkspace();
    const io = ioOf(workspace);
    for (let time = 0; time < 3; time += 1) await openRoom({ ...base, name: 'inc' }, io);
    expect(workspace.truth.map((one) => one.kind === 'message' && one.channel)).toEqual([
      'inc',
      'inc-2',
      'inc-3',
    ]);
  });
  test.each([
    ['#incidents', 'incidents'],
    ['incidents', 'incidents'],
    ['C0STATUS', 'C0STATUS'],
    ['U02', 'U02'],
  ])('a message to %s is read in %s', async (channel, name) => {
    const workspace = playedWorkspace();
    expect(
      await post({ ...base, channel, text: 'hello', thread: null }, ioOf(workspace)),
    ).toMatchObject({ verb: 'delivered' });
    expect(workspace.truth).toMatchObject([{ event: 'posted', channel: name, text: 'hello' }]);
  });
  test('an unknown channel or person is not found', async () => {
    for (const channel of ['#nowhere', 'U99'])
      expect(
        await post({ ...base, channel, text: 'hello', thread: null }, ioOf(playedWorkspace())),
      ).toMatchObject({ verb: 'reject', reason: 'not_found' });
  });
  test('the eleventh message of a burst waits for a second', async () => {
    const workspace = playedWorkspace();
    const io = ioOf(workspace);
    const once = () => post({ ...base, channel: 'incidents', text: 'hello', thread: null }, io);
    for (let i = 0; i < 10; i += 1) expect(await once()).toMatchObject({ verb: 'delivered' });
    expect(await once()).toMatchObject({ verb: 'retry', reason: 'rate_limited', afterMs: 1000 });
    expect(workspace.truth).toHaveLength(10);
    expect(
      workspace.ask('chat.postMessage', { channel: 'incidents', text: 'x' }, TEST_NOW + 1000),
    ).toMatchObject({ ok: true });
    expect(
      workspace.request(
        { path: '/api/chat.postMessage', body: '{"channel":"incidents","text":"x"}' },
        TEST_NOW + 1000,
      ).status,
    ).toBe(429);
  });
  test('the doctor is content with the played token', async () => {
    expect(await check({}, ioOf(playedWorkspace()))).toMatchObject([
      { level: 'ok', what: 'bot_token belongs to tocsin in Stand-in' },
    ]);
  });
});

describe('the played workspace is as strict as the vendor', () => {
  const json = { authorization: 'Bearer xoxb-1', 'content-type': 'application/json' };
  test.each([
    ['not_authed', { headers: { 'content-type': 'application/json' } }],
    ['invalid_auth', { headers: { ...json, authorization: 'Bearer other' } }],
    ['invalid_auth', { headers: { ...json, authorization: 'xoxb-1' } }],
    ['json_not_object', { body: '[]' }],
    ['json_not_object', { body: '{' }],
    ['json_not_object', { headers: { ...json, 'content-type': 'text/plain' } }],
    ['unknown_method', { path: '/api/chat.shout' }],
    ['unknown_method', { path: '/chat.postMessage' }],
    ['unknown_method', { method: 'GET' }],
  ])('%s answers %j', (error, request) => {
    expect(playedWorkspace().request({ path: '/api/chat.postMessage', ...request })).toEqual({
      status: 200,
      body: { ok: false, error },
    });
  });
  test.each([
    ['chat.postMessage', 'channel_not_found', { text: 'x' }],
    ['chat.postMessage', 'no_text', { channel: 'incidents' }],
    ['chat.postMessage', 'no_text', { channel: 'incidents', text: ' ' }],
    ['chat.postMessage', 'msg_too_long', { channel: 'incidents', text: 'x'.repeat(40_001) }],
    [
      'chat.postMessage',
      'cannot_reply_to_message',
      { channel: 'incidents', text: 'x', thread_ts: 1.5 },
    ],
    [
      'chat.postMessage',
      'cannot_reply_to_message',
      { channel: 'incidents', text: 'x', thread_ts: '1.000000' },
    ],
    ['conversations.create', 'invalid_name_required', {}],
    ['conversations.create', 'invalid_name_maxlength', { name: 'x'.repeat(81) }],
    ['conversations.create', 'invalid_name_specials', { name: 'Upper' }],
    ['conversations.create', 'invalid_name_specials', { name: 'a.b' }],
    ['conversations.create', 'invalid_name_punctuation', { name: '--' }],
    ['conversations.create', 'name_taken', { name: 'incidents' }],
    ['conversations.setTopic', 'channel_not_found', { channel: 'incidents', topic: 'x' }],
    ['conversations.setTopic', 'invalid_arguments', { channel: 'C00000001' }],
    ['conversations.setTopic', 'too_long', { channel: 'C00000001', topic: 'x'.repeat(251) }],
    ['conversations.invite', 'no_user', { channel: 'C00000001' }],
    ['conversations.invite', 'no_user', { channel: 'C00000001', users: ['U01'] }],
    ['conversations.invite', 'user_not_found', { channel: 'C00000001', users: 'U01, U02' }],
    ['conversations.invite', 'too_many_users', { channel: 'C00000001', users: 'U01,'.repeat(101) }],
    ['pins.add', 'bad_timestamp', { channel: 'C00000001', timestamp: 1548261231.0002 }],
    ['pins.add', 'message_not_found', { channel: 'C00000001', timestamp: '1548261231.000200' }],
    ['conversations.archive', 'channel_not_found', { channel: 'gone' }],
  ] as const)('%s answers %s where it must', (method, error, given) => {
    expect(playedWorkspace().ask(method, given)).toMatchObject({ ok: false, error });
  });
  test('an archived room keeps its name and takes nothing more', () => {
    const workspace = playedWorkspace();
    workspace.ask('conversations.archive', { channel: 'C00000001' });
    expect(workspace.ask('conversations.create', { name: 'incidents' })).toMatchObject({
      error: 'name_taken',
    });
    for (const [method, given] of [
      ['conversations.setTopic', { topic: 'x' }],
      ['conversations.invite', { users: 'U01' }],
      ['pins.add', { timestamp: '1.000000' }],
    ] as const)
      expect(workspace.ask(method, { channel: 'C00000001', ...given })).toMatchObject({
        error: 'is_archived',
      });
    expect(workspace.ask('conversations.archive', { channel: 'C00000001' })).toMatchObject({
      error: 'already_archived',
    });
  });
  test('without force the first refused person stops the invitation', () => {
    const workspace = playedWorkspace();
    expect(
      workspace.ask('conversations.invite', { channel: 'C00000001', users: 'U99,U01' }),
    ).toMatchObject({ error: 'user_not_found' });
    expect(workspace.truth).toEqual([]);
    expect(
      workspace.ask('conversations.invite', {
        channel: 'C00000001',
        users: 'U99,U01',
        force: true,
      }),
    ).toMatchObject({ ok: true, errors: [{ user: 'U99' }] });
    expect(workspace.truth).toMatchObject([{ event: 'invited', text: 'U01' }]);
  });
  test('timestamps are unique within a millisecond', () => {
    const workspace = playedWorkspace();
    for (let i = 0; i < 10; i += 1)
      workspace.ask('chat.postMessage', { channel: 'incidents', text: 'x' });
    expect(new Set(workspace.truth.map((one) => one.kind === 'message' && one.ref)).size).toBe(10);
  });
});
