/** What the conformance suite is told of the model vendor. */
import { hmac, Secret } from '../../src/contract/index.ts';
import { TEXT_MAX, TOLERANCE_MS } from '../model/model.ts';
import { answered } from '../support/io.ts';
import type { AdapterConformance } from './adapter.ts';

/** Everything that the suite needs to know about the model. */
export const ofModel: Omit<AdapterConformance, 'adapter' | 'folder'> = {
  contacts: ['U1'],
  target: {
    config: { token: new Secret('model-token-93ab') },
    moreConfigs: [{ token: new Secret('t'), base_url: 'http://127.0.0.1:1' }],
    methods: [
      {
        method: 'chat.post',
        title: 'a message',
        args: [
          { idempotencyKey: 'k', deadline: 1, channel: 'general', text: 'Hello', thread: null },
        ],
        golden: 'post.json',
        respond: () => answered(201, { id: 'm1' }),
        result: { verb: 'delivered', receipt: 'confirmed', externalRef: 'm1' },
        limits: [{ text: 'text', field: 'json.text', limit: TEXT_MAX, unit: 'characters' }],
      },
    ],
  },
  source: {
    signing: {
      configOf: (valid) => ({ secrets: valid }),
      sign: (body, secretText, at) => ({
        'x-time': String(at),
        'x-signature': hmac('sha256', secretText, String(at), body).toString('hex'),
      }),
      covers: 'body',
      toleranceMs: TOLERANCE_MS,
    },
    deliveries: [
      {
        name: 'firing',
        body: { key: 'a', status: 'firing', more: { nested: [1] } },
        deliveryId: null,
      },
    ],
  },
};
