/** `tocsin doctor` asks vendors over real HTTP and pages nobody: each trouble is staged at the stand-in of PagerDuty. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { standIns } from '../adapters/stand-ins.ts';
import { loadFrom } from '../src/loading/from-disk.ts';
import { isoOf } from '../src/contract/instant.ts';
import { systemClock } from '../src/engine/clock.ts';
import { accountsOf } from '../src/sandbox/accounts.ts';
import { createBackends } from '../src/commands.ts';
import { startSandbox, type Sandbox } from '../src/sandbox/server.ts';
import { realTocsin } from './support/cli.ts';

const TOKEN = 'rest-token';

function textOf(urls: Readonly<Record<string, string>>): string {
  const more = Object.entries(urls).map(([key, url]) => `, ${key}: "${url}"`);
  return `
server: {allow_private_hosts: [127.0.0.1]}
targets:
  pd: {type: pagerduty, mode: live, token: "\${PD_TOKEN}", from: tocsin@example.com, requester: {name: Tocsin, id: PTOCSIN}, people_service: {name: People, id: PSVC000}${more.join('')}}
team: town
people: {ada: {pagerduty: {name: Ada, id: PADA001}}}
severities: {L1: {urgency: high, page: {triage: [guard]}}}
roles: {guard: {page: ada}}
services: {web: {on_call: ada}}
automation: {ceiling: L1, alarms: {page: ada}}
routes: [{default: true, team: town, severity: L1}]
`;
}

interface Clinic {
  readonly sandbox: Sandbox;
  /** What doctor finds wrong: level and sentence. */
  examine(change?: {
    readonly token?: string;
    readonly text?: (text: string) => string;
    readonly with?: 'hint';
  }): Promise<readonly string[]>;
  /** An administrator at PagerDuty changes something. */
  administer(method: 'PUT' | 'POST', path: string, body: object): Promise<void>;
}

async function openClinic(): Promise<Clinic> {
  const file = join(mkdtempSync(join(tmpdir(), 'tocsin-doctor-')), 'tocsin.yaml');
  const environment = { PD_TOKEN: TOKEN };
  writeFileSync(file, textOf({}));
  const clock = systemClock();
  const loaded = loadFrom(file, { environment, sandbox: false, now: clock.now() });
  if (!loaded.ok) throw new Error(loaded.problems.map((one) => one.message).join('\n'));
  const accounts = accountsOf(loaded.loaded, { standIns, tocsinUrl: 'http://127.0.0.1:9' });
  const sandbox = await startSandbox({ standIns, accounts, clock, port: 0 });
  onTestFinished(() => sandbox.close());
  const urls = sandbox.urlsFor('pd');
  return {
    sandbox,
    examine: async ({ token = TOKEN, text = String, with: more } = {}) => {
      writeFileSync(file, text(textOf(urls)));
      const backends = createBackends({
        environment: { PD_TOKEN: token },
        pid: 1,
        out: () => undefined,
        err: () => undefined,
        onStop: () => undefined,
        onReload: () => undefined,
      });
      const findings = await backends.doctor(file);
      return findings
        .filter((one) => one.level !== 'ok')
        .map(
          (one) => `${one.level} ${one.name}: ${one.what}${more === 'hint' ? `. ${one.hint}` : ''}`,
        );
    },
    administer: async (method, path, body) => {
      const request: RequestInit = { method };
      const answer = await fetch(`${urls['base_url'] ?? ''}${path}`, {
        ...request,
        headers: {
          authorization: `Token token=${TOKEN}`,
          accept: 'application/vnd.pagerduty+json;version=2',
          'content-type': 'application/json',
          from: 'tocsin@example.com',
        },
        body: JSON.stringify(body),
      });
      expect(answer.ok, await answer.text()).toBe(true);
    },
  };
}

const ONE_PAGER = 'warning targets: there is only one live pager';

test('a sound account: only the second pager is missing, and nobody was rung', async () => {
  const clinic = await openClinic();
  expect(await clinic.examine()).toEqual([ONE_PAGER]);
  expect(clinic.sandbox.truth()).toEqual([]);
});

