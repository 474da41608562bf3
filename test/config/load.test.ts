/** The configuration as the engine gets it: policy, secrets beside it, and what a reload keeps. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isRecord } from '../../src/contract/json.ts';
import { Secret } from '../../src/contract/secret.ts';
import {
  formatProblems,
  type Loaded,
  type LoadOptions,
  type LoadResult,
} from '../../src/config/load.ts';
import { canonicalJson, sha256 } from '../../src/lib/hash.ts';
import { here, loadTexts } from './load.ts';

const good = (name: string): string => readFileSync(join(here, 'good', `${name}.yaml`), 'utf8');

const SHARED = ['targets', 'people', 'levels', 'roles', 'routes'].map(good).join('');

function files(more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    'main.yaml': `include: teams/*.yaml\n${SHARED}`,
    'teams/core.yaml': good('core'),
    ...more,
  };
}

function loaded(result: LoadResult): Loaded {
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.loaded;
}

function load(
  more: Readonly<Record<string, string>> = {},
  options: Partial<LoadOptions> = {},
): Loaded {
  return loaded(loadTexts(files(more), options));
}

function report(result: LoadResult): string {
  return formatProblems(result.ok ? result.warnings : result.problems);
}

describe('a loaded configuration', () => {
  test('is frozen at every depth', () => {
    const { policy } = load();
    expect(Object.isFrozen(policy)).toBe(true);
    expect(Object.isFrozen(policy.levels[0]?.page.triage)).toBe(true);
    expect(Object.isFrozen(policy.people['ann']?.addresses[0]?.address)).toBe(true);
  });

  test('names its policy by the SHA-256 of its canonical JSON', () => {
    const { hash, ...content } = load().policy;
    expect(hash).toBe(sha256(canonicalJson(content)));
    expect(load().policy.hash).toBe(hash);
    expect(load({ 'teams/core.yaml': good('core').replace('c1', 'c2') }).policy.hash).not.toBe(
      hash,
    );
  });

  test('is the same wherever the files lie', () => {
    const moved = Object.fromEntries(
      Object.entries(files()).map(([path, text]) => [`/etc/tocsin/${path}`, text]),
    );
    const { policy } = loaded(loadTexts(moved));
    expect(policy.hash).toBe(load().policy.hash);
    expect(policy.teams['core']?.rules[0]?.where).toEqual({
      file: 'teams/core.yaml',
      line: 3,
      column: 9,
    });
  });

  test('keeps the order of the levels, also when their names are numbers', () => {
    const levels =
      'severities: {5: {urgency: high, page: {triage: [fixer]}}, 1: {urgency: low, page: {triage: [boss]}}}\n';
    const shared = SHARED.replace(good('levels'), levels)
      .replaceAll('red', '"5"')
      .replaceAll('grey', '"1"');
    const { policy } = load({ 'main.yaml': `include: teams/*.yaml\n${shared}` });
    expect(policy.levels.map(({ id, rank }) => [id, rank])).toEqual([
      ['5', 0],
      ['1', 1],
    ]);
  });

  test('approves by a role where one is named, and always at the worst level', () => {
    const text = SHARED.replace(
      'red:',
      'black: {urgency: high, page: {triage: [fixer]}, updates: {public: {approval: none}}}\n  red:',
    ).replace(
      'approval: boss',
      'approval: {investigating: none, unchanged: none, otherwise: boss}',
    );
    const { policy } = load({ 'main.yaml': `include: teams/*.yaml\n${text}` });
    expect(
      policy.levels.map((level) => [
        level.id,
        level.public?.by,
        Object.values(level.public?.approval ?? {}),
      ]),
    ).toEqual([
      ['black', null, ['required', 'required', 'required', 'required', 'required']],
      ['red', 'boss', ['none', 'required', 'required', 'required', 'none']],
      ['grey', undefined, []],
    ]);
  });

  test('requires approval for kinds of posts that are not named', () => {
    const text = SHARED.replace(
      'red:',
      'black: {urgency: high, page: {triage: [fixer]}}\n  red:',
    ).replace('approval: boss', 'approval: {unchanged: none}');
    const level = load({ 'main.yaml': `include: teams/*.yaml\n${text}` }).policy.levels[1];
    expect(level?.public?.approval).toEqual({
      investigating: 'required',
      identified: 'required',
      monitoring: 'required',
      resolved: 'required',
      unchanged: 'none',
    });
  });

  test('lists the pagers of a person in the order in which they are written', () => {
    const { people } = load({
      'main.yaml': `include: teams/*.yaml\n${SHARED.replace('{pagerduty: {name: Bob, id: PBOB}, opsgenie: bob@example.com,', '{opsgenie: Bob@example.com, pagerduty: {name: Bob, id: PBOB},')}`,
    }).policy;
    expect(people['ann']?.addresses.map((address) => address.label)).toEqual([
      'pd user Ann',
      'og user ann@example.com',
    ]);
    expect(people['bob']?.addresses.map((address) => address.target)).toEqual(['og', 'pd']);
    expect(people['bob']?.vendorIds).toEqual({
      opsgenie: ['bob@example.com'],
      pagerduty: ['pbob'],
      slack: ['ubob'],
    });
    expect(people['bob']?.chat).toEqual({ talk: 'UBOB' });
  });

  test('takes a contact under the name of a target for that target alone', () => {
    const text = SHARED.replace(
      '  og:',
      '  pd2: {type: pagerduty, mode: live, token: "${PD_TOKEN}", from: t@example.com, people_service: {name: People, id: P1}}\n  og:',
    ).replace('id: PBOB}', 'id: PBOB}, pd2: {name: Bob, id: PBOB2}');
    const { people } = load({ 'main.yaml': `include: teams/*.yaml\n${text}` }).policy;
    expect(people['ann']?.addresses.map((address) => address.target)).toEqual(['pd', 'pd2', 'og']);
    expect(people['bob']?.addresses.map(({ target, address }) => [target, address])).toEqual([
      ['pd', { user: { name: 'Bob', id: 'PBOB' } }],
      ['pd2', { user: { name: 'Bob', id: 'PBOB2' } }],
      ['og', { user: 'bob@example.com' }],
    ]);
  });

  test('puts the default route last', () => {
    const routes = load({
      'main.yaml': `include: teams/*.yaml\n${SHARED.replace('severity: grey}]', "severity: grey}, {match: 'a=b', suppress: true}]")}`,
    }).policy.routes;
    expect(routes.map(({ isDefault, team, suppress }) => [isDefault, team, suppress])).toEqual([
      [false, { kind: 'fixed', team: 'core' }, true],
      [true, { kind: 'fixed', team: 'core' }, false],
    ]);
  });

  test('walks a policy of one ring and the fallback where none is named, or the one called default', () => {
    expect(load().policy.escalationPolicies['default']?.steps).toEqual([
      { page: { kind: 'own' }, waitMs: 300_000 },
      { page: { kind: 'fallback' }, waitMs: null },
    ]);
    const own = load({
      'main.yaml': `include: teams/*.yaml\n${SHARED.replace('escalation_policies:', 'escalation_policies:\n  default: {steps: [{page: own}]}')}`,
    });
    expect(own.policy.escalationPolicies['default']?.steps).toEqual([
      { page: { kind: 'own' }, waitMs: null },
    ]);
    expect(own.policy.services['web']?.escalation).toEqual({ kind: 'policy', policy: 'default' });
  });

  test('reads a schedule ahead, or has it rung by a vendor that walks its own steps', () => {
    const service = (name: string, escalation: string): string =>
      `  ${name}: {on_call: {via: og, schedule: {name: Night, id: s1}}, escalation: ${escalation}}\n`;
    const text = good('core')
      .replace(
        'services: {web',
        `services:\n${service('ahead', 'steps')}${service('there', 'vendor')}  web`,
      )
      .replace('id: c1}]}}}', 'id: c1}]}}')
      .replace('web: {', 'web: {');
    const { services } = load({ 'teams/core.yaml': text }).policy;
    expect(services['ahead']?.onCall).toEqual({
      kind: 'schedule',
      target: 'og',
      schedule: { id: 's1', name: 'Night' },
    });
    expect(services['there']?.onCall).toMatchObject({
      kind: 'addresses',
      addresses: [{ target: 'og', label: 'og schedule Night' }],
    });
  });

  test('says where its server listens and what it keeps', () => {
    expect(load()).toMatchObject({
      server: {
        host: '127.0.0.1',
        port: 8080,
        maxBodyBytes: 8 * 1024 * 1024,
        trustedProxies: [],
        logLevel: 'info',
      },
      retention: {
        bodiesMs: 30 * 86_400_000,
        archiveMs: 90 * 86_400_000,
        sweep: { cron: { text: '30 3 * * *' }, timezone: 'UTC' },
      },
      backup: null,
    });
    const text = `include: teams/*.yaml\n${SHARED}server: {listen: "[::1]:9000", max_body: 256KB, trusted_proxies: [10.0.0.0/8, "fd00::7"], log: {level: debug}, checkpoints: /srv/signed}\ntimezone: Europe/Berlin\nretention: {bodies: 7d, archive: 1y, sweep: "@daily"}\n`;
    expect(load({ 'main.yaml': text })).toMatchObject({
      server: {
        host: '::1',
        port: 9000,
        maxBodyBytes: 262_144,
        trustedProxies: [
          { address: '10.0.0.0', prefix: 8 },
          { address: 'fd00::7', prefix: 128 },
        ],
        logLevel: 'debug',
        checkpoints: '/srv/signed',
      },
      retention: {
        bodiesMs: 7 * 86_400_000,
        archiveMs: 365 * 86_400_000,
        sweep: { cron: { text: '0 0 * * *' }, timezone: 'Europe/Berlin' },
      },
    });
  });

  test('archives never where that is asked for, and nothing that is younger than a day', () => {
    const withArchive = (yaml: string) => ({
      'main.yaml': `include: teams/*.yaml\n${SHARED}retention: {archive: ${yaml}}\n`,
    });
    expect(load(withArchive('never')).retention.archiveMs).toBeNull();
    expect(() => load(withArchive('23h'))).toThrow('too short');
  });

  test('says when targets are proved, in the time zone of the file unless written', () => {
    const withProof = (yaml: string) =>
      load({
        'main.yaml': `include: teams/*.yaml\n${SHARED}timezone: Europe/Berlin\n${yaml}\n`,
      }).proof.schedule;
    expect(withProof('')).toMatchObject({
      cron: { text: '45 9 * * *' },
      timezone: 'Europe/Berlin',
    });
    const written = 'proof: {schedule: {cron: "0 8 * * 1-5", timezone: UTC}}';
    expect(withProof(written)).toMatchObject({ cron: { text: '0 8 * * 1-5' }, timezone: 'UTC' });
  });

  test('says where backups are made, when, and how long they are kept', () => {
    const withBackup = (yaml: string) =>
      load({
        'main.yaml': `include: teams/*.yaml\n${SHARED}timezone: Europe/Berlin\nbackup: ${yaml}\n`,
      });
    expect(withBackup('{to: /srv/backups}').backup).toMatchObject({
      to: '/srv/backups',
      schedule: { cron: { text: '15 3 * * *' }, timezone: 'Europe/Berlin' },
      keep: { last: 14, forMs: 30 * 86_400_000 },
    });
    const written = withBackup(
      '{to: /srv/backups, schedule: {cron: "@hourly", timezone: UTC}, keep: {last: 48, for: 7d}}',
    );
    expect(written.backup).toMatchObject({
      schedule: { cron: { text: '0 * * * *' }, timezone: 'UTC' },
      keep: { last: 48, forMs: 7 * 86_400_000 },
    });
  });

  test('warns of a folder for backups that is not there, and makes none in a rehearsal', () => {
    const text = `include: teams/*.yaml\n${SHARED}backup: {to: /srv/backups}\n`;
    const result = loadTexts(files({ 'main.yaml': text }), {
      whyNotWritable: () => 'is not there',
    });
    expect(report(result)).toContain(
      'backup.to: backups cannot be made in /srv/backups on this machine: it is not there',
    );
    expect(load({ 'main.yaml': text }, { sandbox: true }).backup).toBeNull();
  });
});

/** The token of a target, in the clear. */
function tokenOf(part: { readonly config: unknown } | undefined): string | null {
  const token = isRecord(part?.config) ? part.config['token'] : null;
  return token instanceof Secret ? token.reveal() : null;
}

