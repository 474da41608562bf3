/**
 * Every message that `check` can say, one file each: `bad/<what>.yaml` and the report it must give, `bad/<what>.txt`.
 * After a deliberate change of wording run with UPDATE_GOLDEN=1 and read the difference.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatProblems } from '../../src/config/load.ts';
import { here, loadFrom } from './load.ts';

const cases = readdirSync(join(here, 'bad'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace(/\.yaml$/, ''));

function reportOf(name: string): string {
  const result = loadFrom(here, `bad/${name}.yaml`);
  return formatProblems(result.ok ? result.warnings : result.problems);
}

describe('the report on', () => {
  test.each(cases)('%s', (name) => {
    const golden = join(here, 'bad', `${name}.txt`);
    const report = reportOf(name);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, report);
    expect(report).toBe(existsSync(golden) ? readFileSync(golden, 'utf8') : '(no golden file)');
    expect(report).not.toBe('');
  });

  test('a private address is none in the sandbox, where no vendor is reached', () => {
    const result = loadFrom(here, 'bad/address-private.yaml', { sandbox: true });
    expect(formatProblems(result.ok ? result.warnings : result.problems)).toBe('');
  });

  test('a file that does not exist', () => {
    expect(reportOf('there-is-none')).toBe(
      'bad/there-is-none.yaml:1:1  the file cannot be read. Compare the path and the permissions.\n',
    );
  });

  test('the good files is empty', () => {
    const result = loadFrom(here, 'good.yaml', {
      readFile: (path) =>
        path === 'good.yaml' ? 'include: good/*.yaml' : readFileSync(join(here, path), 'utf8'),
    });
    expect(formatProblems(result.ok ? result.warnings : result.problems)).toBe('');
  });
});
