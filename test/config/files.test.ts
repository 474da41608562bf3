/** Every configuration that the project ships, and what `init` writes, loads without errors. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fallbackAnswers, initConfig, QUESTIONS } from '../../src/config/init.ts';
import { formatProblems, type Loaded } from '../../src/config/load.ts';
import { here, loadFrom, loadTexts } from './load.ts';

const root = join(here, '..', '..');

function shipped(file: string): { readonly report: string; readonly loaded: Loaded | null } {
  const result = loadFrom(root, file, { sandbox: true, environment: {} });
  return result.ok
    ? { report: formatProblems(result.warnings), loaded: result.loaded }
    : { report: formatProblems(result.problems), loaded: null };
}

const ONLY_PAGER = /^\S+ {2}warning: targets\.\w+: it is the only pager: [^\n]*\n$/;
/** The same where alerts come from one pager and pages go to another. */
const ONLY_HEARD =
  /^(\S+ {2}warning: sources\.\w+: no target is of type [^\n]*\n)?\S+ {2}warning: targets\.\w+: it is the only pager: [^\n]*\n$/;

describe('the example', () => {
  const { report, loaded } = shipped('config/example.yaml');

  test('loads in the sandbox without a single remark', () => {
    expect(report).toBe('');
    expect(loaded).not.toBeNull();
  });

  test('has its public posts on time: due after 5 minutes, then 15, 30, 60 minutes, on change, none', () => {
    const cadences = loaded?.policy.levels.map(
      (level) =>
        level.public &&
        [level.public.firstWithinMs, level.public.everyMs].map((ms) => ms && ms / 60_000),
    );
    expect(cadences).toEqual([[5, 15], [5, 30], [5, 60], [null, null], null]);
  });

  test('keeps people inside informed every 15, 30 minutes, 2 hours, daily', () => {
    const cadences = loaded?.policy.levels.map(
      (level) =>
        (level.audiences.find((one) => one.audience === 'internal')?.everyMs ?? 0) / 60_000,
    );
    expect(cadences).toEqual([15, 15, 30, 120, 1440]);
  });

  test('soaks for 30, 15, 5 minutes', () => {
    expect(loaded?.policy.levels.map((level) => level.soak.forMs / 60_000)).toEqual([
      30, 30, 15, 5, 5,
    ]);
  });

  test('pages nobody at the lowest level and leaves a note', () => {
    const lowest = loaded?.policy.levels.at(-1);
    expect(lowest?.page).toEqual({ triage: [], declared: [], commanded: [], onRequest: [] });
    expect(lowest?.note).toEqual({ target: 'slack', channel: '#ops-backlog' });
  });

  test('staffs all six roles at the two worst levels, and the company at the worst', () => {
    const six = [
      'subject_matter_expert',
      'incident_commander',
      'communications_lead',
      'scribe',
      'deputy',
      'internal_liaison',
    ].toSorted();
    const staff = loaded?.policy.levels
      .slice(0, 2)
      .map(({ page }) => [...page.triage, ...page.declared, ...page.commanded].toSorted());
    expect(staff).toEqual([
      [...six, 'executive_sponsor', 'legal', 'public_relations'].toSorted(),
      six,
    ]);
  });

  test('has the four triggers and their ceiling', () => {
    expect(
      loaded?.policy.triggers.map((trigger) => [trigger.when.kind, trigger.then.kind]),
    ).toEqual([
      ['impact_grows', 'raise'],
      ['no_root_cause', 'escalate_next_step'],
      ['customer_reports', 'at_least'],
      ['flag', 'at_least'],
    ]);
    expect(loaded?.policy.automation.ceiling).toBe(loaded?.policy.levels[1]?.id);
  });

  test('starts outside the sandbox once its secrets are there', () => {
    const result = loadFrom(root, 'config/example.yaml', {
      readFile: (path) =>
        path.startsWith('/run/secrets/')
          ? `secret of ${path}`
          : readFileSync(join(root, path), 'utf8'),
    });
    expect(formatProblems(result.ok ? result.warnings : result.problems)).toBe('');
  });
});

