/** What stands around the engine: a configuration that is read again, the size of deliveries, rehearsals, and the end. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { instantOf } from '../../src/contract/instant.ts';
import { createSteppedClock } from '../../src/sandbox/clock.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { createBackends } from '../../src/commands.ts';
import { alertmanagerBody } from '../support/bodies.ts';
import { speak } from '../support/http.ts';
import { until } from '../support/real.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { HARBOUR } from './harbour.ts';

const START = '2026-03-02T02:00:00Z';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tocsin-serving-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function written(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe('a configuration that is read again', () => {
  const main = `include: teams/*.yaml\n${HARBOUR}`;
  const team = (name: string, crane: string): string =>
    `team: ${name}\nservices: {${crane}: {on_call: petra}}\n`;

  async function running(): Promise<{ stage: Stage; write: (file: string, text: string) => void }> {
    const config = folder();
    const write = (file: string, text: string): void => void written(join(config, file), text);
    write('tocsin.yaml', main);
    write('teams/yard.yaml', team('yard', 'crane'));
    write('teams/shed.yaml', team('shed', 'forklift'));
    const configFile = join(config, 'tocsin.yaml');
    return { stage: await openStage({ configFile, start: START }), write };
  }

  /** Every incident about it: title and how much of it fires. */
  async function told(stage: Stage): Promise<readonly string[]> {
    const { json } = await stage.api('admin', 'GET /api/v1/incidents');
    const { incidents } = json as { incidents: readonly { title: string; firing: number }[] };
    return incidents.map(({ title, firing }) => `${title}: ${firing}`);
  }

  async function reloaded(stage: Stage): Promise<number> {
    const { status } = await stage.api('admin', 'POST /-/reload', {});
    return status;
  }

  test('and refused: the one before goes on; where nobody sees it an incident says so, and it clears with the mistake', async () => {
    const { stage, write } = await running();
    write('tocsin.yaml', main.replace('watch: {page:', 'watch: {pgae:'));
    expect(await reloaded(stage)).toBe(409);
    expect(await told(stage), 'whoever asked has read the answer').toEqual([]);
    await stage.app().reload({ isSeen: false });
    await stage.clock.settle();
    expect(await told(stage)).toEqual(['The configuration could not be reloaded: 1']);
    await stage.alert({ alertname: 'PumpStopped', labels: { service: 'pumps' } });
    expect(await stage.rings()).toContainEqual(
      expect.stringMatching(/\| rang \| nora \| watch \| .* high$/),
    );
    write('tocsin.yaml', main);
    expect(await reloaded(stage)).toBe(200);
    expect(await told(stage)).toContain('The configuration could not be reloaded: 0');
  });

  test('twice at once is read again one after the other, and an end waits for both', async () => {
    const { stage, write } = await running();
    const app = stage.app();
    const first = app.reload({ isSeen: true });
    const second = app.reload({ isSeen: true });
    write('teams/yard.yaml', team('yard', 'hoist'));
    await app.stop();
    expect(await Promise.all([first, second])).toMatchObject([{ ok: true }, { ok: true }]);
    expect(Object.keys(app.engine.setup().policy.services)).toContain('hoist');
  });

  test('with a rotation that has not begun: the start and the reload say until when nobody is on call', async () => {
    const { stage, write } = await running();
    const rotation = (starts: string): string =>
      `${main}rotations:\n  tides: {every: 1w, handoff: {day: monday, at: "10:00"}, starts: ${starts}, people: [nora]}\n`;
    const told = async (starts: string): Promise<string> => {
      write('tocsin.yaml', rotation(starts));
      return (await stage.api('admin', 'POST /-/reload', {})).text;
    };
    const warning =
      'rotation tides begins on 2027-01-04 at 10:00: until then nobody is on call by it';
    expect(await told('2027-01-04')).toContain(warning);
    await stage.restart();
    expect(stage.app().warnings.map(({ message }) => message)).toContain(warning);
    expect(await told('2026-01-05')).not.toContain('tides');
  });

  test('with the mistake of one team: the others are taken over; where nobody sees it its owner is told until it is mended', async () => {
    const { stage, write } = await running();
    write('teams/yard.yaml', team('yard', 'crane').replace('petra', 'nobody'));
    write('teams/shed.yaml', team('shed', 'sledge'));
    expect(await reloaded(stage)).toBe(200);
    const { services } = stage.app().engine.setup().policy;
    expect(Object.keys(services)).toEqual(expect.arrayContaining(['crane', 'sledge']));
    const title = 'The file of team yard is wrong and keeps its last good copy';
    expect(await told(stage), 'whoever asked has read the answer').toEqual([]);
    await stage.app().reload({ isSeen: false });
    await stage.clock.settle();
    expect(await told(stage)).toEqual([`${title}: 1`]);
    write('teams/yard.yaml', team('yard', 'derrick'));
    expect(await reloaded(stage)).toBe(200);
    expect(await told(stage)).toEqual([`${title}: 0`]);
  });

  test('with the mistake of one team, which whoever asked forgets: its owner is told within the hour, for a restart would be refused', async () => {
    const { stage, write } = await running();
    const kept = async (): Promise<unknown> =>
      (await stage.api('admin', 'GET /api/v1/health')).json.kept;
    expect(await kept()).toEqual([]);
    write('teams/yard.yaml', team('yard', 'crane').replace('petra', 'nobody'));
    const since = stage.clock.now();
    const file = expect.stringMatching(/teams\/yard\.yaml$/);
    expect((await stage.api('admin', 'POST /-/reload', {})).json.kept).toEqual([
      { team: 'yard', file },
    ]);
    await stage.advance('30m');
    await reloaded(stage);
    expect(await kept()).toEqual([{ team: 'yard', file, since }]);
    await stage.advance('29m');
    expect(await told(stage)).toEqual([]);
    await stage.advance('2m');
    const title = 'The file of team yard is wrong and keeps its last good copy';
    expect(await told(stage)).toEqual([`${title}: 1`]);
    expect((await stage.incident()).routing.description).toMatch(
      /^A restart will be refused until \S*yard\.yaml is mended/,
    );
    write('teams/yard.yaml', team('yard', 'derrick'));
    await reloaded(stage);
    expect(await told(stage)).toEqual([`${title}: 0`]);
    expect(await kept()).toEqual([]);
  });

  test('with a mistake that is mended within the hour: nobody else is told', async () => {
    const { stage, write } = await running();
    write('teams/yard.yaml', team('yard', 'crane').replace('petra', 'nobody'));
    await reloaded(stage);
    await stage.advance('59m');
    write('teams/yard.yaml', team('yard', 'derrick'));
    await reloaded(stage);
    await stage.advance('2h');
    expect(await told(stage)).toEqual([]);
  });
});

