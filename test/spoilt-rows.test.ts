/** Rows that a bad disk or a hand has spoilt: each costs what it said and nothing else, and somebody is told. */
import { afterEach, describe, expect, test } from 'vitest';
import { createTokens, firstToken } from '../src/http/auth.ts';
import { SCOPES } from '../src/core/verbs/replies.ts';
import { storedTokens } from '../src/http/token-rows.ts';
import type { SelfAlert } from '../src/engine/deciding/self-alert.ts';
import { alert, type Harness, MINUTE, SECOND, START, startEngine } from './support/engine.ts';
import { policy, service } from './support/policy.ts';

let h: Harness;
afterEach(() => h.end());

const two = policy({
  services: {
    ...policy().services,
    search: service('search', {
      onCall: { kind: 'person', person: 'cleo' },
      fallback: [{ kind: 'person', person: 'dev' }],
    }),
  },
});
const search = alert({
  dedupKey: 'search',
  title: 'Search is slow',
  labels: { service: 'search' },
});
const TOLD = 'Rows of the database cannot be read';

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

/** What the incident of this title says about itself. */
async function said(title: string): Promise<string> {
  const incident = (await h.open()).find((one) => one.title.startsWith(title));
  if (incident === undefined) return `there is no incident "${title}"`;
  return JSON.stringify((await h.store.reads.timeline(incident.id))[0]?.event);
}

/** The deliveries are stored, then spoilt, and only then does a process look at them. */
async function startOver(sql: string): Promise<void> {
  await h.crash();
  h.spoil(sql);
  await h.restart();
}

/** Nothing says any more what became of the deliveries. */
const AGAIN = 'DELETE FROM inbox_decided';

describe('a stored delivery that cannot be read', () => {
  test.each([
    ['actor', "actor = '{'"],
    ['actor', "actor = 'null'"],
    ['headers', "headers = '{'"],
  ])('because of its %s holds up no other, and somebody is told which', async (column, set) => {
    h = await startEngine({ policy: two });
    await h.deliver('prom', [alert()]);
    await h.settle();
    await startOver(`${AGAIN}; UPDATE inbox SET ${set} WHERE seq = 1`);
    await h.deliver('prom', [search]);
    await h.clock.advanceBy(SECOND);
    expect(rings('cleo')).toEqual([0]);
    expect(await h.engine.health()).toMatchObject({ undecided: 0 });
    await h.clock.advanceBy(2 * MINUTE);
    expect(await said(TOLD)).toContain(`inbox, row 1 (${column})`);
  });

  test.each([
    ['actor', "UPDATE inbox SET actor = '{'"],
    ['headers', "UPDATE inbox SET headers = '{'"],
  ])('in its %s still rings whom its alert wants', async (_column, sql) => {
    h = await startEngine({ policy: two });
    await h.deliver('prom', [search]);
    // As if the process had died between the commit of the delivery and its decision.
    await startOver(
      `DELETE FROM incidents; DELETE FROM alerts; DELETE FROM claims; DELETE FROM outbox; ${AGAIN}; ${sql}`,
    );
    await h.clock.advanceBy(SECOND);
    expect(rings('cleo')).toEqual([0, 0]);
  });

  test('or is gone, leaves nothing behind that waits for ever, and somebody is told', async () => {
    h = await startEngine({ policy: two });
    await h.deliver('prom', [alert()]);
    await h.settle();
    await startOver(`${AGAIN}; INSERT INTO inbox_ready SELECT seq FROM inbox; DELETE FROM inbox`);
    await h.clock.advanceBy(2 * MINUTE);
    expect(await h.engine.health()).toMatchObject({ undecided: 0 });
    expect(await said(TOLD)).toContain('inbox, row 1 (the whole row)');
  });

  test('and was a request, is refused and changes nothing', async () => {
    h = await startEngine({ policy: two });
    await h.deliver('prom', [search]);
    await h.ask({ type: 'AddNote', text: 'Looking.' }, 'inc-1');
    await startOver(`${AGAIN}; UPDATE inbox SET actor = '{' WHERE origin = 'api'`);
    await h.clock.advanceBy(2 * MINUTE);
    expect(
      h.peek(
        "SELECT disposition ->> 'kind' AS kind FROM inbox_decided JOIN inbox USING (seq) WHERE origin = 'api'",
      ),
    ).toEqual([{ kind: 'refused' }]);
    expect(await said(TOLD)).toContain('inbox, row 2 (actor)');
    expect(await titles()).toEqual([TOLD, 'Search is slow']);
  });
});

