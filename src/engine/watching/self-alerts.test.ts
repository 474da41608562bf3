/** What was alerted about Tocsin itself, and which of it a start ends. */
import { expect, test } from 'vitest';
import { encodeSelf, type SelfKey } from '../../core/model/arriving-keys.ts';
import type { Tx } from '../../store/store.ts';
import { endWhatTheStartEnds } from './self-alerts.ts';

test('a start ends what was said of files and of rows that are gone, and leaves the rest to those who look', async () => {
  const keys: readonly SelfKey[] = [
    { kind: 'reload', file: null },
    { kind: 'reload', file: 'teams/lights.yaml' },
    { kind: 'spoilt', row: 'token:gone' },
    { kind: 'spoilt', row: 'token:there' },
    { kind: 'audit', check: 'DeadLetters' },
    { kind: 'unparsed', source: 'prom', hour: '2026-05-05T02' },
  ];
  const texts = [...keys.map(encodeSelf), 'reload:a:text:of nobody'];
  const rows = texts.map((dedupKey) => ({ dedupKey, labels: { alertname: 'X' }, title: 'T' }));
  const unheardAlerts: Tx['unheardAlerts'] = ({ keysBegin = '' }) =>
    Promise.resolve(rows.filter(({ dedupKey }) => dedupKey.startsWith(keysBegin)) as never);
  const tx = { unheardAlerts } as unknown as Tx;
  const said: SelfKey[] = [];
  await endWhatTheStartEnds({
    write: (work) => work({ tx }),
    reads: { meta: (key) => Promise.resolve(key === 'token:there' ? '{' : null) },
    selfAlert: ({ key, status }) => void (status === 'resolved' && said.push(key)),
  });
  expect(said).toEqual(keys.slice(0, 3));
});
