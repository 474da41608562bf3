/** What a stand-in answered and then lost is gone; the id that it answered with is given to nothing else. */
import { expect, test } from 'vitest';
import { opsgenieStandIn } from '../adapters/opsgenie/stand-in.ts';
import { standIn as pagerdutyStandIn } from '../adapters/pagerduty/stand-in.ts';
import type { AnyStandIn, StandInRequest } from '../src/contract/index.ts';
import { createAccount } from '../src/sandbox/account.ts';
import { createSteppedClock } from '../src/sandbox/clock.ts';
import { NO_SEED, SANDBOX_START } from './support/sandbox.ts';

const incident: StandInRequest = {
  method: 'POST',
  path: '/api/incidents',
  query: {},
  headers: {
    authorization: 'Token token=x',
    from: 'tocsin@example.com',
    accept: 'application/vnd.pagerduty+json;version=2',
    'content-type': 'application/json',
  },
  body: JSON.stringify({
    incident: {
      type: 'incident',
      title: 'LineStopped',
      service: { id: 'PPEOPLE', type: 'service_reference' },
      assignments: [{ assignee: { id: 'PDRIVER', type: 'user_reference' } }],
    },
  }),
};

const alert: StandInRequest = {
  method: 'POST',
  path: '/v2/alerts',
  query: {},
  headers: { authorization: 'GenieKey x' },
  body: JSON.stringify({ message: 'LineStopped', responders: [] }),
};

test.each<[AnyStandIn, StandInRequest, RegExp]>([
  [pagerdutyStandIn, incident, /"id":"(Q\w+)"/],
  [opsgenieStandIn, alert, /"requestId":"([\w-]+)"/],
])('of $name', (standIn, request, idIn) => {
  const people = { name: 'People', id: 'PPEOPLE' };
  const target = { token: 'x', api_key: 'x', from: 'tocsin@example.com', people_service: people };
  const contacts = [{ name: 'Driver', id: 'PDRIVER' }];
  const account = createAccount({
    target: 'pd',
    standIn,
    seed: { ...NO_SEED, target, contacts, addresses: [{ service: people, key: 'k' }] },
    clock: createSteppedClock({ start: SANDBOX_START }),
    record: () => undefined,
    send: () => undefined,
  });
  const idOf = ({ body }: { readonly body: unknown }): string =>
    idIn.exec(JSON.stringify(body))?.[1] ?? `no id in ${JSON.stringify(body)}`;
  const lost = idOf(account.pretend(request));
  const kept = idOf(account.carryOut(request));
  expect(lost).toMatch(/^[\w-]+$/);
  expect(kept).toMatch(/^[\w-]+$/);
  expect(kept).not.toBe(lost);
});
