/** The claim of a component: one row with all that open incidents say about it, held by whoever says the worst. */
import { beforeEach, describe, expect, test } from 'vitest';
import { policy } from '../../test/support/policy.ts';
import { byPerson, declare, observed, Story } from '../../test/support/story.ts';
import type { Incident } from '../core/incident.ts';
import { encodeComponent } from '../core/keys.ts';
import type { ComponentStatus } from '../core/policy.ts';
import type { ClaimRow } from '../store/store.ts';
import { createComponentClaims } from './component-claims.ts';

const c1 = encodeComponent({ target: 'page', id: 'c1' });

const story = new Story(policy());
story.feed(observed());
story.feed(declare, byPerson('ada'));

/** An incident that says this about the component; null: nothing. */
function saying(id: string, status: ComponentStatus | null): Incident {
  const page = story.incident.publicPages['page'];
  if (page === undefined) throw new Error('no page is kept informed');
  const components: Record<string, ComponentStatus> = status === null ? {} : { c1: status };
  return { ...story.incident, id, drafts: {}, publicPages: { page: { ...page, components } } };
}

let rows: Map<string, ClaimRow>;
let reads: number;
let unreadable: string[];
beforeEach(() => {
  rows = new Map();
  reads = 0;
  unreadable = [];
});

const open = () =>
  createComponentClaims(
    {
      claims: (keys) => {
        reads += keys.length;
        return Promise.resolve(keys.flatMap(({ key }) => rows.get(key) ?? []));
      },
    },
    (what) => void unreadable.push(what),
  );

/** One turn in which incidents change what they say; what the store then has. */
async function turn(...steps: readonly (readonly [Incident | null, Incident])[]) {
  const claims = open();
  for (const [before, after] of steps) claims.changed(before, after);
  for (const [before, after] of steps) {
    const { take, release } = await claims.changeOf(before, after);
    for (const { key } of release)
      if (key !== null && rows.get(key)?.holder === after.id) rows.delete(key);
    for (const { key, value, kind, holder = after.id } of take)
      rows.set(key, { kind, key, holder, value });
  }
  const row = rows.get(c1);
  return row === undefined ? null : { by: row.holder, said: JSON.parse(row.value ?? '') as object };
}

const A = 'inc-a';
const B = 'inc-b';

describe('the row of a component', () => {
  test('is held by whoever says the worst, and keeps what the others say', async () => {
    await turn([null, saying(A, 'major_outage')]);
    expect(await turn([null, saying(B, 'degraded_performance')])).toEqual({
      by: A,
      said: { [A]: 'major_outage', [B]: 'degraded_performance' },
    });
    expect(await turn([saying(B, 'degraded_performance'), saying(B, 'partial_outage')])).toEqual({
      by: A,
      said: { [A]: 'major_outage', [B]: 'partial_outage' },
    });
  });

  test('goes to the other when the holder says nothing any more, and is gone after the last', async () => {
    await turn([null, saying(A, 'major_outage')]);
    await turn([null, saying(B, 'degraded_performance')]);
    expect(await turn([saying(A, 'major_outage'), saying(A, null)])).toEqual({
      by: B,
      said: { [B]: 'degraded_performance' },
    });
    expect(await turn([saying(B, 'degraded_performance'), saying(B, null)])).toBeNull();
  });

  test('is gone as well when both cease in one turn, whoever comes first', async () => {
    for (const order of [
      [A, B],
      [B, A],
    ]) {
      await turn([null, saying(A, 'major_outage')], [null, saying(B, 'partial_outage')]);
      const ceasing = order.map((id) => {
        const status = id === A ? 'major_outage' : 'partial_outage';
        return [saying(id, status), saying(id, null)] as const;
      });
      expect(await turn(...ceasing)).toBeNull();
    }
  });

  test('is neither read nor written when an incident says what it said', async () => {
    const same = saying(A, 'major_outage');
    await turn([null, same]);
    reads = 0;
    const { take, release } = await open().changeOf(same, { ...same, title: 'another' });
    expect([take, release, reads]).toEqual([[], [], 0]);
    const { take: again } = await open().changeOf(same, saying(A, 'major_outage'));
    expect([again, reads]).toEqual([[], 0]);
  });

  test('is not held by an incident that is over, nor by one that never says anything', async () => {
    const over: Incident = { ...saying(A, 'major_outage'), phase: 'resolved' };
    expect(await turn([saying(A, 'major_outage'), over])).toBeNull();
    expect(await turn([null, saying(B, null)])).toBeNull();
  });

  test('counts as empty, and is reported, when it cannot be read', async () => {
    for (const value of ['{', 'null', '7', '{"inc-z":"on fire"}']) {
      rows.set(c1, { kind: 'component', key: c1, holder: 'inc-z', value });
      const claims = open();
      expect(claims.heldByOther(c1, A)).toBeNull();
      await claims.readMissing();
      expect(claims.heldByOther(c1, A)).toBeNull();
    }
    expect(unreadable).toHaveLength(4);
  });
});

describe('what another incident says', () => {
  test('is missing until it was read, and then is the worst of the others', async () => {
    await turn([null, saying(A, 'major_outage')]);
    await turn([null, saying(B, 'degraded_performance')]);
    const claims = open();
    expect(claims.heldByOther(c1, A)).toBeNull();
    expect([...claims.missing]).toEqual([c1]);
    await claims.readMissing();
    claims.missing.clear();
    expect(claims.heldByOther(c1, A)).toEqual({ incident: B, status: 'degraded_performance' });
    expect(claims.heldByOther(c1, 'inc-c')).toEqual({ incident: A, status: 'major_outage' });
    expect(claims.missing.size).toBe(0);
  });

  test('includes what the same turn has decided', async () => {
    const claims = open();
    claims.heldByOther(c1, B);
    await claims.readMissing();
    claims.changed(null, saying(A, 'partial_outage'));
    expect(claims.heldByOther(c1, B)).toEqual({ incident: A, status: 'partial_outage' });
    claims.changed(saying(A, 'partial_outage'), saying(A, null));
    expect(claims.heldByOther(c1, B)).toBeNull();
  });
});
