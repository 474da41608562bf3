/** Data that a bad disk or a hand has spoilt: it costs one incident at most, and never the others. */
import { afterEach, describe, expect, test } from 'vitest';
import { alert, type Harness, MINUTE, SECOND, START, startEngine } from './support/engine.ts';
import { policy, service } from './support/policy.ts';
import type { Policy } from '../src/core/model/policy.ts';
import type { Store, Tx } from '../src/store/store.ts';
import { checkRecord } from '../src/store/chain.ts';
import { incidentList, incidentView } from '../src/read/views.ts';

let h: Harness;
afterEach(() => h.end());

const TOLD = 'Rows of the database cannot be read';
const GIVEN_UP = 'Incident inc-1 cannot go on by itself';

/** A second service, with people of its own, and a third one that Ada answers for as well. */
const two: Policy = policy({
  services: {
    ...policy().services,
    search: service('search', {
      onCall: { kind: 'person', person: 'cleo' },
      fallback: [{ kind: 'person', person: 'dev' }],
    }),
    cart: service('cart', { onCall: { kind: 'person', person: 'ada' } }),
  },
});
const search = alert({
  dedupKey: 'search',
  title: 'Search is slow',
  labels: { service: 'search' },
});

/** Whose phone rang when, in seconds. */
function rings(name: string): readonly number[] {
  return h
    .sent('trigger')
    .filter(({ order }) => 'address' in order && JSON.stringify(order.address).includes(name))
    .map(({ at }) => (at - START) / SECOND);
}

async function titles(): Promise<readonly string[]> {
  return (await h.open()).map(({ title }) => title);
}

/** inc-1 rings Ada, and Ben after five minutes; inc-2 rings Cleo, and Dev after five minutes. */
async function startWithTwo(wrap: (store: Store) => Store = (store) => store): Promise<void> {
  h = await startEngine({ policy: two, wrap });
  await h.deliver('prom', [alert()]);
  await h.deliver('prom', [search]);
  await h.clock.advanceBy(MINUTE);
}

describe('an incident whose stored state cannot be read', () => {
  test.each([
    ['is no JSON', "'{'"],
    ['is no object', "'null'"],
    ['is of a format that nobody knows', "json_set(state, '$.format', 99)"],
    ['is as of another version', "json_set(state, '$.version', 1)"],
    ['has one letter wrong in a name', `replace(state, '"pages":{', '"qages":{')`],
    ['has one letter wrong in a value', `replace(state, '"triage"', '"trihge"')`],
  ])('because it %s goes on from its events', async (_why, state) => {
    await startWithTwo();
    h.spoil(`UPDATE incidents SET state = ${state} WHERE id = 'inc-1'`);
    await h.clock.advanceBy(5 * MINUTE);
    expect(rings('dev'), 'the other').toEqual([300]);
    expect(rings('ben'), 'itself').toEqual([300]);
    expect(await titles()).toEqual([TOLD, 'Search is slow', 'Basket answers with errors']);
    expect(h.logs.some(({ message }) => message.includes('row inc-1 (state)'))).toBe(true);
  });

  test('swallows no page to a phone that it rings', async () => {
    await startWithTwo();
    h.spoil(`UPDATE incidents SET state = replace(state, '"pages":{', '"qages":{')`);
    await h.deliver('prom', [
      alert({ dedupKey: 'cart', title: 'The cart is slow', labels: { service: 'cart' } }),
    ]);
    await h.clock.advanceBy(SECOND);
    expect(rings('ada'), 'for both, by one ring').toEqual([0]);
    expect((await h.incident('inc-3')).pages['p1']).toMatchObject({
      person: 'ada',
      state: 'open',
      rings: [{ status: 'joined' }],
    });
  });

  test('goes on after a restart as well', async () => {
    await startWithTwo();
    await h.crash();
    h.spoil("UPDATE incidents SET state = '{' WHERE id = 'inc-1'");
    await h.restart();
    await h.clock.advanceBy(5 * MINUTE);
    expect(rings('dev')).toEqual([300]);
    expect(rings('ben')).toEqual([300]);
  });

  test('is shown from its events', async () => {
    await startWithTwo();
    h.spoil("UPDATE incidents SET state = '{' WHERE id = 'inc-1'");
    const { reads } = h.store;
    expect(await incidentView(reads, { policy: two }, '1')).toMatchObject({
      title: 'Basket answers with errors',
    });
    const { incidents: listed } = await incidentList(reads, {
      open: true,
      limit: 10,
      before: null,
    });
    expect(listed.map(({ title }) => title)).toEqual([
      'Search is slow',
      'Basket answers with errors',
    ]);
  });

  test('is set aside, and somebody is told, when its events cannot be read either', async () => {
    await startWithTwo();
    h.spoil(
      "UPDATE incidents SET state = '{' WHERE id = 'inc-1'; UPDATE events SET event = '{' WHERE subject = 'inc-1' AND version = 2",
    );
    await h.clock.advanceBy(5 * MINUTE);
    expect(rings('dev'), 'the other').toEqual([300]);
    expect(rings('ben')).toEqual([]);
    expect(await titles()).toContain(GIVEN_UP);
    await h.deliver('prom', [
      alert({ dedupKey: 'more', title: 'Another search is slow', labels: { service: 'search' } }),
    ]);
    await h.settle();
    expect(await titles()).toContain('Another search is slow');
  });

  test('and its events neither, holds up no delivery but its own', async () => {
    await startWithTwo();
    h.spoil(
      "UPDATE incidents SET state = '{' WHERE id = 'inc-1'; UPDATE events SET event = '{' WHERE subject = 'inc-1' AND version = 2",
    );
    await h.deliver('prom', [alert({ title: 'Again' })]);
    await h.deliver('prom', [{ ...search, dedupKey: 'more', title: 'Another search is slow' }]);
    await h.clock.advanceBy(10 * SECOND);
    expect(await titles()).toContain('Another search is slow');
    expect(await titles()).toContain('Deliveries of prom could not be decided');
  });
});

