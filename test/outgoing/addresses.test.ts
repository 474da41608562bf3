/**
 * Where requests may go: each address is tried at `check`, which asks nobody, and at the real HTTP client, which must not
 * even connect. What is let out is seen at the guard of the tests: it names the address that the socket wanted.
 */
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, isIPv6, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { formatProblems, type Loaded } from '../../src/config/load.ts';
import type { HttpAnswer } from '../../src/contract/http.ts';
import { systemClock } from '../../src/engine/clock.ts';
import type { Allow, ResolveHost } from '../../src/engine/outgoing/address-guard.ts';
import { createHttpClient, type HttpClient } from '../../src/engine/outgoing/http-client.ts';
import { here, loadFrom } from '../config/load.ts';
import { takeRefused } from '../loopback/refused.ts';
import { type AtCheck, WRITTEN } from './addresses.ts';
import { ALLOWED, NAMES, ZONE } from './names.ts';

/** Listens on loopback, in both families, and counts who comes. */
let connections = 0;
const listeners: Server[] = [];
let port = 0;

function listen(host: string, at: number): Promise<number> {
  const server = createHttpServer((_request, response) => void response.end('inside'));
  server.on('connection', () => (connections += 1));
  listeners.push(server);
  return new Promise((listening, failed) => {
    server.on('error', failed);
    server.listen(at, host, () => listening((server.address() as AddressInfo).port));
  });
}

beforeAll(async () => {
  port = await listen('0.0.0.0', 0);
  await listen('::1', port);
});
afterAll(() => {
  for (const listener of listeners) listener.close();
});
afterEach(() => {
  connections = 0;
});

const withPort = (text: string): string => text.replace(/:P(?=[/:]|$)/, `:${port}`);

const NOT_FOUND = new Error('getaddrinfo ENOTFOUND');

/** Name servers that answer by the zone, and count. */
function nameServers(): { readonly resolve: ResolveHost; asked(): number } {
  let asked = 0;
  const questions = new Map<string, number>();
  const answerOf = (name: string): readonly string[] => {
    const answers = ZONE[name.replace(/\.$/, '')];
    if (answers === undefined) throw NOT_FOUND;
    const nth = questions.get(name) ?? 0;
    questions.set(name, nth + 1);
    const answer = answers[Math.min(nth, answers.length - 1)] ?? [];
    return answer.flatMap((one) => (one.startsWith('=') ? answerOf(one.slice(1)) : one));
  };
  const resolve: ResolveHost = async (name) => {
    asked += 1;
    return answerOf(name).map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  };
  return { resolve, asked: () => asked };
}

const clients: HttpClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

function clientOf(allow: Allow, resolve: ResolveHost): (url: string) => Promise<HttpAnswer> {
  const client = createHttpClient({
    clock: systemClock(),
    allow,
    redact: (text) => text,
    userAgent: 'tocsin/test',
    resolve,
  });
  clients.push(client);
  return (url) => client.scoped({ target: 'x' }).send({ method: 'POST', url, json: { a: 1 } });
}

/** Where the request went: to the listener, nowhere, or beyond loopback, where the guard of the tests met it. */
function wayOf(answer: HttpAnswer): string {
  const refused = takeRefused().map((one) => one.replace(/^(.*) at (.*)$/, '$2'));
  if (connections > 0) return 'listener';
  if (refused.length > 0) return refused.join(' and ');
  if (answer.kind === 'answered') return `answered ${answer.status}`;
  if (answer.reason === 'forbidden_address' && !answer.sent) return 'nowhere';
  return /ENOTFOUND|has no address/.test(answer.detail) ? 'no such name' : answer.detail;
}

const SAYS: readonly (readonly [RegExp, AtCheck])[] = [
  [/credentials of its machines/, 'metadata'],
  [/inside this machine or its network/, 'private'],
  [/holds a name or a password/, 'login'],
  [/./, 'no address'],
];

const FILES = ['targets', 'people', 'levels', 'roles', 'routes', 'core'].map(
  (name) => `good/${name}.yaml`,
);