describe('the recipe', () => {
  const recipes = globSync('config/recipes/*.yaml', { cwd: root });

  test.each(recipes)('%s loads in the sandbox', (file) => {
    const { report, loaded } = shipped(file);
    expect(report === '' || ONLY_PAGER.test(report), report).toBe(true);
    expect(Object.values(loaded?.policy.targets ?? {}).map((target) => target.mode)).toEqual(
      expect.arrayContaining(['shadow']),
    );
  });

  test('for Alertmanager and PagerDuty leaves every escalation to PagerDuty', () => {
    const policy = shipped('config/recipes/alertmanager-pagerduty.yaml').loaded?.policy;
    const escalations = [
      ...Object.values(policy?.services ?? {}),
      ...Object.values(policy?.roles ?? {}),
    ].map((each) => each.escalation.kind);
    expect(new Set(escalations)).toEqual(new Set(['vendor']));
  });
});

describe('what init writes', () => {
  const environment = {
    ALERTMANAGER_TOKEN: 'a',
    PAGERDUTY_WEBHOOK_SECRET: 'b',
    OPSGENIE_WEBHOOK_TOKEN: 'c',
    PAGERDUTY_TOKEN: 'd',
    OPSGENIE_API_KEY: 'e',
    STATUSPAGE_API_KEY: 'f',
    SLACK_BOT_TOKEN: 'g',
  };

  test('is about 40 lines, one service, two roles, three levels, everything in shadow', () => {
    const text = initConfig(fallbackAnswers());
    const result = loadTexts({ 'tocsin.yaml': text }, { environment });
    expect(text.split('\n').length).toBeLessThanOrEqual(46);
    expect(result.ok && Object.keys(result.loaded.policy.services)).toHaveLength(1);
    expect(result.ok && Object.keys(result.loaded.policy.roles)).toHaveLength(2);
    expect(result.ok && result.loaded.policy.levels).toHaveLength(3);
    expect(
      result.ok &&
        new Set(Object.values(result.loaded.policy.targets).map((target) => target.mode)),
    ).toEqual(new Set(['shadow']));
    const alerts = result.ok ? result.loaded.policy.sources['prometheus'] : undefined;
    expect(alerts?.staleAfterMs, 'beside a repeat every hour').toBe(3 * 3_600_000);
  });

  test('asks five questions', () => {
    expect(QUESTIONS).toHaveLength(5);
    expect(QUESTIONS.filter(({ check, fallback }) => check(fallback) !== null)).toEqual([]);
  });

  const name = fc.oneof(
    fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,12}$/),
    fc.constantFrom('null', 'true', 'on', 'responder', 'constructor', 'fallback', 'a-', 'x y', ''),
  );
  const [team, service, source, pager, people] = QUESTIONS;

  test('loads with any answers that its questions take', () => {
    const answers = fc.record({
      team: name,
      service: name,
      source: fc.constantFrom(...(source?.choices ?? [])),
      pager: fc.constantFrom(...(pager?.choices ?? [])),
      people: fc.tuple(name, name).map((names) => names.join(', ')),
    });
    fc.assert(
      fc.property(answers, (given) => {
        fc.pre(
          team?.check(given.team) === null &&
            service?.check(given.service) === null &&
            people?.check(given.people) === null,
        );
        const files = { 'tocsin.yaml': initConfig(given) };
        const reports = [
          loadTexts(files, { environment }),
          loadTexts(files, { environment: {}, sandbox: true }),
        ].map((result) => formatProblems(result.ok ? result.warnings : result.problems));
        expect(reports).toEqual([
          expect.stringMatching(ONLY_HEARD),
          expect.stringMatching(ONLY_HEARD),
        ]);
      }),
      { numRuns: 60 },
    );
  });

  test('refuses answers that its questions refuse', () => {
    expect(() => initConfig({ ...fallbackAnswers(), people: 'ada, Ada' })).toThrow(RangeError);
    expect(() => initConfig({ ...fallbackAnswers(), pager: 'smoke signals' })).toThrow(RangeError);
  });
});