/** What is done to the database while no server runs. */
async function startOver(sql: string): Promise<void> {
  await h.crash();
  h.spoil(sql);
  await h.restart();
}

describe('an incident whose row is not of its events', () => {
  const OTHERS = "(SELECT state FROM incidents WHERE id = 'inc-2')";
  const HASH = "(SELECT state_hash FROM incidents WHERE id = 'inc-2')";
  const OF_2 = `state = ${OTHERS}, state_hash = ${HASH}`;

  test.each([
    [
      'has one bit wrong in its id',
      "UPDATE incidents SET id = 'inc-:' WHERE id = 'inc-1'",
      'inc-:',
    ],
    ['has half an id', "UPDATE incidents SET id = 'in' WHERE id = 'inc-1'", 'in'],
    ['is gone', "DELETE FROM incidents WHERE id = 'inc-1'", 'inc-1'],
    ['has the state of another', `UPDATE incidents SET ${OF_2} WHERE id = 'inc-1'`, 'inc-1'],
    [
      'is of a version to come',
      "UPDATE incidents SET version = version + 1 WHERE id = 'inc-1'",
      'inc-1',
    ],
    ['is of no version', "UPDATE incidents SET version = 0 WHERE id = 'inc-1'", 'inc-1'],
    [
      'is gone, as is a letter of every other',
      `DELETE FROM incidents WHERE id = 'inc-1'; UPDATE incidents SET state = replace(state, 'triage', 'trihge')`,
      'inc-1',
    ],
  ])(
    'because it %s goes on from them, is named, and keeps nobody waiting',
    async (_why, sql, row) => {
      await startWithTwo();
      await startOver(sql);
      await h.deliver('prom', [
        alert({ dedupKey: 'cart', title: 'The cart is slow', labels: { service: 'cart' } }),
      ]);
      await h.clock.advanceBy(6 * MINUTE);
      expect(rings('dev'), 'the other').toEqual([300]);
      expect(rings('ben'), 'itself').toEqual([300]);
      expect(await titles()).toEqual(
        expect.arrayContaining([
          'The cart is slow',
          'Search is slow',
          'Basket answers with errors',
        ]),
      );
      expect(await titles()).toContain(TOLD);
      expect(h.logs.some(({ message }) => message.includes(`table incidents, row ${row} (`))).toBe(
        true,
      );
    },
  );

  test('because it got another id while the server runs, keeps nobody else waiting', async () => {
    await startWithTwo();
    h.spoil("UPDATE incidents SET id = 'inc-:' WHERE id = 'inc-1'");
    await h.deliver('prom', [
      alert({ dedupKey: 'more', title: 'Another search is slow', labels: { service: 'search' } }),
    ]);
    await h.clock.advanceBy(5 * MINUTE);
    expect(rings('dev'), 'the other').toEqual([300]);
    expect(await titles()).toContain('Another search is slow');
    expect(await titles()).toContain('Incident inc-: cannot go on by itself');
  });

  test('because the last of them were taken away, stays as it is, so that it shows', async () => {
    await startWithTwo();
    await startOver("DELETE FROM events WHERE subject = 'inc-1' AND version > 2");
    const record = await h.store.reads.record('inc-1');
    expect(record.links).toHaveLength(2);
    expect(checkRecord(record)).toMatchObject({ intact: false });
    await h.clock.advanceBy(5 * MINUTE);
    expect(rings('ben')).toEqual([300]);
  });
});

