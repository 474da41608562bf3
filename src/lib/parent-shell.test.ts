import { describe, expect, it } from 'vitest';
import { commandLineOf, isWaiting } from './parent-shell.ts';

describe('a shell', () => {
  it.each([
    [['sh', '-c', "'tocsin' serve --config t.yaml"]],
    [['/bin/sh', '-c', '--', 'node bin/tocsin.js serve; echo ended']],
    [['bash', '-ec', 'cd /srv && exec_it=1 npx tocsin serve 2>&1 | tee log']],
    [['dash', '-c', 'tocsin serve > log 2>&1 < /dev/null || exit 1']],
    [['busybox', 'sh', '-c', 'tocsin serve']],
  ])('waits that runs %j', (command) => {
    expect(isWaiting(command, 'tocsin')).toBe(true);
  });

  it.each([
    [['sh', '-c', 'tocsin serve & echo started']],
    [['sh', '-c', 'nohup tocsin serve']],
    [['sh', '-c', 'setsid tocsin serve']],
    [['sh', '-c', 'tocsin serve &']],
    [['sh', '-c', './start.sh']],
    [['sh', './tocsin-start.sh']],
    [['-bash']],
    [['bash']],
    [['/usr/lib/systemd/systemd', '--system']],
    [['python3', '-c', 'import tocsin']],
    [['tini', '--', 'tocsin']],
    [[]],
  ])('that may leave what it started running is none that waits: %j', (command) => {
    expect(isWaiting(command, 'tocsin')).toBe(false);
  });

  it('is not seen where there is no such process', () => {
    expect(commandLineOf(2 ** 30)).toEqual([]);
  });
});
