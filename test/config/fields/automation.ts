/** Fields of what happens by itself, of flags, rooms, texts, targets, and of the file as a whole. */
import { type OpenedLately, route } from '../../../src/core/routing/route.ts';
import type { Loaded } from '../../../src/config/load.ts';
import type { ImpactMeasure } from '../../../src/core/model/policy.ts';
import { reported as impactOf, type Story } from '../../support/story.ts';
import { OUT, type Case } from './case.ts';
import {
  takenOn,
  after,
  ALERT,
  declared,
  does,
  MINUTE,
  opened,
  rings,
  routed,
  START,
  told,
} from './world.ts';

const impact = (story: Story, users: number): Story => does(story, 'ann', impactOf({ users }));
const reports = (story: Story, account: string, tier = 'paying'): Story =>
  does(story, 'ann', { type: 'ReportFromCustomer', account, tier, text: null });
const TRIGGER = {
  name: 'growing',
  when: { impact_grows: '2x', at_least: { users: 100 } },
  raise: 1,
};
/** Three times the impact of a mild incident, twice. */
const grown = (loaded: Loaded): Story => {
  const story = opened(loaded, { severity: 'warning' });
  for (const users of [100, 300, 900]) impact(story, users);
  return story;
};
const MILD = { 'sources/am/severity_map/warning': 'mild' };

/** Where a new incident goes that opens behind these. */
const behind =
  (lately: OpenedLately) =>
  ({ policy }: Loaded): unknown => {
    const index = { alert: null, group: null, opened: lately };
    const to = route(ALERT, () => routed(policy), {
      policy,
      now: START,
      index,
      word: { row: 'row-1', isHeld: false },
    });
    return to.to === 'open' && to.storm !== null ? to.storm.children : to.to;
  };
const three = [0, 1, 2].map((n) => ({
  incident: `inc-${n}`,
  source: 'am',
  service: null,
  open: true,
}));
const sevenMinutesAgo = { incident: 'inc-9', openedAt: START - 7 * MINUTE };

const limits: readonly Case[] = [
  {
    path: 'automation.ceiling',
    at: 'automation/ceiling',
    values: ['worst', 'bad'],
    also: { ...MILD, triggers: [TRIGGER] },
    see: (loaded) => grown(loaded).incident.level,
    sees: ['worst', 'bad'],
  },
  {
    path: 'automation.raise_at_most',
    at: 'automation/raise_at_most',
    values: ['1 per 15m', OUT],
    also: { ...MILD, triggers: [TRIGGER] },
    see: (loaded) => grown(loaded).incident.level,
    sees: ['bad', 'worst'],
  },
  {
    path: 'automation.storm.incidents',
    at: 'automation/storm/incidents',
    values: [3, 4],
    also: { 'automation/storm/within': '10m' },
    see: behind({ parent: null, alone: three }),
    sees: [['inc-0', 'inc-1', 'inc-2'], 'open'],
  },
  {
    path: 'automation.storm.within',
    at: 'automation/storm/within',
    values: ['10m', '5m'],
    also: { 'automation/storm/incidents': 3 },
    see: behind({ parent: sevenMinutesAgo, alone: [] }),
    sees: ['parent', 'open'],
  },
  {
    path: 'automation.alarms.page',
    at: 'automation/alarms/page',
    values: ['eli', 'dot'],
    also: {
      on_call: OUT,
      'severities/bad/page': { declared: ['boss'] },
      'services/web': OUT,
      'severities/bad/page/triage': ['fixer'],
    },
    see: (loaded) => rings(opened(loaded, { labels: {} })),
    sees: [['0 eli at pd'], ['0 dot at pd']],
  },
  {
    path: 'automation.alarms.chat.channel',
    at: 'automation/alarms/chat/channel',
    values: ['#alarms', '#bells'],
    see: (loaded) => told(after(20, opened(loaded)), 'alarm'),
    sees: [
      ['5 #alarms', '15 #alarms'],
      ['5 #bells', '15 #bells'],
    ],
  },
  {
    path: 'automation.alarms.chat.via',
    at: 'automation/alarms/chat/via',
    values: ['talk', 'talk2'],
    also: { 'targets/talk2': { type: 'slack', mode: 'live', bot_token: '${SLACK_TOKEN}' } },
    see: (loaded) =>
      after(20, opened(loaded))
        .messages()
        .find((one) => one.about.kind === 'alarm')?.target,
    sees: ['talk', 'talk2'],
  },
  {
    path: 'automation.alarms.every',
    at: 'automation/alarms/every',
    values: ['10m', '3m'],
    see: (loaded) => told(after(20, opened(loaded)), 'alarm'),
    sees: [
      ['5 #alarms', '15 #alarms'],
      ['5 #alarms', '8 #alarms', '11 #alarms', '14 #alarms', '17 #alarms', '20 #alarms'],
    ],
  },
];