/** What `check` says of each address, as `base_url` of a live target. */
function checked(
  urls: readonly string[],
  hosts: readonly string[] = [],
): { readonly said: readonly AtCheck[]; readonly loaded: Loaded | null } {
  const targets = urls.map(
    (url, i) =>
      `  t${i}: {type: slack, mode: live, bot_token: "\${SLACK_TOKEN}", base_url: ${JSON.stringify(url)}}\n`,
  );
  const text = `include: ${JSON.stringify(FILES)}\nserver: {allow_private_hosts: ${JSON.stringify(hosts)}}\ntargets:\n${targets.join('')}`;
  const result = loadFrom(here, 'main.yaml', {
    readFile: (path) => (path === 'main.yaml' ? text : readFileSync(join(here, path), 'utf8')),
  });
  const lines = result.ok ? [] : formatProblems(result.problems).split('\n');
  const said = urls.map((_url, i): AtCheck => {
    const line = lines.find((one) => one.includes(`targets.t${i}.base_url`));
    return line === undefined ? 'fine' : (SAYS.find(([words]) => words.test(line))?.[1] ?? 'fine');
  });
  return { said, loaded: result.ok ? result.loaded : null };
}

test('there are addresses enough, and none twice', () => {
  const all = [...WRITTEN.flatMap(({ urls }) => urls), ...NAMES.map(({ url }) => url)];
  expect(new Set(all).size).toBe(all.length);
  expect(all.length + ALLOWED.length).toBeGreaterThan(250);
});

describe.each(WRITTEN)('$what', ({ check, sent, urls }) => {
  test('is judged at check', () => {
    const written = urls.map(withPort);
    expect(Object.fromEntries(written.map((url, i) => [url, checked(written).said[i]]))).toEqual(
      Object.fromEntries(written.map((url) => [url, check])),
    );
  });

  test.each(urls)('%s is judged before it is connected to', async (url) => {
    const names = nameServers();
    const send = clientOf('public', names.resolve);
    const answer = await send(withPort(url));
    expect(wayOf(answer)).toBe(sent === 'nowhere' ? sent : sent.to);
    expect(connections).toBe(0);
  });
});

describe('a name', () => {
  test('is fine at check, which asks no name server', () => {
    const urls = NAMES.map(({ url }) => withPort(url));
    expect(checked(urls).said).toEqual(urls.map(() => 'fine'));
  });

  test.each(NAMES)('$url', async ({ url, sent }) => {
    const names = nameServers();
    const send = clientOf('public', names.resolve);
    for (const [i, one] of sent.entries()) {
      const way = wayOf(await send(withPort(url)));
      expect(way).toBe(typeof one === 'string' ? one : withPort(one.to));
      // The address that was judged is the one that is connected to.
      expect(names.asked()).toBe(i + 1);
    }
    expect(connections).toBe(0);
  });
});

describe('an entry of allow_private_hosts', () => {
  test.each(ALLOWED)('$hosts and $url', async ({ hosts, url, check, sent }) => {
    const { said } = checked([withPort(url)], hosts);
    expect(said).toEqual([check]);
    // The entries as the server gets them.
    const { loaded } = checked([], hosts);
    const allow = { hosts: loaded?.server.allowPrivateHosts ?? [] };
    const answer = await clientOf(allow, nameServers().resolve)(withPort(url));
    expect(wayOf(answer)).toBe(typeof sent === 'string' ? sent : sent.to);
  });
});

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('of status %i leads nowhere', async (status) => {
    const targets = [
      `http://127.0.0.1:${port}/`,
      'http://169.254.169.254/',
      '//10.0.0.1/',
      '/here',
    ];
    let asked = 0;
    const vendor = createHttpServer((_request, response) => {
      response.writeHead(status, { location: targets[asked] });
      asked += 1;
      response.end();
    });
    await new Promise<void>((listening) => vendor.listen(0, '127.0.0.1', listening));
    const at = (vendor.address() as AddressInfo).port;
    const send = clientOf({ hosts: ['pager.internal'] }, nameServers().resolve);
    for (const _ of targets)
      expect(await send(`http://pager.internal:${at}/`)).toMatchObject({ status });
    vendor.closeAllConnections();
    vendor.close();
    expect(asked).toBe(targets.length);
    expect(connections).toBe(0);
    expect(takeRefused()).toEqual([]);
  });
});
