/** What the imaginary vendor documents: https://model.example/docs */
import { Secret } from '../../src/contract/index.ts';
import type { Vendor } from '../vendors/calls.ts';
import { model } from './model.ts';

const order = { idempotencyKey: 'inc-7/3/0', deadline: 1_768_468_000_000, thread: null };

export const modelVendor: Vendor = {
  adapter: model,
  config: { token: new Secret('token-1') },
  places: [{ name: 'the one there is', config: {}, hosts: { api: 'https://model.example' } }],
  headers: { api: { authorization: 'Bearer token-1' } },
  rows: [
    {
      method: 'chat.post',
      what: 'a message',
      args: [{ ...order, channel: '#town', text: 'Hello' }],
      calls: [
        {
          host: 'api',
          asks: 'POST /messages',
          json: { channel: '#town', text: 'Hello' },
          status: 200,
          answer: { id: 'm1' },
        },
      ],
      result: { verb: 'delivered', receipt: 'confirmed', externalRef: 'm1' },
    },
  ],
};
