/** An exported incident: it proves itself, and shows by itself what somebody has changed in it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Turn } from '../src/engine/deciding/turns.ts';
import { keepPolicy } from '../src/engine/policy/policy-in-use.ts';
import { checkExport, exportIncident } from '../src/read/export.ts';
import type { IncidentExport } from '../src/read/shapes.ts';
import { CHAIN_START, linkHash } from '../src/store/chain.ts';
import { canonicalJson } from '../src/lib/hash.ts';
import { makeKey, publicKeyOf } from '../src/store/signed-checkpoints.ts';
import { openSqliteStore } from '../src/store/sqlite.ts';
import { noting, opening, resolving, T0 } from './conformance/store-fixtures.ts';
import { realTocsin } from './support/cli.ts';
import { alert, MINUTE } from './support/engine.ts';
import { openApiServer } from './support/http.ts';
import { policy } from './support/policy.ts';

const DAY = 86_400_000;
let root: string;
let data: string;
let key: string;
let file: string;

async function run(...argv: readonly string[]): Promise<{ code: number; out: string }> {
  const env = { TOCSIN_URL: 'http://127.0.0.1:9', TOCSIN_TOKEN: 'x' };
  const { code, said } = await realTocsin(argv, { env, cwd: root });
  return { code, out: said };
}

/** Nine incidents of which inc-5 is exported; what came after it was signed for as well. */
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'tocsin-export-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  data = join(root, 'data');
  file = join(root, 'inc-5.json');
  const store = await openSqliteStore({ directory: data, kind: 'sandbox', lock: true });
  const used = policy();
  await keepPolicy(used, {
    writer: { write: (work) => store.transact((tx) => work({ tx, now: T0 } as Turn)) },
    clock: { soon: (work) => setImmediate(work) },
    known: [],
  });
  for (let n = 1; n < 10; n += 1) {
    const first = opening(`inc-${n}`);
    const second = noting(first.state, `Looking at the disk ${n}.`);
    await store.transact((tx) => tx.apply([first]));
    await store.transact((tx) => tx.apply([second]));
    await store.transact((tx) => tx.apply([resolving(second.state)]));
    store.signing.sign(T0 + n * 10 * MINUTE);
  }
  ({ key } = store.signing.head());
  await store.close();
});

const exported = (): IncidentExport => JSON.parse(readFileSync(file, 'utf8')) as IncidentExport;

test('is written once, and proves itself without any data', async () => {
  const made = await run('export', '5', '--data', data, '--out', file);
  expect(made.out).toContain(
    'has 3 events of inc-5, proved by the checkpoint of 2026-01-15T09:50:00Z.',
  );
  expect((await run('export', '5', '--data', data, '--out', file)).code).toBe(1);
  rmSync(data, { recursive: true });
  expect(await run('verify', '--export', file, '--key', key)).toEqual({
    code: 0,
    out: 'inc-5 with 3 events is as it was recorded by 2026-01-15T09:50:00Z. What it shows beside the events is not part of the proof. ',
  });
  expect((await run('verify', '--export', file)).out).toContain(`signed by ${key}: compare`);
  const other = publicKeyOf(makeKey());
  const { code, out } = await run('verify', '--export', file, '--key', other);
  expect({ code, out }).toMatchObject({ code: 1 });
  expect(out).toContain('was signed by another key');
});

test('names what it was decided by, and shows what `show` does', async () => {
  await run('export', '5', '--data', data, '--out', file);
  const { policies, shown, events, proof } = exported();
  expect(policies).toEqual(['p1']);
  expect(shown).toMatchObject({ id: 'inc-5', phase: 'resolved' });
  expect(events[1]?.event).toMatchObject({ text: 'Looking at the disk 5.' });
  expect(proof.inclusion).toMatchObject({ index: 14, size: 15 });
});

