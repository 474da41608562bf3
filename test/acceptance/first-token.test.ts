/** The first token of a live server, by the real process: where it lies, who may read it, when it goes, and how it is replaced. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { realTocsin } from '../support/cli.ts';
import { speak } from '../support/http.ts';
import {
  ALERTMANAGER_TOKEN,
  deliver,
  delivery,
  type RealServer,
  type RealWorld,
  realWorld,
  SECRETS,
  until,
} from '../support/real.ts';

const TOKEN = /^tcs_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/;

function fileOf({ data }: RealWorld): string {
  return join(data, 'first-token');
}

function named(world: RealWorld, server: RealServer): Promise<void> {
  const words = `The first token is in ${fileOf(world)}`;
  return until('the file is named', () => server.output().includes(words));
}

/** The token in the file, once it is stored: it is written down before. */
async function tokenOf(world: RealWorld, server: RealServer): Promise<string> {
  const token = readFileSync(fileOf(world), 'utf8').trim();
  expect(token).toMatch(TOKEN);
  await until('the token is good', () => opens(server, token));
  return token;
}

async function opens({ url }: RealServer, token: string): Promise<boolean> {
  return (await speak(`${url}/api/v1/whoami`, { token })).status === 200;
}

function modesIn(folder: string): Readonly<Record<string, string>> {
  const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
  const files = readdirSync(folder).map(
    // Its name has that of the installation.
    (name) =>
      [name.replace(/^checkpoints-\w+/, 'checkpoints'), modeOf(join(folder, name))] as const,
  );
  return Object.fromEntries([['.', modeOf(folder)], ...files]);
}

async function reset(
  { data }: RealWorld,
  ...more: readonly string[]
): Promise<{ code: number; out: string; err: string; token: string }> {
  const argv = ['token', 'reset', '--data', data, ...more];
  const { code, out, err } = await realTocsin(argv, { cwd: data });
  const token = out.split('\n').find((line) => TOKEN.test(line)) ?? '';
  return { code, out, err, token };
}

const AT_MOST = 60_000;

