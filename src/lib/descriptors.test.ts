import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

/** What a process that may open 64 files says. */
function said(script: string): unknown {
  const module = new URL('./descriptors.ts', import.meta.url).href;
  const program = `import { openSync } from 'node:fs';
    import { keepDescriptors } from '${module}';
    const kept = keepDescriptors();
    ${script}`;
  const { stdout, stderr } = spawnSync(
    'sh',
    ['-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', program],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe.skipIf(process.platform !== 'linux')('descriptors', () => {
  test('that are kept for the moment when there are no more count as open, held or not', () => {
    const { before, held, freed } = said(`
      const before = kept.used(); kept.keep();
      const held = kept.used(); kept.free();
      console.log(JSON.stringify({ before, held, freed: kept.used() }));`) as Record<
      string,
      unknown
    >;
    expect(held).toEqual(before);
    expect(freed).toEqual(before);
  });

  test('are all open once there is not one left to count them with', () => {
    const used = said(`
      kept.used(); kept.keep();
      try { for (;;) openSync('/dev/null', 'r'); } catch {}
      const used = kept.used(); kept.free();
      console.log(JSON.stringify(used));`);
    expect(used).toEqual({ open: 64, limit: 64 });
  });
});
