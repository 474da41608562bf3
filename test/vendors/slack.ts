/** What Slack documents: https://docs.slack.dev/reference/methods */
import { slack } from '../../adapters/slack/slack.ts';
import { Secret } from '../../src/contract/index.ts';
import type { MethodRow, Vendor } from './calls.ts';

const base = { idempotencyKey: 'inc-7/3/0', deadline: 1_768_468_000_000 };

/** Each method of the Web API is one POST. */
function row(
  method: string,
  of: {
    readonly order: object;
    readonly api: string;
    readonly json: object;
    readonly answer?: object;
  },
): MethodRow {
  const { order, api, json, answer } = of;
  return {
    method,
    what: api,
    args: [{ ...base, ...order }],
    calls: [
      { host: 'api', asks: `POST /api/${api}`, json, status: 200, answer: { ok: true, ...answer } },
    ],
    result: { verb: 'delivered', receipt: 'confirmed' },
  };
}

export const slackVendor: Vendor = {
  adapter: slack,
  config: { bot_token: new Secret('xoxb-1') },
  places: [{ name: 'the one there is', config: {}, hosts: { api: 'https://slack.com' } }],
  headers: { api: { authorization: 'Bearer xoxb-1' } },
  rows: [
    row('chat.post', {
      order: { channel: '#town', text: 'Hello', thread: 'C1:1700000000.000100' },
      api: 'chat.postMessage',
      json: { channel: '#town', text: 'Hello', thread_ts: '1700000000.000100' },
      answer: { channel: 'C1', ts: '1700000000.000200' },
    }),
    row('chat.openRoom', {
      order: { name: 'inc-7' },
      api: 'conversations.create',
      json: { name: 'inc-7', is_private: false },
      answer: { channel: { id: 'C7' } },
    }),
    row('chat.setTopic', {
      order: { room: 'C7', topic: 'Checkout' },
      api: 'conversations.setTopic',
      json: { channel: 'C7', topic: 'Checkout' },
    }),
    // A text with commas, not a list.
    row('chat.invite', {
      order: { room: 'C7', users: ['U1', 'U2'] },
      api: 'conversations.invite',
      json: { channel: 'C7', users: 'U1,U2' },
    }),
    // The time is a text: as a number it would lose digits.
    row('chat.pin', {
      order: { room: 'C7', message: 'C7:1700000000.000200' },
      api: 'pins.add',
      json: { channel: 'C7', timestamp: '1700000000.000200' },
    }),
    row('chat.archiveRoom', {
      order: { room: 'C7' },
      api: 'conversations.archive',
      json: { channel: 'C7' },
    }),
    {
      method: 'doctor.check',
      what: 'auth.test',
      args: [{ addresses: [], components: [], schedules: [] }],
      calls: [
        {
          host: 'api',
          asks: 'POST /api/auth.test',
          status: 200,
          answer: { ok: true, team: 'Town', user: 'tocsin' },
        },
      ],
      result: [{ level: 'ok' }],
    },
  ],
};