describe('what somebody has changed in it', () => {
  type Change = (document: IncidentExport) => object;
  const withEvents = (
    document: IncidentExport,
    change: (events: IncidentExport['events']) => IncidentExport['events'],
  ) => ({ ...document, events: change(document.events) });
  const rewritten: Change = (document) =>
    withEvents(document, (events) => {
      let previous = CHAIN_START;
      return events.map(({ event }) => {
        const other = JSON.parse(JSON.stringify(event).replace('disk', 'cat')) as typeof event;
        const link = { previous, hash: linkHash(previous, canonicalJson(other)), event: other };
        previous = link.hash;
        return link;
      });
    });
  const cases: readonly (readonly [string, Change, string])[] = [
    [
      'a word',
      (document) =>
        JSON.parse(JSON.stringify(document).replaceAll('disk 5', 'cat')) as IncidentExport,
      'event 2 was changed after it was written',
    ],
    [
      'the last event taken out',
      (document) => withEvents(document, (events) => events.slice(0, -1)),
      'the path of the proof does not lead from the last event',
    ],
    ['an event, and all that follows from it', rewritten, 'the path of the proof does not lead'],
    [
      'an event taken out of the middle',
      (document) => withEvents(document, (events) => events.filter((_, n) => n !== 1)),
      'event 2 does not continue the event before it',
    ],
    [
      'the checkpoint',
      ({ proof, ...document }) => ({
        ...document,
        proof: { ...proof, checkpoint: { ...proof.checkpoint, at: '2026-01-01T00:00:00Z' } },
      }),
      'the checkpoint was changed after it was signed',
    ],
    [
      'whose it is',
      (document) => ({ ...document, incident: 'inc-6' }),
      'event 1 is of another incident',
    ],
  ];
  test.each(cases)('%s is named', async (_what, change, said) => {
    await run('export', '5', '--data', data, '--out', file);
    writeFileSync(file, JSON.stringify(change(exported())));
    const { code, out } = await run('verify', '--export', file, '--key', key);
    expect(code).toBe(1);
    expect(out).toContain(said);
  });

  test('and what is no export at all', async () => {
    writeFileSync(file, '{"format":"tocsin export 1"}');
    expect((await run('verify', '--export', file)).out).toContain('is no exported incident');
    expect((await run('verify')).out).toContain('what is to be verified is missing');
  });
});

test('an event that holds a secret is withheld, and the others are proved all the same', async () => {
  const store = await openSqliteStore({ directory: data, kind: 'sandbox', lock: true });
  const redact = (text: string): string => text.replaceAll('disk 5', '***');
  const view = { policy: policy(), redact };
  const { prove } = store.signing;
  const made = await exportIncident(store.reads, { view, now: T0, prove }, 'inc-5');
  await store.close();
  expect(made?.events.map(({ event }) => event === null)).toEqual([false, true, false]);
  expect(checkExport(JSON.stringify(made), key)).toMatchObject({
    withheld: 1,
    broken: [],
    signed: { key },
  });
});

test('what was archived is exported as well', async () => {
  const store = await openSqliteStore({ directory: data, kind: 'sandbox', lock: true });
  expect(await store.archive(T0 + 100 * DAY)).toMatchObject({ moved: 9 });
  await store.close();
  await run('export', '5', '--data', data, '--out', file);
  expect((await run('verify', '--export', file, '--key', key)).code).toBe(0);
});

test('what nobody has signed for yet says so', async () => {
  const store = await openSqliteStore({ directory: data, kind: 'sandbox', lock: true });
  await store.transact((tx) => tx.apply([opening('inc-10')]));
  await store.close();
  await run('export', '10', '--data', data, '--out', file);
  expect(exported().proof).toMatchObject({ why: 'no checkpoint stands for its last event yet' });
  expect(await run('verify', '--export', file)).toMatchObject({
    code: 1,
    out: expect.stringContaining('nothing proves that it was signed for') as string,
  });
});

test('a server signs for what is newest, and hands it to whoever may read', async () => {
  const api = await openApiServer();
  await api.h.deliver('prom', [alert()]);
  await api.h.settle();
  const [incident] = await api.h.open();
  const answer = await api.ask(`/api/v1/incidents/${incident?.id}/export`);
  expect(answer.status).toBe(200);
  expect(checkExport(answer.text, null)).toMatchObject({
    incident: incident?.id,
    broken: [],
    signed: { at: '2026-01-05T12:00:00Z' },
  });
  expect((await api.ask('/api/v1/incidents/inc-99/export')).status).toBe(404);
  await api.end();
});
