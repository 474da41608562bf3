/**
 * A real pair of Alertmanagers, as people run them so that one may fail: each hears every alert, and each may tell it.
 *
 * What stands between them and the server notes which of the two sent what. Both send the same alert, and it is one
 * incident and one ring; one of them dies, and the other tells the end. A silence and an inhibition make them stop
 * repeating an alert: it has not cleared by that, and Tocsin does not say so.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type Alertmanager,
  isInstalled,
  type Said,
  skippedBecause,
  startAlertmanager,
} from '../support/alertmanager.ts';
import { freePort, realWorld, type RealWorld, until } from '../support/real.ts';

const PATIENCE_MS = 60_000;

const NAMES = ['north', 'south'] as const;
type Name = (typeof NAMES)[number];

/** An alert in a delivery that the server took. */
interface Sent {
  readonly by: string;
  readonly alertname: string;
  readonly status: string;
}

interface Between {
  /** Where one of the pair delivers. */
  url(name: Name): string;
  /** What was taken, the oldest first. */
  readonly sent: readonly Sent[];
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Hands deliveries on as they are, and notes whose they were. */
async function between(tocsin: string): Promise<Between> {
  const sent: Sent[] = [];
  const server = createServer((request, response) => {
    const handOn = async (): Promise<void> => {
      const [, by = '', ...path] = (request.url ?? '').split('/');
      const body = await bodyOf(request);
      const { authorization = '' } = request.headers;
      const answer = await fetch(`${tocsin}/${path.join('/')}`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body,
      });
      if (answer.status === 202) {
        const { alerts } = JSON.parse(body) as {
          readonly alerts: readonly {
            readonly status: string;
            readonly labels: { readonly alertname: string };
          }[];
        };
        for (const { status, labels } of alerts) sent.push({ by, status, ...labels });
      }
      response.writeHead(answer.status).end(await answer.text());
    };
    handOn().catch(() => response.writeHead(503).end());
  });
  const port = await freePort();
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: (name) => `http://127.0.0.1:${port}/${name}`, sent };
}

interface Pair {
  readonly world: RealWorld;
  readonly north: Alertmanager;
  readonly south: Alertmanager;
  readonly sent: readonly Sent[];
  /** Prometheus tells both, as it does. */
  say(said: Said): Promise<void>;
  isHeldBack(alertname: string): Promise<boolean>;
}

/** While the harbour is closed nobody need hear that the crane is down. */
const INHIBITION = `
inhibit_rules:
  - source_matchers: ['alertname="HarbourClosed"']
    target_matchers: ['alertname="CraneDown"']
`;

/** A server, and a pair that has found each other. */
async function openPair(): Promise<Pair> {
  const world = await realWorld({ onTestFinished });
  const server = await world.start();
  const { url, sent } = await between(server.url);
  const ports = [await freePort(), await freePort()] as const;
  const [north, south] = await Promise.all(
    NAMES.map((name, i) =>
      startAlertmanager({
        tocsin: url(name),
        test: { onTestFinished },
        more: INHIBITION,
        cluster: { port: ports[i] ?? 0, peers: ports.filter((_, other) => other !== i) },
      }),
    ),
  );
  if (north === undefined || south === undefined) throw new Error('there are two');
  const both = [north, south];
  await until('the two have found each other', async () =>
    (await Promise.all(both.map((one) => one.members()))).every((count) => count === 2),
  );
  return {
    world,
    north,
    south,
    sent,
    say: async (said) => void (await Promise.all(both.map((one) => one.say(said)))),
    isHeldBack: async (alertname) =>
      (await Promise.all(both.map((one) => one.isHeldBack(alertname)))).every(Boolean),
  };
}

function count(sent: readonly Sent[], wanted: Partial<Sent>): number {
  return sent.filter((one) =>
    Object.entries(wanted).every(([key, value]) => one[key as keyof Sent] === value),
  ).length;
}

/** The incident of the alert; there is one. */
async function incidentOf({ world }: Pair, alertname: string) {
  const found = (await world.incidents()).filter(({ title }) => title.startsWith(alertname));
  expect(found, `incidents of ${alertname}`).toHaveLength(1);
  const [incident] = found;
  if (incident === undefined) throw new Error(`there is no incident of ${alertname}`);
  return incident;
}

/** The alert is held back by both from now on, and what they were sending at that moment is through. */
async function heldBack(pair: Pair, alertname: string, repeated: string): Promise<void> {
  await until(`${alertname} is held back`, () => pair.isHeldBack(alertname));
  await untilRepeated(pair, repeated, 2);
}

