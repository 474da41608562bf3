import { describe, expect, test } from 'vitest';
import { jsonOf, Secret } from '../../src/contract/index.ts';
import type { HttpAnswer } from '../../src/contract/index.ts';
import { adapterConformance } from '../../test/conformance/adapter.ts';
import type { MethodCase, TargetConformance } from '../../test/conformance/adapter.ts';
import { at } from '../../test/conformance/mutations.ts';
import { answered, fakeIo, inTurn } from '../../test/support/io.ts';
import type { Respond } from '../../test/support/io.ts';
import { config } from './api.ts';
import { archiveRoom, invite, openRoom, pin, post } from './chat.ts';
import { check } from './doctor.ts';
import { slack } from './slack.ts';
import { messageText, roomName, topicText } from './text.ts';

const base = { idempotencyKey: 'inc-7/4/1', deadline: 1_768_468_000_000 };
const message = { ...base, channel: '#incidents', text: 'SEV2 & rising: <checkout>', thread: null };
const room = { ...base, room: 'C0ROOM' };

const ok = (body: object = {}): HttpAnswer => answered(200, { ok: true, ...body });
const no = (error: string, more: object = {}, headers: Record<string, string> = {}): HttpAnswer =>
  answered(200, { ok: false, error, ...more }, headers);
const sent = ok({ channel: 'C0INCIDENTS', ts: '1768467600.000200', message: { text: 'x' } });
const confirmed = { verb: 'delivered', receipt: 'confirmed' };

const methods: readonly MethodCase[] = [
  {
    method: 'chat.post',
    title: 'to a channel',
    args: [message],
    golden: 'post.json',
    respond: inTurn(sent),
    result: { ...confirmed, externalRef: 'C0INCIDENTS:1768467600.000200' },
    limits: [
      {
        text: 'text',
        field: 'json.text',
        limit: 40_000,
        unit: 'utf16',
        samples: ['a', 'é', '🚨', '&', '<b>'],
      },
    ],
  },
  {
    method: 'chat.post',
    title: 'in a thread',
    args: [{ ...message, channel: 'C0INCIDENTS', thread: 'C0INCIDENTS:1768467600.000200' }],
    golden: 'post-thread.json',
    respond: inTurn(sent),
    result: confirmed,
  },
  {
    method: 'chat.openRoom',
    title: 'whose name is taken twice',
    args: [{ ...base, name: '#Inc-2026-01-15 Checkout: Zahlungen für Möbel!' }],
    golden: 'open-room.json',
    respond: inTurn(
      no('name_taken'),
      no('name_taken'),
      ok({ channel: { id: 'C0ROOM', name: 'x' } }),
    ),
    result: { ...confirmed, externalRef: 'C0ROOM' },
    limits: [
      {
        text: 'name',
        field: 'json.name',
        limit: 80,
        unit: 'characters',
        samples: ['a', 'É', 'a b'],
      },
    ],
  },
  {
    method: 'chat.setTopic',
    title: 'of a room',
    args: [{ ...room, topic: 'SEV2\nCommander: Ada' }],
    golden: 'set-topic.json',
    respond: inTurn(ok()),
    result: confirmed,
    limits: [{ text: 'topic', field: 'json.topic', limit: 250, unit: 'utf16' }],
  },
  {
    method: 'chat.invite',
    title: 'two people',
    args: [{ ...room, users: ['U01', 'U02'] }],
    golden: 'invite.json',
    respond: inTurn(ok({ errors: [{ user: 'U02', ok: false, error: 'cant_invite' }] })),
    result: confirmed,
  },
  {
    method: 'chat.pin',
    title: 'a message',
    args: [{ ...room, message: 'C0ROOM:1768467600.000200' }],
    golden: 'pin.json',
    respond: inTurn(ok()),
    result: confirmed,
  },
  {
    method: 'chat.archiveRoom',
    title: 'of a room',
    args: [room],
    golden: 'archive-room.json',
    respond: inTurn(ok()),
    result: confirmed,
  },
  {
    method: 'doctor.check',
    title: 'a token without scopes for rooms',
    args: [{ addresses: [], components: [], schedules: [] }],
    golden: 'doctor.json',
    respond: inTurn(
      answered(
        200,
        { ok: true, team: 'Example', user: 'tocsin' },
        { 'x-oauth-scopes': 'chat:write, chat:write.public,pins:write' },
      ),
    ),
    result: [
      { level: 'ok', what: 'bot_token belongs to tocsin in Example' },
      { level: 'warning', what: expect.stringContaining('channels:manage') },
    ],
  },
];

