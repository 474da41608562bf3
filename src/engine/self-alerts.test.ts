/** What was alerted about Tocsin itself, and which of it a start ends. */
import { expect, test } from 'vitest';
import type { Tx } from '../store/store.ts';
import { endWhatTheStartEnds } from './self-alerts.ts';

test('a start ends what was said of files and of rows that are gone, and leaves the rest to those who look', async () => {
  const keys = [
    'reload',
    'reload:teams/lights.yaml',
    'spoilt:token:gone',
    'spoilt:token:there',
    'audit:DeadLetters',
    'unparsed:prom:2026-05-05T02',
  ];
  const rows = keys.map((dedupKey) => ({ dedupKey, labels: { alertname: 'X' }, title: 'T' }));
  const unheardAlerts: Tx['unheardAlerts'] = ({ keysBegin = '' }) =>
    Promise.resolve(rows.filter(({ dedupKey }) => dedupKey.startsWith(keysBegin)) as never);
  const tx = { unheardAlerts } as unknown as Tx;
  const said: string[] = [];
  await endWhatTheStartEnds({
    write: (work) => work({ tx }),
    reads: { meta: (key) => Promise.resolve(key === 'token:there' ? '{' : null) },
    selfAlert: ({ key, status }) => void said.push(`${key}: ${status}`),
  });
  expect(said).toEqual([
    'reload: resolved',
    'reload:teams/lights.yaml: resolved',
    'spoilt:token:gone: resolved',
  ]);
});