test('a delivery may be as large as server.max_body says, and no larger', async () => {
  const yaml = `${HARBOUR}\nserver: {max_body: 2KB}\n`;
  const stage = await openStage({ yaml, start: START });
  const about = (length: number): object =>
    alertmanagerBody({ alertname: 'PumpStopped', description: 'x'.repeat(length) });
  expect((await stage.deliver('prometheus', about(1_000))).status).toBe(202);
  expect((await stage.deliver('prometheus', about(2_000))).status).toBe(413);
  expect(await stage.incidents()).toHaveLength(1);
});

test('a page that is on its way when Tocsin stops is waited for, written down and not sent again', async () => {
  const stage = await openStage({ yaml: HARBOUR, start: START });
  stage.fault({ target: 'pd', method: 'POST', fault: 'slow', delayMs: 3_000 });
  await stage.alert({ alertname: 'PumpStopped', labels: { service: 'pumps' } });
  const restarted = stage.restart();
  await stage.advance('5s');
  await restarted;
  stage.healed();
  await stage.advance('2m');
  expect(stage.pages().map(({ event }) => event)).toEqual(['rang']);
  expect(stage.log).toEqual([]);
});

describe('a rehearsal', () => {
  test('reaches no vendor that no stand-in plays, whatever hosts the file allows', async () => {
    const elsewhere = '192.0.2.1';
    const address = `http://${elsewhere}:9`;
    const config = written(
      join(folder(), 'tocsin.yaml'),
      `${HARBOUR.replace('mode: live\n', `mode: live\n    base_url: ${address}\n`).replace('slack, mode: live', `slack, mode: live, base_url: "${address}"`)}
server: {allow_private_hosts: ["${elsewhere}"]}\n`,
    );
    const clock = createSteppedClock({ start: instantOf(START) ?? 0 });
    const log: string[] = [];
    const app = await createApp({
      config,
      data: folder(),
      sandbox: true,
      sandboxPort: 0,
      openVendors: async (options) => ({ ...(await startSandbox(options)), urlsFor: () => ({}) }),
      listen: { host: '127.0.0.1', port: 0 },
      clock,
      environment: {},
      pid: process.pid,
      log: { level: 'warn', write: (line) => void log.push(line) },
      onBroken: () => undefined,
    });
    onTestFinished(() => app.stop());
    const { secretsByPath } = app.loaded;
    await speak(`${app.url}/webhooks/prometheus`, {
      body: alertmanagerBody({ alertname: 'PumpStopped', labels: { service: 'pumps' } }),
      headers: { authorization: `Bearer ${secretsByPath['sources.prometheus.token']?.reveal()}` },
    });
    await clock.settle();
    const refusal = 'is not loopback, and the sandbox reaches nothing else';
    expect(log.length).toBeGreaterThan(0);
    expect(log.filter((line) => !line.includes(refusal))).toEqual([]);
  });

  function server(sandbox: boolean, data: string, port = 0) {
    let stop: () => void = () => undefined;
    let reload: () => void = () => undefined;
    let said = '';
    const config = written(
      join(folder(), 'tocsin.yaml'),
      HARBOUR.replaceAll(/(\w+)_file: \S+?([,}\n])/g, '$1: "${SECRET}"$2'),
    );
    const backends = createBackends({
      environment: { SECRET: 'a-secret-of-somebody' },
      pid: process.pid,
      out: (text) => (said += text),
      err: () => undefined,
      onStop: (given) => (stop = given),
      onReload: (given) => (reload = given),
    });
    const listen = { host: '127.0.0.1', port };
    const running = backends.serve({
      config,
      data,
      listen,
      sandbox,
      clock: 'real',
      sandboxPort: null,
      sandboxHost: '127.0.0.1',
      logLevel: null,
    });
    return {
      said: () => said,
      config,
      signal: () => reload(),
      running,
      end: async () => {
        const { stopped } = await running;
        stop();
        return stopped;
      },
    };
  }

  test('that is stopped keeps its database, and the next one goes on with it', async () => {
    const data = folder();
    const first = server(true, data);
    expect(await first.end()).toBe(0);
    expect(first.said()).toContain('first token');
    const second = server(true, data);
    expect(await second.end()).toBe(0);
    expect(second.said()).not.toContain('first token');
  });

  test('whose port is taken has made no token: the next one prints the first', async () => {
    const taken = createServer();
    await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void taken.close());
    const data = folder();
    const first = server(true, data, (taken.address() as AddressInfo).port);
    await expect(first.running).rejects.toThrow('it is in use');
    expect(first.said()).toBe('');
    const second = server(true, data);
    expect(await second.end()).toBe(0);
    expect(second.said()).toContain('first token');
  });

  test('that is told by a signal to reload what cannot be loaded says so by an incident', async () => {
    const one = server(true, folder());
    await one.running;
    const url = /listens on (http:\S+)/.exec(one.said())?.[1] ?? '';
    const token = /TOCSIN_TOKEN=(\S+)/.exec(one.said())?.[1] ?? null;
    const titles = async (): Promise<readonly string[]> => {
      const { json } = await speak(`${url}/api/v1/incidents`, { method: 'GET', token });
      return (json as { incidents: readonly { title: string }[] }).incidents.map(
        ({ title }) => title,
      );
    };
    writeFileSync(one.config, 'severities: {}\n');
    one.signal();
    await until('an incident is open', async () => (await titles()).length > 0);
    expect(await titles()).toEqual(['The configuration could not be reloaded']);
    expect(await one.end()).toBe(0);
  });

  test('leaves a database that no live server takes for its own', async () => {
    const data = folder();
    await server(true, data).end();
    await expect(server(false, data).running).rejects.toThrow('sandbox');
  });
});