const AMBIGUOUS_ERRORS = ['service_unavailable', 'internal_error', 'fatal_error'];
const target: TargetConformance = {
  config: { bot_token: new Secret('xoxb-1-5f1c9a') },
  moreConfigs: [{ bot_token: new Secret('xoxb-2'), base_url: 'http://127.0.0.1:1234/slack/api' }],
  methods,
  refusedBy: (answer) => {
    const body = answer.kind === 'answered' ? jsonOf(answer) : undefined;
    const error = at(body, ['error']);
    return (
      at(body, ['ok']) === false && typeof error === 'string' && !AMBIGUOUS_ERRORS.includes(error)
    );
  },
};

adapterConformance({
  adapter: slack,
  folder: new URL('.', import.meta.url),
  target,
  contacts: ['U01', 'W012A3CDE'],
});

const ioWith = (...answers: readonly [HttpAnswer, ...HttpAnswer[]]) =>
  fakeIo(config.parse(target.config), inTurn(...answers));

describe('an answer 200 with ok: false', () => {
  test.each([
    ['ratelimited', { verb: 'retry', reason: 'rate_limited', ambiguous: false }],
    ['request_timeout', { verb: 'retry', reason: 'timeout', ambiguous: false }],
    ['internal_error', { verb: 'retry', reason: 'server_error', ambiguous: true }],
    ['fatal_error', { verb: 'retry', reason: 'server_error', ambiguous: true }],
    ['invalid_auth', { verb: 'reject', reason: 'unauthorized' }],
    ['token_revoked', { verb: 'reject', reason: 'unauthorized' }],
    ['missing_scope', { verb: 'reject', reason: 'forbidden' }],
    ['not_in_channel', { verb: 'reject', reason: 'forbidden' }],
    ['channel_not_found', { verb: 'reject', reason: 'not_found' }],
    ['is_archived', { verb: 'reject', reason: 'conflict' }],
    ['msg_too_long', { verb: 'reject', reason: 'too_large' }],
    ['no_text', { verb: 'reject', reason: 'invalid_request' }],
    [
      'something_new',
      { verb: 'reject', reason: 'invalid_request', hint: expect.stringContaining('something_new') },
    ],
  ])('%s is read as such', async (error, outcome) => {
    expect(await post(message, ioWith(no(error)).io)).toMatchObject(outcome);
  });
  test('its Retry-After is honoured with 429, the status that Slack answers then, alone', async () => {
    const wait = { 'retry-after': '30' };
    const limited = answered(429, { ok: false, error: 'ratelimited' }, wait);
    expect(await post(message, ioWith(limited).io)).toMatchObject({
      verb: 'retry',
      afterMs: 30_000,
    });
    const outcome = await post(message, ioWith(no('ratelimited', {}, wait)).io);
    expect(outcome).not.toHaveProperty('afterMs');
  });
  test('a missing scope is named', async () => {
    expect(
      await post(message, ioWith(no('missing_scope', { needed: 'chat:write' })).io),
    ).toMatchObject({ detail: 'missing_scope: chat:write' });
  });
});

describe('what is there already is success', () => {
  test.each([
    [
      'pinned',
      'already_pinned',
      () => pin({ ...room, message: 'C0ROOM:1.000001' }, ioWith(no('already_pinned')).io),
    ],
    ['archived', 'already_archived', () => archiveRoom(room, ioWith(no('already_archived')).io)],
    [
      'a member',
      'already_in_channel',
      () => invite({ ...room, users: ['U01'] }, ioWith(no('already_in_channel')).io),
    ],
    [
      'the app',
      'cant_invite_self',
      () => invite({ ...room, users: ['U01'] }, ioWith(no('cant_invite_self')).io),
    ],
  ])('%s: %s', async (_what, _error, run) => {
    expect(await run()).toEqual(confirmed);
  });
  test('an error that means so elsewhere is still an error here', async () => {
    expect(await post(message, ioWith(no('already_archived')).io)).toMatchObject({
      verb: 'reject',
    });
  });
});

describe('invitations', () => {
  const some = [
    { user: 'U01', ok: false, error: 'already_in_channel' },
    { user: 'U02', ok: false, error: 'user_not_found' },
  ];
  test('nobody to invite needs no request', async () => {
    const fake = ioWith(ok());
    expect(await invite({ ...room, users: [] }, fake.io)).toEqual(confirmed);
    expect(fake.requests).toEqual([]);
  });
  test('who could not be invited is logged when others could', async () => {
    const fake = ioWith(ok({ errors: some }));
    expect(await invite({ ...room, users: ['U01', 'U02', 'U03'] }, fake.io)).toEqual(confirmed);
    expect(fake.logs).toMatchObject([
      { level: 'warn', fields: { absent: [{ user: 'U02', error: 'user_not_found' }] } },
    ]);
  });
  test('someone present does not hide someone unknown', async () => {
    expect(
      await invite(
        { ...room, users: ['U01', 'U02'] },
        ioWith(no('already_in_channel', { errors: some })).io,
      ),
    ).toMatchObject({ verb: 'reject' });
  });
  test('more than a hundred at once are refused before asking', async () => {
    const fake = ioWith(ok());
    const users = Array.from({ length: 101 }, (_user, i) => `U${i}`);
    expect(await invite({ ...room, users }, fake.io)).toMatchObject({
      verb: 'reject',
      reason: 'too_large',
    });
    expect(fake.requests).toEqual([]);
  });
});