describe('something to be sent that cannot be read', () => {
  const SPOILT = "UPDATE outbox SET effect = '{' WHERE incident = 'inc-1' AND settled_at IS NULL";

  /** inc-1 waits for a pager that does not answer; its next try is spoilt meanwhile. */
  async function startWithOneWaiting(): Promise<void> {
    h = await startEngine({ policy: two });
    h.vendors.page = () => ({
      verb: 'retry',
      reason: 'server_error',
      ambiguous: false,
      detail: 'HTTP 503',
    });
    await h.deliver('prom', [alert()]);
    await h.settle();
    h.vendors.page = () => ({ verb: 'delivered', as: 'confirmed', externalRef: 'pd-1' }) as never;
  }

  test.each([
    ['is no JSON', SPOILT],
    ['says nothing', SPOILT.replace("'{'", "'{}'")],
    ['is of another row', SPOILT.replace("'{'", "json_set(effect, '$.target', 'og')")],
  ])('because it %s holds up no lane, and somebody is rung about it', async (_why, sql) => {
    await startWithOneWaiting();
    h.spoil(sql);
    await h.deliver('prom', [search]);
    await h.clock.advanceBy(5 * SECOND);
    expect(rings('cleo')).toEqual([0]);
    expect(await titles()).toContain('Incident inc-1 cannot go on by itself');
    expect(await said('Incident inc-1')).toMatch(/table outbox, row 1, column effect/);
    expect(h.peek('SELECT status FROM outbox WHERE seq = 1')).toEqual([{ status: 'dead' }]);
  });

  test('in a row that was being sent does not keep the next process from starting', async () => {
    await startWithOneWaiting();
    await startOver(`${SPOILT}; UPDATE outbox SET status = 'sending' WHERE settled_at IS NULL`);
    await h.deliver('prom', [search]);
    await h.clock.advanceBy(5 * SECOND);
    expect(rings('cleo')).toEqual([0]);
    expect(await titles()).toContain('Incident inc-1 cannot go on by itself');
  });

  test('does not keep people from seeing the incident', async () => {
    await startWithOneWaiting();
    h.spoil(SPOILT);
    expect(await h.outbox('inc-1')).toEqual([]);
  });
});

test('a known alert whose labels cannot be read is heard of again all the same', async () => {
  h = await startEngine({ policy: two });
  await h.deliver('prom', [search]);
  await h.settle();
  h.spoil("UPDATE alerts SET labels = '{'");
  await h.deliver('prom', [{ ...search, status: 'resolved' }]);
  await h.clock.advanceBy(2 * MINUTE);
  expect(h.peek("SELECT status, labels FROM alerts WHERE dedup_key = 'search'")).toEqual([
    { status: 'resolved', labels: '{"service":"search"}' },
  ]);
  expect(await said(TOLD)).toContain('alerts, row prom search (labels)');
});

test('a page whose address cannot be read keeps nobody from being asked about the others', async () => {
  h = await startEngine({ policy: two });
  await h.deliver('prom', [alert()]);
  await h.deliver('prom', [search]);
  await h.settle();
  h.spoil("UPDATE pages SET address = '{' WHERE incident = 'inc-1'");
  const open = await h.store.reads.openPages({ target: 'pd', after: null, limit: 10 });
  expect(open.map(({ incident }) => incident)).toEqual(['inc-2']);
  const first = await h.store.reads.openPages({ target: 'pd', after: null, limit: 1 });
  expect(
    first.map(({ incident }) => incident),
    'what comes behind it',
  ).toEqual(['inc-2']);
  const [page] = await h.store.transact((tx) => tx.pages({ target: 'pd', ref: 'pd-1' }));
  expect(page).toMatchObject({ incident: 'inc-1' });
  await h.clock.advanceBy(2 * MINUTE);
  expect(await said(TOLD)).toContain('pages, row inc-1');
});

test('a token that cannot be read is nobody’s; the others are good, and it is said once', async () => {
  h = await startEngine({ policy: two });
  const alarms: SelfAlert[] = [];
  const { reads } = h.store;
  const rows = storedTokens({
    metas: (prefix) => reads.metas(prefix),
    meta: (key) => reads.meta(key),
    setMeta: (key, value) => h.engine.write((tx) => tx.setMeta(key, value)),
    alarm: (one) => void alarms.push(one),
  });
  const tokens = createTokens({
    store: rows,
    clock: h.clock,
    random: (bytes) => new Uint8Array(bytes).fill(alarms.length + 7),
    log: { debug() {}, info() {}, warn() {}, error() {} },
    policy: () => two,
  });
  const { token } = await tokens.issue({
    owner: { kind: 'machine', id: 'ci' },
    scopes: SCOPES,
    expiresAt: null,
  });
  for (const [key, value] of [
    ['token:aa', '{'],
    ['token:ab', '{}'],
    ['token:ac', '7'],
  ] as const)
    await h.engine.write((tx) => tx.setMeta(key, value));
  expect(await firstToken(tokens)).toBeNull();
  expect(await tokens.authenticate(`Bearer ${token}`, 'here')).toMatchObject({ ok: true });
  await tokens.list();
  expect(alarms.map(({ description }) => description)).toEqual(
    ['token:aa', 'token:ab', 'token:ac'].map((key) => expect.stringContaining(`meta, row ${key}`)),
  );
});

test('a delivery that waits for its decision longer than a minute is late, as everything that is due', async () => {
  h = await startEngine({ policy: two });
  await h.deliver('prom', [search]);
  await h.settle();
  h.spoil(`${AGAIN}; INSERT INTO inbox_ready SELECT seq FROM inbox`);
  const { reads } = h.store;
  expect(await reads.health(START + 90 * SECOND)).toMatchObject({ oldestDueMs: 90 * SECOND });
});
