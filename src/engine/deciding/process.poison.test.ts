/** Inputs over which the core throws: whoever asked is answered, nothing vanishes, and nothing is blocked. */
import { afterEach, expect, test } from 'vitest';
import {
  alert,
  type Harness,
  MINUTE,
  realCore,
  SECOND,
  startEngine,
} from '../../../test/support/engine.ts';
import { person, policy } from '../../../test/support/policy.ts';

const HOUR = 60 * MINUTE;

let h: Harness;
afterEach(() => h.end());

async function titles(): Promise<readonly string[]> {
  return (await h.open()).map(({ title }) => title).toSorted();
}

test('a person whose request fails for a moment is answered when it is carried out', async () => {
  let failures = 1;
  h = await startEngine({
    core: {
      ...realCore,
      decide: (state, input, context) => {
        if (input.type === 'AddNote' && (failures -= 1) >= 0) throw new Error('not now');
        return realCore.decide(state, input, context);
      },
    },
  });
  await h.deliver('prom', [alert()]);
  await h.settle();
  const asked = h.ask({ type: 'AddNote', text: 'Looking.' }, 'inc-1');
  await h.clock.advanceBy(2 * SECOND);
  expect(await asked).toMatchObject({ ok: true, incident: 'inc-1' });
});

test('poison of one source and hour is one incident and one ring, and none of it is left undecided', async () => {
  h = await startEngine({
    core: {
      ...realCore,
      classify: (one, source, chosen) => {
        if (one.dedupKey.startsWith('poison')) throw new Error('a rule exploded');
        return realCore.classify(one, source, chosen);
      },
    },
  });
  for (const dedupKey of ['poison-1', 'poison-2']) {
    await h.deliver('prom', [alert({ dedupKey })]);
    await h.clock.advanceBy(5 * SECOND);
  }
  expect(await titles()).toEqual(['Deliveries of prom could not be decided']);
  expect(h.sent('trigger')).toHaveLength(1);
  expect(await h.engine.health()).toMatchObject({ undecided: 0 });
});

test('poison within sixty minutes is one incident, wherever the clock strikes the full hour', async () => {
  h = await startEngine({
    core: {
      ...realCore,
      classify: () => {
        throw new Error('a rule exploded');
      },
    },
  });
  const poison = async (at: number, dedupKey: string): Promise<void> => {
    await h.clock.advanceTo(at);
    await h.deliver('prom', [alert({ dedupKey })]);
    await h.clock.advanceBy(5 * SECOND);
  };
  const full = Math.ceil((h.clock.now() + MINUTE) / HOUR) * HOUR;
  await poison(full - 30 * SECOND, 'first');
  await poison(full + 30 * SECOND, 'behind the full hour');
  await poison(full + 59 * MINUTE, 'still the same');
  expect(await titles()).toEqual(['Deliveries of prom could not be decided']);
  await poison(full + HOUR, 'something else');
  expect(await titles()).toHaveLength(2);
});

test('an unreadable delivery opens an incident although a route suppresses what Tocsin says about itself', async () => {
  const [route] = policy().routes;
  if (route === undefined) throw new Error('the base policy has a route');
  const about = { label: 'alertname', operator: '=' as const, value: 'UnparsedDelivery' };
  const silence = {
    ...route,
    when: { all: [about], any: [], none: [] },
    isDefault: false,
    suppress: true,
  };
  h = await startEngine({ policy: policy({ routes: [silence, route] }) });
  await h.deliver('prom', '{');
  await h.clock.advanceBy(5 * SECOND);
  expect(await titles()).toEqual(['Deliveries of prom could not be read']);
  expect(h.sent('trigger')).toHaveLength(1);
});

test('an answered page over whose end the core throws is given up after three tries', async () => {
  const [pd] = person('ada').addresses;
  if (pd === undefined) throw new Error('ada has a phone');
  const people = { ...policy().people, ada: { ...person('ada'), addresses: [pd] } };
  h = await startEngine({
    policy: policy({ people }),
    core: {
      ...realCore,
      decide: (state, input, context) => {
        if (input.type === 'EffectSettled' && input.settled.result === 'superseded')
          throw new Error('the end cannot be folded');
        return realCore.decide(state, input, context);
      },
    },
  });
  h.vendors.page = () => ({
    verb: 'retry',
    reason: 'server_error',
    ambiguous: false,
    detail: 'HTTP 503',
  });
  await h.deliver('prom', [alert()]);
  await h.settle();
  await h.ask({ type: 'Acknowledge', page: null }, 'inc-1');
  await h.clock.advanceBy(20 * SECOND);
  const trigger = (await h.outbox('inc-1')).find(({ effect }) => effect.name === 'pager.trigger');
  expect(trigger).toMatchObject({ status: 'superseded', lastOutcome: 'the page is acknowledged' });
  const errors = h.logs.filter(({ message }) => message.includes('threw over an effect'));
  expect(errors).toHaveLength(3);
});