describe('rooms', () => {
  const open = async (respond: Respond) => {
    const fake = fakeIo(config.parse(target.config), respond);
    return {
      outcome: await openRoom({ ...base, name: 'inc' }, fake.io),
      names: fake.requests.map(({ json }) => at(json, ['name'])),
    };
  };
  test('a taken name is followed by the next, and success ends it', async () => {
    const { outcome, names } = await open(inTurn(no('name_taken'), ok({ channel: { id: 'C2' } })));
    expect(outcome).toEqual({ ...confirmed, externalRef: 'C2' });
    expect(names).toEqual(['inc', 'inc-2']);
  });
  test('an answer in doubt ends it, too', async () => {
    const { outcome, names } = await open(
      inTurn(no('name_taken'), answered(503, ''), ok({ channel: { id: 'C3' } })),
    );
    expect(outcome).toMatchObject({ verb: 'retry', ambiguous: true });
    expect(names).toEqual(['inc', 'inc-2']);
  });
  test('twenty taken names are a conflict', async () => {
    const { outcome, names } = await open(inTurn(no('name_taken')));
    expect(outcome).toMatchObject({ verb: 'reject', reason: 'conflict' });
    expect(names).toHaveLength(20);
    expect(names.at(-1)).toBe('inc-20');
  });
});

describe('texts', () => {
  test('cannot become mentions or links', () => {
    expect(messageText('<!channel> & <@U01> <https://evil.example|safe>')).toBe(
      '&lt;!channel&gt; &amp; &lt;@U01&gt; &lt;https://evil.example|safe&gt;',
    );
  });
  test('an escape is never cut in half', () => {
    for (const lead of ['', 'a', 'ab', 'abc', 'abcd']) {
      const cut = messageText(lead + '&'.repeat(20_000));
      expect(cut.length).toBeLessThanOrEqual(40_000);
      expect(cut).toMatch(/^[a-d]*(&amp;)+…$/);
    }
  });
  test('a topic mentions nobody and links nowhere', () => {
    expect(topicText('SEV2 <!channel>\n<https://evil.test|bank> & more')).toBe(
      'SEV2 &lt;!channel&gt; &lt;https://evil.test|bank&gt; &amp; more',
    );
    expect(topicText('<'.repeat(250)).length).toBeLessThanOrEqual(250);
  });
  test('exactly as long as allowed stays whole', () => {
    expect(messageText('x'.repeat(40_000))).toBe('x'.repeat(40_000));
    expect(topicText('x'.repeat(250))).toBe('x'.repeat(250));
    expect(topicText('x'.repeat(251))).toBe(`${'x'.repeat(249)}…`);
  });
  test.each([
    ['inc-2026-01-15-checkout', 1, 'inc-2026-01-15-checkout'],
    ['#Inc 2026/01/15: Checkout down!!', 1, 'inc-2026-01-15-checkout-down'],
    ['Zahlungen für Möbel', 2, 'zahlungen-fur-mobel-2'],
    ['snake_case', 1, 'snake_case'],
    ['障害', 1, 'incident'],
    ['', 3, 'incident-3'],
    ['x'.repeat(100), 12, `${'x'.repeat(77)}-12`],
    [`${'x'.repeat(77)} yyyy`, 2, `${'x'.repeat(77)}-2`],
  ])('%s, attempt %i, names the room %s', (wanted, attempt, name) => {
    expect(roomName(wanted, attempt)).toBe(name);
  });
  test.each(['1768467600.000200', 'C1:', ':1.2', 'C1:1.2:3', ''])(
    '%j is no reference of a message',
    async (ref) => {
      const fake = ioWith(ok());
      expect(await pin({ ...room, message: ref }, fake.io)).toMatchObject({ verb: 'reject' });
      expect(await post({ ...message, thread: ref }, fake.io)).toMatchObject({ verb: 'reject' });
      expect(fake.requests).toEqual([]);
    },
  );
});

describe('doctor', () => {
  test('names a refused token with what to do', async () => {
    expect(await check({}, ioWith(no('invalid_auth')).io)).toMatchObject([
      {
        level: 'problem',
        what: expect.stringContaining('invalid_auth'),
        hint: expect.stringContaining('bot_token'),
      },
    ]);
  });
  test('a token that cannot post is a problem', async () => {
    const answer = answered(
      200,
      { ok: true, team: 'T', user: 'u' },
      { 'x-oauth-scopes': 'channels:manage,pins:write' },
    );
    expect(await check({}, ioWith(answer).io)).toMatchObject([
      { level: 'ok' },
      { level: 'problem' },
      { level: 'warning' },
    ]);
  });
});
