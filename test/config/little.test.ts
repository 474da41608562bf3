/** What a configuration means where it says little, and that each team, source and rotation keeps what is its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { instantOf } from '../../src/contract/instant.ts';
import { formatProblems } from '../../src/config/load.ts';
import { shiftAt } from '../../src/core/people/on-call.ts';
import type { Policy } from '../../src/core/model/policy.ts';
import { here, loadTexts } from './load.ts';

const PARTS = ['targets', 'people', 'levels', 'roles', 'routes', 'core'] as const;

type Changes = readonly (readonly [string, string])[];

/** The good files with some of their words replaced. */
function goodText(changes: Changes): string {
  const good = PARTS.map((name) => readFileSync(join(here, 'good', `${name}.yaml`), 'utf8'));
  return changes.reduce((sum, [from, to]) => sum.replace(from, to), good.join(''));
}

function policyOf(changes: Changes = [], more: Readonly<Record<string, string>> = {}): Policy {
  const result = loadTexts({ 'main.yaml': `include: teams/*.yaml\n${goodText(changes)}`, ...more });
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.loaded.policy;
}

describe('where little is said', () => {
  test('a person and a trusted rule declare, not whoever answers, and a person is asked whether it is over', () => {
    const [worst] = policyOf().levels;
    expect(worst).toMatchObject({
      declare: { by: ['person', 'trusted_rule'], orAfterMs: null },
      soak: { forMs: 15 * 60_000, then: 'propose' },
    });
  });

  test('the page marks a component as degraded by itself, and no worse', () => {
    expect(policyOf().levels[0]?.componentsUpTo).toBe('degraded_performance');
  });

  test('an alarm that nobody answers comes again every ten minutes', () => {
    expect(policyOf().automation.alarmEveryMs).toBe(10 * 60_000);
  });

  test('a rule is not trusted, suppresses nothing and ends the search', () => {
    expect(policyOf().teams['core']?.rules[0]).toMatchObject({
      trusted: false,
      suppress: false,
      continue: false,
    });
  });

  test('a rule that goes on leaves the rules behind it within reach', () => {
    const rules =
      'rules: [{name: page, match: "a=b", continue: true}, {name: told, match: "a=b"}, {name: all, group_by: alertname}]';
    const result = loadTexts({
      'main.yaml': goodText([['rules: [{name: all, group_by: alertname}]', rules]]),
    });
    expect(formatProblems(result.ok ? result.warnings : result.problems)).toBe('');
    const names = result.ok
      ? result.loaded.policy.teams['core']?.rules.map(({ name }) => name)
      : [];
    expect(names).toEqual(['page', 'told', 'all']);
  });

  test('a route that takes the team from a label leaves the routes behind it within reach', () => {
    const routes =
      'routes: [{match: "a=b", team_from: label.team}, {match: "a=b", team: core, cap: grey}, ';
    const result = loadTexts({ 'main.yaml': goodText([['routes: [', routes]]) });
    expect(formatProblems(result.ok ? result.warnings : result.problems)).toBe('');
  });

  test('a room opens at a level that pages somebody, and at no other', () => {
    const { levels } = policyOf([['automation:', 'rooms: {via: talk}\nautomation:']]);
    expect(levels.map(({ id, room }) => [id, room])).toEqual([
      ['red', true],
      ['grey', false],
    ]);
  });

  test('a route caps nothing and leaves the public as it is', () => {
    const { routes } = policyOf([
      [
        'routes: [',
        'routes: [{match: "env=test", team: core, cap: grey, public: never}, {match: "env=prod", team: core}, ',
      ],
    ]);
    expect(routes.map((route) => [route.cap, route.public])).toEqual([
      ['grey', 'never'],
      [null, 'allowed'],
      [null, 'allowed'],
    ]);
  });

  test('a source speaks of the only target of its type', () => {
    const hooks: readonly [string, string] = [
      'sources:',
      'sources:\n  hooks: {type: pagerduty, secret: "${AM_TOKEN}"}',
    ];
    expect(policyOf([hooks]).sources).toMatchObject({
      hooks: { target: 'pd' },
      prom: { target: null },
    });
  });
});

test('the words of a vendor mean their level in any letter case', () => {
  const { sources } = policyOf([
    ['{type: alertmanager,', '{type: alertmanager, severity_map: {CRITICAL: red, Warning: grey},'],
  ]);
  expect(sources['prom']?.severityMap).toEqual({ critical: 'red', warning: 'grey' });
});

describe('a rotation by weeks', () => {
  const holder = (policy: Policy, iso: string): string | null => {
    const rotation = policy.rotations['turns'];
    const at = instantOf(iso);
    return rotation === undefined || at === null ? null : (shiftAt(rotation, at)?.person ?? null);
  };

  test('changes hands on the day and at the time that it names', () => {
    const policy = policyOf();
    expect(holder(policy, '2026-01-12T09:59:59Z')).toBe('ann');
    expect(holder(policy, '2026-01-12T10:00:00Z')).toBe('bob');
  });

  test('goes by its own time zone, else by that of the file', () => {
    const own: readonly [string, string] = ['{every: 1w,', '{timezone: Asia/Tokyo, every: 1w,'];
    const file: readonly [string, string] = ['people:', 'timezone: Europe/Berlin\npeople:'];
    expect(holder(policyOf([file]), '2026-01-12T08:59:59Z')).toBe('ann');
    expect(holder(policyOf([file]), '2026-01-12T09:00:00Z')).toBe('bob');
    expect(holder(policyOf([file, own]), '2026-01-12T00:59:59Z')).toBe('ann');
    expect(holder(policyOf([file, own]), '2026-01-12T01:00:00Z')).toBe('bob');
  });
});

describe('two teams', () => {
  const other = (name: string, person: string): string =>
    `team: ${name}\non_call: ${person}\nchat: {via: talk, channel: "#${name}"}\nservices: {${name}-db: {}}\n`;

  test('each have their own people on call and their own channel', () => {
    const { services, teams } = policyOf([], {
      'teams/east.yaml': other('east', 'ann'),
      'teams/west.yaml': other('west', 'bob'),
    });
    expect(services['east-db']?.onCall).toEqual({ kind: 'person', person: 'ann' });
    expect(services['west-db']?.onCall).toEqual({ kind: 'person', person: 'bob' });
    expect([teams['east'], teams['west'], teams['core']].map((team) => team?.chat)).toEqual([
      { target: 'talk', channel: '#east' },
      { target: 'talk', channel: '#west' },
      null,
    ]);
  });

  test('that are wrong at once each keep their last good copy', () => {
    const main = PARTS.map((name) => readFileSync(join(here, 'good', `${name}.yaml`), 'utf8'));
    const files = (change: (text: string) => string): Readonly<Record<string, string>> => ({
      'main.yaml': `include: teams/*.yaml\n${main.join('')}`,
      'teams/east.yaml': change(other('east', 'ann')),
      'teams/west.yaml': change(other('west', 'bob')),
    });
    const before = loadTexts(files(String));
    const after = loadTexts(
      files((text) => text.replace('services:', 'servces:')),
      { previous: before.ok ? before.loaded : null },
    );
    expect(after.ok && after.loaded.keptFragments.map(({ team }) => team)).toEqual([
      'east',
      'west',
    ]);
    expect(after.ok && Object.keys(after.loaded.policy.services).toSorted()).toEqual([
      'east-db',
      'web',
      'west-db',
    ]);
  });
});
