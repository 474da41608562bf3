/**
 * A real Prometheus Alertmanager (Debian: prometheus-alertmanager), with the configuration that the guide tells people to
 * write, to the letter: only the addresses are replaced and the intervals shortened.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isoOf } from '../../src/contract/index.ts';
import { ALERTMANAGER_TOKEN, type Finishing, freePort, until } from './real.ts';

const BINARY = 'prometheus-alertmanager';
const GUIDE = new URL('../../docs/guides/alertmanager.md', import.meta.url);

export const isInstalled = spawnSync(BINARY, ['--version']).status === 0;

/** Said in the name of what is skipped. */
export const skippedBecause = isInstalled
  ? ''
  : ` (skipped: ${BINARY} is not installed; on Debian: apt-get install prometheus-alertmanager)`;

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
    ['repeat_interval: 4m', 'repeat_interval: 1s'],
  ] as const;
  return changes.reduce((text, [from, to]) => replaced(text, from, to), found ?? '');
}

/** What Prometheus says. */
export interface Said {
  readonly alertname: string;
  readonly state: 'fires' | 'ended';
}

export interface Alertmanager {
  readonly url: string;
  /** Says as Prometheus does that the alert fires, or that it has ended. */
  say(said: Said): Promise<void>;
  /** Deliveries that were answered, from its own metrics. */
  delivered(): Promise<number>;
  /** Somebody silences the alert for an hour. */
  silence(alertname: string): Promise<void>;
  /** Whether it holds the alert back: it is silenced or inhibited. */
  isHeldBack(alertname: string): Promise<boolean>;
  /** How many of its cluster it sees, itself included. */
  members(): Promise<number>;
  /** Ends the process at once. */
  kill(): Promise<void>;
}

export interface AlertmanagerOptions {
  /** Where it delivers. */
  readonly tocsin: string;
  readonly test: Finishing;
  /** Stands behind the configuration of the guide. */
  readonly more?: string;
  /** Ports on loopback: its own in the cluster, and those of its peers; absent: it is alone. */
  readonly cluster?: { readonly port: number; readonly peers: readonly number[] };
}

function clusterFlags(cluster: AlertmanagerOptions['cluster']): readonly string[] {
  if (cluster === undefined) return ['--cluster.listen-address='];
  return [
    `--cluster.listen-address=127.0.0.1:${cluster.port}`,
    ...cluster.peers.map((port) => `--cluster.peer=127.0.0.1:${port}`),
    // Nobody waits for the other one to have sent it: both do.
    '--cluster.peer-timeout=0s',
    '--cluster.settle-timeout=1s',
    '--cluster.gossip-interval=1s',
  ];
}

async function ask(url: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`);
  return text === '' ? null : (JSON.parse(text) as unknown);
}

/** When every alert of a test began: Prometheus says the same to all of a cluster. */
const startsAt = isoOf(Date.now() - 60_000);

function speaking({ url, kill }: Pick<Alertmanager, 'url' | 'kill'>): Alertmanager {
  const alertsNamed = (alertname: string): string =>
    `${url}/api/v2/alerts?filter=${encodeURIComponent(`alertname="${alertname}"`)}`;
  return {
    url,
    kill,
    say: async ({ alertname, state }) => {
      const alert = {
        labels: { alertname, severity: 'warning' },
        annotations: { summary: `${alertname} at the harbour` },
        startsAt,
        ...(state === 'fires' ? {} : { endsAt: isoOf(Date.now()) }),
      };
      await ask(`${url}/api/v2/alerts`, [alert]);
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
    silence: async (alertname) => {
      await ask(`${url}/api/v2/silences`, {
        matchers: [{ name: 'alertname', value: alertname, isRegex: false, isEqual: true }],
        startsAt: isoOf(Date.now()),
        endsAt: isoOf(Date.now() + 3_600_000),
        createdBy: 'the watch',
        comment: 'it is being repaired',
      });
    },
    isHeldBack: async (alertname) => {
      const alerts = (await ask(alertsNamed(alertname))) as readonly {
        readonly status: { readonly state: string };
      }[];
      return alerts.length > 0 && alerts.every(({ status }) => status.state === 'suppressed');
    },
    members: async () => {
      const { cluster } = (await ask(`${url}/api/v2/status`)) as {
        readonly cluster: { readonly status: string; readonly peers?: readonly unknown[] };
      };
      return cluster.status === 'ready' ? (cluster.peers?.length ?? 0) : 0;
    },
  };
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((done) => void child.once('exit', () => done()));
}

/** Starts one; it ends with the test. */
export async function startAlertmanager(options: AlertmanagerOptions): Promise<Alertmanager> {
  const { tocsin, test, more = '', cluster } = options;
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-alertmanager-'));
  const [token, config] = [join(folder, 'token'), join(folder, 'alertmanager.yml')];
  writeFileSync(token, ALERTMANAGER_TOKEN);
  writeFileSync(config, configuration(tocsin, token) + more);
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    BINARY,
    [
      `--config.file=${config}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=${url.slice('http://'.length)}`,
      ...clusterFlags(cluster),
    ],
    { stdio: 'ignore' },
  );
  const ended = endOf(child);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  test.onTestFinished(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  await until('Alertmanager is ready', async () => {
    const answer = await fetch(`${url}/-/ready`).catch(() => null);
    return answer?.ok === true;
  });
  return speaking({ url, kill });
}
