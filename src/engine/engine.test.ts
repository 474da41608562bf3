import { afterEach, expect, test } from 'vitest';
import {
  alert,
  type Harness,
  MINUTE,
  SECOND,
  START,
  startEngine,
  vendorIncident,
} from '../../test/support/engine.ts';

let h: Harness;
afterEach(() => h.end());

test('an alert becomes an incident and rings the on-call of its service', async () => {
  h = await startEngine();
  const accepted = await h.deliver('prom', [alert()]);
  expect(accepted).toMatchObject({ kind: 'accepted', duplicate: false });
  await h.settle();
  const incident = await h.incident('inc-1');
  expect(incident).toMatchObject({ phase: 'triage', level: 'L2', alerts: { firing: 1, total: 1 } });
  expect(h.sent('trigger')).toMatchObject([
    { at: START, target: 'pd', order: { address: { user: 'ada' } } },
  ]);
  expect(Object.values(incident.pages)[0]?.rings[0]).toMatchObject({
    status: 'confirmed',
    ref: 'pd-1',
  });
});
