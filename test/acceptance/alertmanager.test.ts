/**
 * A real Prometheus Alertmanager delivers to a running server.
 *
 * It runs with the configuration that `docs/guides/alertmanager.md` tells people to write, to the letter; only the
 * addresses are replaced and the intervals shortened. The crane gets slow: Alertmanager tells it, the watch is rung once
 * however often it is repeated, and when the crane recovers the incident hears that every alert has cleared. When it gets
 * slow while Tocsin is down, Alertmanager keeps the news until Tocsin is back.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isoOf } from '../../src/contract/index.ts';
import { ALERTMANAGER_TOKEN, freePort, realWorld, until } from '../support/real.ts';

const BINARY = 'prometheus-alertmanager';
const GUIDE = new URL('../../docs/guides/alertmanager.md', import.meta.url);
const isInstalled = spawnSync(BINARY, ['--version']).status === 0;
const PATIENCE_MS = 90_000;

/** Replaces what must stand in the guide exactly once. */
function replaced(text: string, from: string, to: string): string {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`the guide says "${from}" ${parts.length - 1} times`);
  return parts.join(to);
}

/** The file that the guide tells people to write, with the test's addresses and times. */
function configuration(tocsin: string, tokenFile: string): string {
  const blocks = [...readFileSync(GUIDE, 'utf8').matchAll(/```yaml\n([^`]*)```/g)];
  const found = blocks
    .map((match) => match[1] ?? '')
    .find((block) => block.includes('# alertmanager.yml'));
  const changes = [
    ['https://tocsin.example.com/webhooks/prometheus', `${tocsin}/webhooks/prom`],
    ['/etc/alertmanager/tocsin_token', tokenFile],
    ['group_interval: 30s', 'group_interval: 1s'],
    ['repeat_interval: 1h', 'repeat_interval: 1s'],
  ] as const;
  return changes.reduce((text, [from, to]) => replaced(text, from, to), found ?? '');
}

interface Alertmanager {
  /** Says as Prometheus does that the alert fires, or that it has ended. */
  say(alertname: string, state: 'fires' | 'ended'): Promise<void>;
  /** Deliveries that were answered, from its own metrics. */
  delivered(): Promise<number>;
}

async function alertmanager(tocsin: string): Promise<Alertmanager> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-alertmanager-'));
  const [token, config] = [join(folder, 'token'), join(folder, 'alertmanager.yml')];
  writeFileSync(token, ALERTMANAGER_TOKEN);
  writeFileSync(config, configuration(tocsin, token));
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    BINARY,
    [
      `--config.file=${config}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=${url.slice('http://'.length)}`,
      '--cluster.listen-address=',
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((done) => void child.once('exit', () => done()));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  await until('Alertmanager is ready', async () => {
    const answer = await fetch(`${url}/-/ready`).catch(() => null);
    return answer?.ok === true;
  });
  const startsAt = isoOf(Date.now() - 60_000);
  return {
    say: async (alertname, state) => {
      const answer = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([
          {
            labels: { alertname, severity: 'warning' },
            annotations: { summary: `${alertname} at the harbour` },
            startsAt,
            ...(state === 'fires' ? {} : { endsAt: isoOf(Date.now()) }),
          },
        ]),
      });
      expect(answer.status).toBe(200);
    },
    delivered: async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const count = (name: string): number =>
        Number(
          new RegExp(`^${name}{[^}]*integration="webhook"[^}]*} (\\d+)`, 'm').exec(text)?.[1] ?? 0,
        );
      return (
        count('alertmanager_notifications_total') - count('alertmanager_notifications_failed_total')
      );
    },
  };
}

describe.skipIf(!isInstalled)(
  `a real Alertmanager${isInstalled ? '' : ` (skipped: ${BINARY} is not installed; on Debian: apt-get install prometheus-alertmanager)`}`,
  () => {
    test(
      'fires, repeats and resolves: one ring, one incident, and the incident hears the end',
      async () => {
        const world = await realWorld({ onTestFinished });
        const server = await world.start();
        const prometheus = await alertmanager(server.url);

        await prometheus.say('CraneSlow', 'fires');
        await until('the watch is rung', () => world.pages().length > 0);
        const [incident] = await world.incidents();
        expect(incident).toMatchObject({ title: 'CraneSlow at the harbour', level: 'mild' });

        const before = await prometheus.delivered();
        await until(
          'it is repeated twice',
          async () => (await prometheus.delivered()) >= before + 2,
        );
        const id = incident?.id ?? '';
        const attached = (await world.events(id)).filter(
          (event) => event.type === 'AlertsAttached',
        );
        expect([attached.length, (await world.incidents()).length]).toEqual([1, 1]);

        await prometheus.say('CraneSlow', 'ended');
        await until('the incident hears that the alert has cleared', async () =>
          (await world.events(id)).some((event) => event.type === 'AlertsCleared'),
        );
        expect(world.pages().filter((page) => page.event === 'rang')).toHaveLength(1);
      },
      PATIENCE_MS,
    );

    test(
      'keeps what it has to say while the server is down',
      async () => {
        const world = await realWorld({ onTestFinished });
        const before = await world.start();
        const prometheus = await alertmanager(before.url);
        await before.kill();

        await prometheus.say('CraneSlow', 'fires');
        await world.start();
        await until('the watch is rung', () => world.pages().length > 0, 45_000);
        expect(await world.incidents()).toHaveLength(1);
      },
      PATIENCE_MS,
    );
  },
);