describe.concurrent('the first token of a live server', () => {
  test.for(['000', '022', '077', '0777'])(
    'and all its data are for their owner alone, with umask %s',
    { timeout: AT_MOST },
    async (umask, context) => {
      const world = await realWorld(context);
      const server = await world.start(undefined, { shell: `umask ${umask}` });
      await until('everything is there', () => {
        const names = Object.keys(modesIn(world.data));
        return ['ballast', 'first-token', 'checkpoint-key.pem'].every((name) =>
          names.includes(name),
        );
      });
      context.expect(modesIn(world.data)).toEqual({
        '.': '700',
        ballast: '600',
        'checkpoint-key.pem': '600',
        'checkpoints.jsonl': '600',
        'first-token': '600',
        'lock.db': '600',
        'lock.db-journal': '600',
        'lock.pid': '600',
        'marker.json': '600',
        'troubles.json': '600',
        'tocsin.db': '600',
        'tocsin.db-shm': '600',
        'tocsin.db-wal': '600',
      });
      await server.kill();
    },
  );

  test(
    'is in a file that is named, not in what the server writes, until another token is made',
    async (context) => {
      const world = await realWorld(context);
      const first = await world.start();
      const token = await tokenOf(world, first);
      await named(world, first);
      context.expect(first.output()).not.toContain('tcs_');
      await first.stop();

      const second = await world.start();
      await named(world, second);
      const asked = { token, body: { owner: { kind: 'person', id: 'rosa' }, scopes: ['admin'] } };
      const made = await speak(`${second.url}/api/v1/tokens`, asked);
      context.expect(made.status).toBe(201);
      context.expect(existsSync(fileOf(world))).toBe(false);
      context.expect(await opens(second, token), 'it stays valid').toBe(true);
      await second.stop();

      const third = await world.start();
      await third.stop();
      context.expect(third.output()).not.toContain('first token');
    },
    AT_MOST,
  );

  test(
    'is deleted when it is revoked, also while the server was stopped',
    async (context) => {
      const world = await realWorld(context);
      const server = await world.start();
      const token = await tokenOf(world, server);
      const id = token.split('_')[1] ?? '';
      await speak(`${server.url}/api/v1/tokens/${id}`, { method: 'DELETE', token });
      context.expect(existsSync(fileOf(world))).toBe(false);
    },
    AT_MOST,
  );

  test(
    'is replaced by a command when all are lost, which waits for nobody and revokes what it is told',
    async (context) => {
      const world = await realWorld(context);
      const running = await world.start();
      const first = await tokenOf(world, running);
      const refused = await reset(world);
      context.expect(refused).toMatchObject({ code: 1, out: '' });
      context.expect(refused.err).toMatch(/another Tocsin \(process \d+\) already runs/);
      context.expect(refused.err).toContain('stop it first');
      await running.stop();

      const replaced = await reset(world);
      context.expect(replaced).toMatchObject({ code: 0, err: '' });
      context.expect(replaced.out).toContain('No other token was revoked.');
      context
        .expect(existsSync(fileOf(world)), 'the first lies about no longer than it is the only one')
        .toBe(false);
      const again = await world.start();
      context.expect(await opens(again, replaced.token)).toBe(true);
      context.expect(await opens(again, first)).toBe(true);
      await again.stop();

      const alone = await reset(world, '--revoke-others');
      context.expect(alone.out).toContain('2 other tokens revoked.');
      const last = await world.start();
      context.expect(await opens(last, alone.token)).toBe(true);
      context.expect(await opens(last, replaced.token)).toBe(false);
      context.expect(await opens(last, first)).toBe(false);
      context
        .expect(existsSync(fileOf(world)), 'what opens nothing lies about nowhere')
        .toBe(false);
    },
    AT_MOST,
  );

  test(
    'is replaced only where there is a database: nothing is made where there is none',
    async (context) => {
      const world = await realWorld(context);
      const { code, err } = await reset(world);
      context.expect(code).toBe(1);
      context.expect(err).toContain('there is no database in');
      context.expect(existsSync(world.data)).toBe(false);
    },
    AT_MOST,
  );
});

test(
  'at the level debug each request is told, and no secret of the configuration, of a sender or of a person',
  async (context) => {
    const world = await realWorld(context);
    const server = await world.start(undefined, { args: ['--log-level', 'debug'] });
    const token = await tokenOf(world, server);
    const wrong = `tcs_${'a'.repeat(12)}_${'wrong'.repeat(8)}abc`;
    expect(await deliver(server.url, delivery('CraneDown'))).toBe(202);
    await until(
      'a phone rings and the page is written',
      () => world.pages().length > 0 && world.posts().length > 0,
    );
    await speak(`${server.url}/webhooks/prom/of-the-sender?key=${ALERTMANAGER_TOKEN}`, {
      body: {},
      headers: { authorization: 'Bearer a-wrong-credential' },
    });
    await speak(`${server.url}/webhooks/prom?token=in-the-query`, { body: {} });
    await opens(server, token);
    await opens(server, wrong);
    await speak(`${server.url}/api/v1/incidents?open=true&token=in-the-query`, { token });
    const asked = { token, body: { owner: { kind: 'person', id: 'rosa' }, scopes: ['read'] } };
    const made = (await speak(`${server.url}/api/v1/tokens`, asked)).json as { token: string };
    await speak(`${server.url}/api/v1/tokens/${made.token}`, { method: 'DELETE', token });
    await server.stop();
    const log = server.output();
    expect(log).toContain('a target was asked');
    expect(log).toMatch(/"path":"\/webhooks\/prom","client":"127\.0\.0\.1","status":202/);
    const secrets = [
      ...Object.values(SECRETS),
      ...[token, made.token, wrong].map((one) => one.split('_').slice(2).join('_')),
      'a-wrong-credential',
      'in-the-query',
      'of-the-sender',
    ];
    expect(secrets.filter((secret) => secret.length < 6)).toEqual([]);
    expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
  },
  AT_MOST,
);
