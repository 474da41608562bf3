/**
 * The fault matrix is what it was: whoever changes when, how often or where a phone rings while a pager misbehaves sees it
 * here. `UPDATE_GOLDEN=1 npx vitest run test/faults` writes the table anew: read the difference before you commit it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CASES, play, tableOf } from './matrix.ts';

const TABLE = new URL('table.txt', import.meta.url);

test('each way in which a pager misbehaves comes to what the table says', async () => {
  const rows: (readonly string[])[] = [];
  for (const one of CASES) rows.push(await play(one));
  const table = tableOf(rows);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(TABLE, table);
  expect(table.split('\n')).toEqual(readFileSync(TABLE, 'utf8').split('\n'));
  expect(
    rows.every(([, , , first]) => first !== 'never'),
    'a phone rings at last',
  ).toBe(true);
}, 600_000);