async function untilRepeated({ sent }: Pair, alertname: string, times: number): Promise<void> {
  const before = count(sent, { alertname });
  await until(
    `${alertname} is repeated ${times} times`,
    () => count(sent, { alertname }) >= before + times,
  );
}

describe.skipIf(!isInstalled)(`a real pair of Alertmanagers${skippedBecause}`, () => {
  test(
    'tells an alert twice: one incident and one ring; when one of the two dies the other tells the end',
    async () => {
      const pair = await openPair();
      await pair.say({ alertname: 'CraneSlow', state: 'fires' });
      for (const by of NAMES)
        await until(
          `${by} has told it`,
          () => count(pair.sent, { by, alertname: 'CraneSlow', status: 'firing' }) > 0,
        );
      const { id, alerts } = await incidentOf(pair, 'CraneSlow');
      expect(alerts).toMatchObject({ firing: 1, total: 1 });
      await until('the watch is rung', () => pair.world.pages().length > 0);

      await pair.north.kill();
      await pair.south.say({ alertname: 'CraneSlow', state: 'ended' });
      await until('the incident hears that the alert has cleared', async () =>
        (await pair.world.events(id)).some(({ type }) => type === 'AlertsCleared'),
      );
      expect(count(pair.sent, { by: 'north', status: 'resolved' })).toBe(0);
      expect(pair.world.pages().filter(({ event }) => event === 'rang')).toHaveLength(1);
      expect(await pair.world.incidents()).toHaveLength(1);
    },
    PATIENCE_MS,
  );

  test(
    'repeats no alert that somebody has silenced: to Tocsin it fires on, and nothing says that it cleared',
    async () => {
      const pair = await openPair();
      await pair.say({ alertname: 'CraneSlow', state: 'fires' });
      await pair.say({ alertname: 'CraneDown', state: 'fires' });
      await untilRepeated(pair, 'CraneSlow', 2);
      await pair.south.silence('CraneSlow');
      await heldBack(pair, 'CraneSlow', 'CraneDown');

      const before = count(pair.sent, { alertname: 'CraneSlow' });
      await untilRepeated(pair, 'CraneDown', 3);
      expect(count(pair.sent, { alertname: 'CraneSlow' }), 'not repeated').toBe(before);
      expect(count(pair.sent, { status: 'resolved' }), 'nor told to have ended').toBe(0);
      const { id, alerts } = await incidentOf(pair, 'CraneSlow');
      expect(alerts).toMatchObject({ firing: 1, total: 1 });
      const types = (await pair.world.events(id)).map(({ type }) => type);
      expect(types).not.toContain('AlertsCleared');
    },
    PATIENCE_MS,
  );

  test(
    'repeats no alert that another one inhibits: to Tocsin it fires on, and clears when it ends after that',
    async () => {
      const pair = await openPair();
      await pair.say({ alertname: 'CraneDown', state: 'fires' });
      await untilRepeated(pair, 'CraneDown', 2);
      await pair.say({ alertname: 'HarbourClosed', state: 'fires' });
      await heldBack(pair, 'CraneDown', 'HarbourClosed');

      const before = count(pair.sent, { alertname: 'CraneDown' });
      await untilRepeated(pair, 'HarbourClosed', 3);
      expect(count(pair.sent, { alertname: 'CraneDown' }), 'not repeated').toBe(before);
      const { id, alerts } = await incidentOf(pair, 'CraneDown');
      expect(alerts).toMatchObject({ firing: 1, total: 1 });

      await pair.say({ alertname: 'HarbourClosed', state: 'ended' });
      await untilRepeated(pair, 'CraneDown', 1);
      await pair.say({ alertname: 'CraneDown', state: 'ended' });
      await until('the incident hears that the alert has cleared', async () =>
        (await pair.world.events(id)).some(({ type }) => type === 'AlertsCleared'),
      );
    },
    PATIENCE_MS,
  );

  test(
    'tells again and again of the alert that always fires: it is heard, and opens nothing',
    async () => {
      const pair = await openPair();
      await pair.say({ alertname: 'Watchdog', state: 'fires' });
      await untilRepeated(pair, 'Watchdog', 3);
      await until('the server has heard it', async () => {
        const heard = await pair.world.read((reads) => reads.meta('expected'));
        return heard?.includes('"heardAt":1') === true;
      });
      expect(await pair.world.incidents()).toEqual([]);
      expect(pair.world.pages()).toEqual([]);
    },
    PATIENCE_MS,
  );
});
