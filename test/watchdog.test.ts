/** The watchdog, in real processes: one that is stuck ends, one that was suspended does not. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, type TestContext, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const NODE = join(ROOT, 'node_modules/.bin/node');
/** Sixty of them are the patience of the watchdog. */
const TICK_MS = 50;

/** A program that is watched; `then` runs once it is. */
function program(then: string): readonly string[] {
  return [
    '--input-type=module',
    '-e',
    `import { startWatchdog } from '${ROOT}/src/engine/watching/watchdog.ts';
     import { systemdOf } from '${ROOT}/src/engine/watching/systemd.ts';
     import { systemClock } from '${ROOT}/src/engine/clock.ts';
     const clock = systemClock();
     const log = { error: (fields, text) => console.error(text, fields), warn: (fields, text) => console.error(text, fields) };
     const { stop, stopping } = startWatchdog({ clock, log, tickMs: ${TICK_MS}, systemd: systemdOf(process.env, process.pid) });
     const stuck = () => { for (;;); };
     clock.after(300, () => { console.log('watched'); ${then} });`,
  ];
}

async function run(
  { onTestFinished }: TestContext,
  then: string,
  [command = NODE, ...args]: readonly string[] = [],
): Promise<{ how: unknown; said: string }> {
  const child = spawn(command, [...args, ...(args.length === 0 ? [] : [NODE]), ...program(then)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { how: signal ?? code, said };
}

/** Namespaces of its own need rights that not everybody has. */
const asFirst = ['unshare', '--fork', '--pid', '--mount-proc'];
const mayBeFirst = spawnSync(asFirst[0] ?? '', [...asFirst.slice(1), 'true']).status === 0;

describe.concurrent('the watchdog', { timeout: 30_000 }, () => {
  test('ends a process that is stuck, and says so', async (context) => {
    const { how, said } = await run(context, 'stuck();');
    context.expect(how).toBe('SIGKILL');
    context.expect(said).toContain('its event loop is stuck');
  });

  test.skipIf(!mayBeFirst)('ends the first process of a container, too', async (context) => {
    const { how, said } = await run(context, 'stuck();', asFirst);
    context.expect(how).not.toBe(0);
    context.expect(said).toContain('its event loop is stuck');
  });

  test('lets a process end that has nothing more to do', async (context) => {
    context.expect(await run(context, 'stop();')).toEqual({ how: 0, said: '' });
  });

  test('lets one go on that is slow again and again', async (context) => {
    const slow = `const until = performance.now() + 1_500; while (performance.now() < until);`;
    const { how } = await run(
      context,
      `let n = 0; const again = () => { ${slow} n += 1; if (n === 5) stop(); else clock.after(50, again); }; again();`,
    );
    context.expect(how).toBe(0);
  });

  test('lets one go on that was suspended for longer than its patience', async ({
    expect,
    onTestFinished,
  }) => {
    const child = spawn(
      NODE,
      program('clock.after(1_000, () => { console.log("done"); stop(); });'),
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('watched');
    child.kill('SIGSTOP');
    await once(spawn('sleep', ['4']), 'exit');
    child.kill('SIGCONT');
    expect((await lines.next()).value).toBe('done');
    expect(await ended).toEqual([0, null]);
  });
});