describe('an incident whose changes are refused again and again', () => {
  function refusing() {
    const world = { isOn: false, tries: 0 };
    const apply =
      (tx: Tx): Tx['apply'] =>
      async (changes) => {
        const results = await tx.apply(changes);
        return results.map((result, i) => {
          const isIt = changes[i]?.subject.id === 'inc-1' && changes[i].expectedVersion > 0;
          if (!isIt || !world.isOn) return result;
          world.tries += 1;
          return { ok: false, conflict: 'version' } as const;
        });
      };
    const wrap = (store: Store): Store => ({
      ...store,
      transact: (work) => store.transact((tx) => work({ ...tx, apply: apply(tx) })),
    });
    return Object.assign(world, { wrap });
  }

  test('is set aside, so that the others go on', async () => {
    const world = refusing();
    await startWithTwo(world.wrap);
    world.isOn = true;
    await h.clock.advanceBy(5 * MINUTE);
    expect(rings('dev')).toEqual([300]);
    expect(rings('ben')).toEqual([]);
    expect(await titles()).toContain(GIVEN_UP);
    expect(world.tries, 'it does not run hot').toBeLessThan(20);
  });

  test('holds up no delivery but its own', async () => {
    const world = refusing();
    await startWithTwo(world.wrap);
    world.isOn = true;
    await h.ask({ type: 'AddNote', text: 'Looking.' }, 'inc-2');
    void h.ask({ type: 'AddNote', text: 'Looking.' }, 'inc-1');
    await h.deliver('prom', [{ ...search, dedupKey: 'more', title: 'Another search is slow' }]);
    await h.clock.advanceBy(10 * SECOND);
    expect(await titles()).toContain('Another search is slow');
    expect(await h.engine.health()).toMatchObject({ undecided: 0 });
  });

  test('is tried again by itself, and goes on when it is refused no more', async () => {
    const world = refusing();
    await startWithTwo(world.wrap);
    world.isOn = true;
    await h.clock.advanceBy(5 * MINUTE);
    world.isOn = false;
    await h.clock.advanceBy(16 * MINUTE);
    expect(rings('ben')).not.toEqual([]);
  });
});

describe('what is stored about a ring', () => {
  test.each([["'{'"], ["'null'"], ["'7'"], ["'[null]'"]])(
    'counts as nothing when it is %s, and whoever is sought there is rung',
    async (value) => {
      await startWithTwo();
      h.spoil(`UPDATE claims SET value = ${value} WHERE kind = 'ring'`);
      await h.deliver('prom', [
        alert({ dedupKey: 'cart', title: 'The cart is slow', labels: { service: 'cart' } }),
      ]);
      await h.clock.advanceBy(SECOND);
      expect(rings('ada')).toEqual([0, 60]);
      expect(await titles()).toEqual([
        'The cart is slow',
        'Search is slow',
        'Basket answers with errors',
      ]);
      expect(h.logs.filter(({ message }) => message.includes('cannot be read'))).toHaveLength(1);
    },
  );
});

describe('an open incident that lost its wake-up', () => {
  const LOST = "UPDATE incidents SET is_awake = 0, wake_at = 0, wake_basis = '' WHERE id = 'inc-1'";

  test('is woken by the audit when it owes something', async () => {
    await startWithTwo();
    h.spoil(LOST);
    await h.clock.advanceBy(6 * MINUTE);
    expect(rings('ben')[0]).toBeLessThanOrEqual(360);
    expect(await titles()).not.toContain('An incident does not do what it owes');
  });

  test('is woken by the audit as well when the instant is years away', async () => {
    await startWithTwo();
    h.spoil("UPDATE incidents SET wake_at = wake_at + 1000000000000 WHERE id = 'inc-1'");
    await h.clock.advanceBy(6 * MINUTE);
    expect(rings('ben')[0]).toBeLessThanOrEqual(360);
  });

  test('gets another one at a start', async () => {
    await startWithTwo();
    await h.crash();
    h.spoil(LOST);
    await h.restart();
    await h.clock.advanceBy(4 * MINUTE);
    expect(rings('ben')).toEqual([300]);
  });

  test('that another process derived by what it looked up is derived anew within two minutes', async () => {
    await startWithTwo();
    h.spoil("UPDATE incidents SET wake_basis = 'another process'");
    const foreign = () => h.peek("SELECT id FROM incidents WHERE wake_basis = 'another process'");
    expect(foreign()).toHaveLength(2);
    await h.clock.advanceBy(2 * MINUTE);
    expect(foreign()).toEqual([]);
  });
});