test('pagers that are not live yet are to be set live, not to be added to', async () => {
  const clinic = await openClinic();
  const text = (yaml: string): string => yaml.replace('mode: live', 'mode: shadow');
  const found = await clinic.examine({ text, with: 'hint' });
  expect(found).toContain(
    'warning targets: there is no live pager. Set `mode: live` when you are ready: pd (shadow); nobody is rung before one is. When the first is down, pages go to a second one after a minute.',
  );
});

test('a disabled service is a problem', async () => {
  const clinic = await openClinic();
  await clinic.administer('PUT', '/services/PSVC000', {
    service: { type: 'service', status: 'disabled' },
  });
  expect(await clinic.examine()).toEqual([
    'problem pd: service People is disabled: it rings nobody',
    ONE_PAGER,
  ]);
});

test('a service in maintenance is a warning', async () => {
  const clinic = await openClinic();
  const now = systemClock().now();
  await clinic.administer('POST', '/maintenance_windows', {
    maintenance_window: {
      type: 'maintenance_window',
      start_time: isoOf(now - 60_000),
      end_time: isoOf(now + 3_600_000),
      services: [{ id: 'PSVC000', type: 'service_reference' }],
    },
  });
  expect(await clinic.examine()).toEqual([
    'warning pd: service People is in maintenance: it rings nobody now',
    ONE_PAGER,
  ]);
});

test('an id that does not exist is a problem, another name a warning', async () => {
  const clinic = await openClinic();
  const text = (whole: string): string =>
    whole.replace('PADA001', 'PNOBODY').replace('name: People', 'name: Folk');
  expect(await clinic.examine({ text })).toEqual([
    'warning pd: service Folk is called "People" at PagerDuty',
    'problem pd: user Ada does not exist at PagerDuty',
    ONE_PAGER,
  ]);
});

test('a token that is refused is one problem, and is not shown', async () => {
  const clinic = await openClinic();
  const findings = await clinic.examine({ token: 'wrong-token' });
  expect(findings).toEqual([expect.stringMatching(/^problem pd: the token: HTTP 401/), ONE_PAGER]);
  expect(findings.join()).not.toContain('wrong-token');
});

/** A vendor, or a proxy before it, that puts what it was sent into its answer. */
async function echo(status: number): Promise<string> {
  const server = createServer(({ headers }, response) => {
    const sent = headers.authorization ?? '';
    const spelled = [sent, encodeURIComponent(SPOKEN), Buffer.from(SPOKEN).toString('base64')];
    response.writeHead(status, { 'content-type': 'application/json' });
    const user = { id: 'PTOC001', name: spelled.join(' '), email: 'tocsin@example.com' };
    const said = { error: { message: spelled.join(' '), code: 1 }, abilities: [], users: [user] };
    response.end(JSON.stringify(said));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const SPOKEN = 'rest/token of+several=words so that it is broken into lines';

test.each([
  [422, []],
  [422, ['--json']],
  [200, []],
  [200, ['--json']],
])('what a vendor that answers %i echoes of a secret is not printed %j', async (status, more) => {
  const file = join(mkdtempSync(join(tmpdir(), 'tocsin-doctor-')), 'tocsin.yaml');
  writeFileSync(file, textOf({ base_url: await echo(status) }));
  const argv = ['doctor', '--config', file, ...more];
  const { said } = await realTocsin(argv, { env: { PD_TOKEN: SPOKEN } });
  expect(said).toContain('[secret]');
  for (const word of [SPOKEN, encodeURIComponent(SPOKEN), Buffer.from(SPOKEN).toString('base64')])
    expect(said.replaceAll(' ', '')).not.toContain(word.replaceAll(' ', ''));
});

test('a token with which no request can be made is not printed by the command that was given it', async () => {
  const token = 'tcs_0123456789ab_one\ntcs_0123456789ab_two';
  const { code, said } = await realTocsin(['list'], { env: { TOCSIN_TOKEN: token } });
  expect(code).toBe(1);
  expect(said).not.toContain('ab_one');
});

test('whatever else is printed about a configuration is without its secrets', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-doctor-'));
  const file = join(folder, 'tocsin.yaml');
  writeFileSync(file, textOf({}));
  const formatProblems = () => `the answer was ${SPOKEN}`;
  const { said } = await realTocsin(['check', file], {
    env: { PD_TOKEN: SPOKEN },
    cwd: folder,
    backends: (real) => ({ ...real, formatProblems }),
  });
  expect(said).toContain('the answer was [secret]');
});