const measures = (['users', 'percent', 'components', 'regions', 'revenue_per_minute'] as const).map(
  (measure: ImpactMeasure): Case => ({
    path: `triggers.when.at_least.${measure}`,
    at: `triggers/0/when/at_least/${measure}`,
    values: [4, 40],
    also: { ...MILD, triggers: [{ ...TRIGGER, when: { impact_grows: '2x' } }] },
    see: (loaded) => {
      const story = opened(loaded, { severity: 'warning' });
      for (const much of [5, 10]) does(story, 'ann', impactOf({ [measure]: much }));
      return story.incident.level;
    },
    sees: ['bad', 'mild'],
  }),
);

const customers = (change: object): object => ({
  name: 'customers',
  at_least: 'bad',
  when: { customer_reports: { accounts: 2, within: '30m', ...change } },
});
/** Two accounts of one tier report it, ten minutes apart. */
const reported = (loaded: Loaded): unknown => {
  const story = reports(opened(loaded, { severity: 'warning' }), 'one');
  return reports(after(10, story), 'two').incident.level;
};

const triggers: readonly Case[] = [
  ...measures,
  {
    path: 'triggers.name',
    at: 'triggers/0/name',
    values: ['growing', 'spreading'],
    also: { ...MILD, triggers: [TRIGGER] },
    see: (loaded) => grown(loaded).incident.levelBecause.slice(0, 20),
    sees: ['trigger "growing" (m', 'trigger "spreading" '],
  },
  {
    path: 'triggers.when.impact_grows',
    at: 'triggers/0/when/impact_grows',
    values: ['2x', '5x'],
    also: { ...MILD, triggers: [TRIGGER] },
    see: (loaded) => grown(loaded).incident.level,
    sees: ['worst', 'bad'],
  },
  {
    path: 'triggers.raise',
    at: 'triggers/0/raise',
    values: [1, 2],
    also: { ...MILD, triggers: [TRIGGER] },
    see: (loaded) =>
      impact(impact(opened(loaded, { severity: 'warning' }), 100), 200).incident.level,
    sees: ['bad', 'worst'],
  },
  {
    path: 'triggers.at_least',
    at: 'triggers/0/at_least',
    values: ['bad', 'worst'],
    also: { ...MILD, triggers: [{ ...TRIGGER, raise: undefined }] },
    see: (loaded) =>
      impact(impact(opened(loaded, { severity: 'warning' }), 100), 200).incident.level,
    sees: ['bad', 'worst'],
  },
  {
    path: 'triggers.escalate',
    at: 'triggers/0/escalate',
    values: ['next_step', OUT],
    checks: true,
    also: {
      triggers: [{ name: 'no cause', when: { no_root_cause: { bad: '4m' } } }],
      'roles/boss/fallback': 'bob',
    },
    see: (loaded) => rings(after(4, declared(loaded))),
    sees: [
      ['0 ann at pd', '0 cay at pd', '0 dot at pd', '4 bob at pd'],
      'triggers[0]: it is not told what this trigger does. Write exactly one of raise: 1, at_least: <level>, escalate: next_step.',
    ],
  },
  {
    path: 'triggers.when.no_root_cause',
    at: 'triggers/0/when/no_root_cause/bad',
    values: ['3m', '4m'],
    also: {
      triggers: [{ name: 'no cause', when: {}, escalate: 'next_step' }],
      'roles/boss/fallback': 'bob',
    },
    see: (loaded) => rings(after(4, declared(loaded))),
    sees: [
      ['0 ann at pd', '0 cay at pd', '0 dot at pd', '3 bob at pd'],
      ['0 ann at pd', '0 cay at pd', '0 dot at pd', '4 bob at pd'],
    ],
  },
  {
    path: 'triggers.when.customer_reports.accounts',
    at: 'triggers/0/when/customer_reports/accounts',
    values: [2, 3],
    also: { ...MILD, triggers: [customers({})] },
    see: reported,
    sees: ['bad', 'mild'],
  },
  {
    path: 'triggers.when.customer_reports.within',
    at: 'triggers/0/when/customer_reports/within',
    values: ['30m', '5m'],
    also: { ...MILD, triggers: [customers({})] },
    see: reported,
    sees: ['bad', 'mild'],
  },
  {
    path: 'triggers.when.customer_reports.tier',
    at: 'triggers/0/when/customer_reports/tier',
    values: ['paying', 'free'],
    also: { ...MILD, triggers: [customers({})] },
    see: reported,
    sees: ['bad', 'mild'],
  },
  {
    path: 'triggers.when.flag',
    at: 'triggers/0/when/flag',
    values: ['leak', 'fire'],
    also: {
      ...MILD,
      flags: { leak: {}, fire: {} },
      triggers: [{ name: 'flagged', when: {}, raise: 1 }],
    },
    see: (loaded) =>
      does(opened(loaded, { severity: 'warning' }), 'ann', { type: 'SetFlag', flag: 'leak' })
        .incident.level,
    sees: ['bad', 'mild'],
  },
  {
    path: 'flags.*.public',
    at: 'flags/leak/public',
    values: ['never', 'allowed'],
    see: (loaded) => {
      const story = does(opened(loaded), 'ann', { type: 'SetFlag', flag: 'leak' });
      return takenOn(story).posts();
    },
    sees: [[], ['0 investigating']],
  },
];

export const automationCases: readonly Case[] = [...limits, ...triggers];
