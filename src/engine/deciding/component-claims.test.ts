/** Claims on components: what each open incident says about them. */
import { beforeEach, describe, expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import { byPerson, declare, observed, Story } from '../../../test/support/story.ts';
import type { DraftPost, Incident } from '../../core/model/incident.ts';
import { encodeComponent } from '../../core/model/keys.ts';
import type { ComponentSaid } from '../../core/model/lookups.ts';
import type { ComponentStatus } from '../../core/model/policy.ts';
import type { ClaimRow } from '../../store/store.ts';
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
let unreadable: string[];
beforeEach(() => {
  rows = new Map();
  unreadable = [];
});

const open = () =>
  createComponentClaims({
    tx: {
      claims: (keys) => {
        return Promise.resolve(
          keys.flatMap(({ key }) => [...rows.values()].filter((row) => row.key === key)),
        );
      },
    },
    onUnreadable: (what) => void unreadable.push(what),
  });

/** One turn in which incidents change what they say; what the store then has. */
function turn(...steps: readonly (readonly [Incident | null, Incident])[]) {
  const claims = open();
  for (const [before, after] of steps) claims.changed(before, after);
  for (const [before, after] of steps) {
    const { take, release } = claims.changeOf(before, after);
    const of = (key: string | null): string => `${String(key)} ${after.id}`;
    for (const { key } of release) rows.delete(of(key));
    for (const { key, value, kind } of take)
      rows.set(of(key), { kind, key, holder: after.id, value });
  }
  const found = [...rows.values()].map(({ holder, value }) => [
    holder,
    (JSON.parse(value ?? 'null') as ComponentSaid).status,
  ]);
  return Object.fromEntries(found) as Readonly<Record<string, string>>;
}

const A = 'inc-a';
const B = 'inc-b';

describe('a claim on a component', () => {
  test('is each incident’s own, says what it says last, and is gone when it says nothing any more', () => {
    turn([null, saying(A, 'major_outage')]);
    expect(turn([null, saying(B, 'degraded_performance')])).toEqual({
      [A]: 'major_outage',
      [B]: 'degraded_performance',
    });
    expect(turn([saying(B, 'degraded_performance'), saying(B, 'partial_outage')])).toEqual({
      [A]: 'major_outage',
      [B]: 'partial_outage',
    });
    expect(turn([saying(A, 'major_outage'), saying(A, null)])).toEqual({ [B]: 'partial_outage' });
    expect(turn([saying(B, 'partial_outage'), saying(B, null)])).toEqual({});
  });

  test('is not written when an incident says what it said', () => {
    const same = saying(A, 'major_outage');
    turn([null, same]);
    const { take, release } = open().changeOf(same, { ...same, title: 'another' });
    expect([take, release]).toEqual([[], []]);
  });

  test('is written again when it becomes known whether a post arrived', () => {
    const before = saying(A, 'major_outage');
    const draft = { ...story.incident.drafts['d1'], state: 'unknown' } as DraftPost;
    const unknown = { ...before, drafts: { d1: draft } };
    expect(open().changeOf(before, unknown).take).toMatchObject([
      { value: '{"status":"major_outage","isUnknown":true}' },
    ]);
    expect(open().changeOf(unknown, before).take).toMatchObject([
      { value: '{"status":"major_outage","isUnknown":false}' },
    ]);
  });

  test('is given up by an incident that is over, or kept from the public', () => {
    const before = saying(A, 'major_outage');
    turn([null, before]);
    expect(open().changeOf(before, { ...before, phase: 'resolved' }).release).toHaveLength(1);
    expect(open().changeOf(before, { ...before, parent: 'inc-9' }).release).toHaveLength(1);
  });

  test('says nothing, and is reported, when it cannot be read', async () => {
    const spoilt = [null, '{', 'null', '7', '[]', '{"status":"on fire"}'];
    for (const [index, value] of spoilt.entries())
      rows.set(`${index}`, { kind: 'component', key: c1, holder: `inc-${index}`, value });
    rows.set(B, { kind: 'component', key: c1, holder: B, value: '{"status":"partial_outage"}' });
    const claims = open();
    claims.saidElsewhere(c1, A);
    await claims.readMissing();
    expect(claims.saidElsewhere(c1, A).map(({ incident }) => incident)).toEqual([B]);
    expect(unreadable).toHaveLength(6);
  });
});

describe('what other incidents say', () => {
  const said = (incident: string, status: ComponentStatus) => ({
    incident,
    status,
    isUnknown: false,
  });

  test('is missing until it was read, and leaves out what whoever asks says itself', async () => {
    turn([null, saying(A, 'major_outage')]);
    turn([null, saying(B, 'degraded_performance')]);
    const claims = open();
    expect(claims.saidElsewhere(c1, A)).toEqual([]);
    expect([...claims.missing]).toEqual([c1]);
    await claims.readMissing();
    claims.missing.clear();
    expect(claims.saidElsewhere(c1, A)).toEqual([said(B, 'degraded_performance')]);
    expect(claims.saidElsewhere(c1, 'inc-c')).toEqual([
      said(A, 'major_outage'),
      said(B, 'degraded_performance'),
    ]);
    expect(claims.missing.size).toBe(0);
  });

  test('includes what the same turn has decided', async () => {
    const claims = open();
    claims.saidElsewhere(c1, B);
    await claims.readMissing();
    claims.changed(null, saying(A, 'partial_outage'));
    expect(claims.saidElsewhere(c1, B)).toEqual([said(A, 'partial_outage')]);
    claims.changed(saying(A, 'partial_outage'), saying(A, null));
    expect(claims.saidElsewhere(c1, B)).toEqual([]);
  });

  test('leaves out what an incident said until this turn, in which it took it back', async () => {
    turn([null, saying(A, 'major_outage')], [null, saying('inc-c', 'partial_outage')]);
    const claims = open();
    claims.saidElsewhere(c1, B);
    await claims.readMissing();
    claims.changed(saying(A, 'major_outage'), saying(A, null));
    expect(claims.saidElsewhere(c1, B)).toEqual([said('inc-c', 'partial_outage')]);
  });
});