describe('a secret', () => {
  const address =
    'helper: {page: {via: pd, service: {name: S, id: PS}, key_file: keys/helper}, escalation: vendor}';
  const withAddress = {
    'main.yaml': `include: teams/*.yaml\n${SHARED.replace('roles:', `roles:\n  ${address}`)}`,
    'keys/helper': 'k-1234\n',
  };

  test('is not in the policy, which holds a reference to it', () => {
    const { policy, addressSecrets } = load(withAddress);
    expect(policy.roles['helper']?.page).toMatchObject({
      addresses: [{ address: { key: 'secret:roles.helper.page.key' } }],
    });
    expect(addressSecrets['secret:roles.helper.page.key']?.reveal()).toBe('k-1234');
    expect(JSON.stringify(policy)).not.toMatch(/k-1234|pd-token/);
  });

  test('is a Secret in the config of its adapter and listed for redaction', () => {
    const { targets, secrets } = load(withAddress);
    expect(targets['pd']?.config).toMatchObject({ token: expect.any(Secret) as Secret });
    expect(secrets.map((secret) => secret.reveal()).toSorted()).toEqual([
      'am-token',
      'k-1234',
      'og-key',
      'pd-token',
      'slack-token',
      'sp-key',
    ]);
    expect(JSON.stringify(targets)).not.toContain('pd-token');
  });

  test('may be several, by variables or by files next to the file that names them', () => {
    const sources = (line: string): Readonly<Record<string, string>> => ({
      'conf/main.yaml': `include: ../teams/*.yaml\n${SHARED.replace('token: "${AM_TOKEN}"', line)}`,
      'teams/core.yaml': good('core'),
      'conf/new': 'n',
      'conf/old': 'o\r\n',
    });
    const tokens = (line: string): unknown =>
      loaded(loadTexts(sources(line))).sources['prom']?.config;
    const read = (line: string): readonly string[] => {
      const { token } = tokens(line) as { token: readonly Secret[] };
      return token.map((secret) => secret.reveal());
    };
    expect(read('token: ["${AM_TOKEN}", "${PD_TOKEN}"]')).toEqual(['am-token', 'pd-token']);
    expect(read('token_files: [new, old]')).toEqual(['n', 'o']);
    expect(read('token_file: new')).toEqual(['n']);
  });

  test('that is unset gets a fixed value in the sandbox, which is listed', () => {
    const { generatedSecrets, targets } = load(
      {},
      { environment: { AM_TOKEN: 'real' }, sandbox: true },
    );
    expect(generatedSecrets.map(({ path }) => path)).toEqual([
      'targets.pd.token',
      'targets.og.api_key',
      'targets.page.api_key',
      'targets.talk.bot_token',
    ]);
    expect(tokenOf(targets['pd'])).toBe('sandbox-secret-targets.pd.token');
  });

  test('that is missing altogether gets one too', () => {
    const text = SHARED.replace(/prom: \{type: alertmanager.*$/m, 'prom: {type: opsgenie}');
    const { generatedSecrets } = load(
      { 'main.yaml': `include: teams/*.yaml\n${text}` },
      { sandbox: true },
    );
    expect(generatedSecrets).toEqual([
      { path: 'sources.prom.token', value: 'sandbox-secret-sources.prom.token' },
    ]);
  });

  test('may stand in the file itself in the sandbox', () => {
    const { targets } = load(
      { 'main.yaml': `include: teams/*.yaml\n${SHARED.replace('"${PD_TOKEN}"', 'literal')}` },
      { sandbox: true },
    );
    expect(tokenOf(targets['pd'])).toBe('literal');
  });
});

describe('a reload', () => {
  const other = 'team: other\nservices: {db: {on_call: ann}}\nrules: [{name: all}]\n';
  const previous = (): Loaded => load({ 'teams/other.yaml': other });

  test('keeps the last good copy of a team file that became wrong, takes the rest, and says so', () => {
    const before = previous();
    const broken = other.replace('on_call: ann', 'on_call: anne');
    const changed = good('core').replace('name: all', 'name: everything');
    const after = load(
      { 'teams/core.yaml': changed, 'teams/other.yaml': broken },
      { previous: before },
    );
    expect(after.policy.teams['core']?.rules[0]?.name).toBe('everything');
    expect(after.policy.services['db']?.onCall).toEqual({ kind: 'person', person: 'ann' });
    expect(
      after.keptFragments.map(({ team, file, problems }) => [team, file, formatProblems(problems)]),
    ).toEqual([
      [
        'other',
        'teams/other.yaml',
        'teams/other.yaml:2:26  services.db.on_call: there is no person, group, rotation or role "anne". Did you mean "ann"?\n',
      ],
    ]);
  });

  test('keeps it on the reload after that as well', () => {
    const broken = 'team: other\nservices: [\n';
    const first = load({ 'teams/other.yaml': broken }, { previous: previous() });
    const second = load({ 'teams/other.yaml': broken }, { previous: first });
    expect(second.policy.services['db']?.team).toBe('other');
    expect(second.keptFragments).toHaveLength(1);
  });

  test('takes the file again when it is mended', () => {
    const first = load({ 'teams/other.yaml': 'team: [' }, { previous: previous() });
    const second = load({ 'teams/other.yaml': other.replace('ann', 'bob') }, { previous: first });
    expect(second.policy.services['db']?.onCall).toEqual({ kind: 'person', person: 'bob' });
    expect(second.keptFragments).toEqual([]);
  });

  test('blames the file that was changed when two define one name', () => {
    const thief = `${good('core').replace('services: {', 'services: {db: {on_call: bob}, ')}`;
    const after = load(
      { 'teams/core.yaml': thief, 'teams/other.yaml': other },
      { previous: previous() },
    );
    expect(after.keptFragments.map(({ team, problems }) => [team, problems[0]?.message])).toEqual([
      ['core', '"db" is also defined in teams/other.yaml:2'],
    ]);
    expect(after.policy.services['db']?.team).toBe('other');
  });

  test('keeps the secrets of the copy when their file went away with the mistake', () => {
    const text = other.replace(
      'on_call: ann',
      'on_call: {via: pd, service: {name: S, id: PS}, key_file: ../keys/k}, escalation: vendor',
    );
    const before = load({ 'teams/other.yaml': text, 'keys/k': 'key-1' });
    const after = load(
      { 'teams/other.yaml': 'team: other\nservices: {db: {}}\n' },
      { previous: before },
    );
    expect(Object.values(after.addressSecrets).map((secret) => secret.reveal())).toEqual(['key-1']);
  });

  test('is refused as a whole when a shared file is wrong, with every problem', () => {
    const result = loadTexts(
      files({
        'main.yaml': `include: teams/*.yaml\n${SHARED.replace('page: bob, commands', 'page: bobb, commands')}`,
        'teams/other.yaml': 'team: other\nservices: {db: {}}\n',
      }),
      { previous: previous() },
    );
    expect(result.ok).toBe(false);
    expect(report(result)).toMatch(/roles\.boss\.page: .*bobb[^]*services\.db: nobody is on call/);
  });

  test('is refused when the good copy does not fit either', () => {
    const result = loadTexts(
      files({
        'main.yaml': `include: teams/*.yaml\n${SHARED.replaceAll('ann', 'anna')}`,
        'teams/other.yaml': `${other}x: 1\n`,
      }),
      { previous: previous() },
    );
    expect(result.ok).toBe(false);
    expect(report(result)).toContain('unknown key "x"');
  });

  test('is refused for a new team file that is wrong: there is no copy of it', () => {
    const result = loadTexts(files({ 'teams/new.yaml': 'team: new\nservices: {x: {}}\n' }), {
      previous: load(),
    });
    expect(report(result)).toContain('teams/new.yaml:2:12  services.x: nobody is on call for x');
  });
});
