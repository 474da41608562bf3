/** Fields that lead from an alert to a team, a level and a service. */
import { staleUntil } from '../../../src/core/routing/staleness.ts';
import { explain } from '../../../src/read/explain.ts';
import type { Explanation } from '../../../src/read/shapes.ts';
import type { Loaded } from '../../../src/config/load.ts';
import { read } from '../../house/project.ts';
import { ringing } from '../../support/story.ts';
import { OUT, type Case } from './case.ts';
import { type Arriving, declared, drafts, joined, opened, START, rings, routed } from './world.ts';

/** The verdict in a few words: `core bad web`, or why the alert is dropped. */
function verdict(arriving: Arriving = {}): (loaded: Loaded) => string {
  return ({ policy }) => {
    const taken = routed(policy, arriving);
    if (taken.verdict === 'suppress') return taken.because;
    const { team, level, service, rule } = taken.routing;
    return [team, level ?? '-', service ?? '-', rule?.name ?? '-'].join(' ');
  };
}

const other = (more: object): object => ({ match: 'env="dev"', team: 'far', ...more });
const DEV = { labels: { env: 'dev', service: 'web', team: 'far' } };
const FAR = {
  include: 'more.yaml',
  'more.yaml/team': 'far',
  'more.yaml/rules': [{ name: 'of far' }],
};
const LAST = { default: true, team: 'core' };

const routes: readonly Case[] = [
  {
    path: 'routes.match',
    at: 'routes/0/match',
    values: ['env="dev"', 'env="test"'],
    also: { ...FAR, routes: [{ team: 'far' }, LAST] },
    see: verdict(DEV),
    sees: ['far bad web of far', 'core bad web rest'],
  },
  {
    path: 'routes.default',
    at: 'routes/0/default',
    values: [true, OUT],
    checks: true,
    see: verdict(),
    sees: [
      'core bad web rest',
      'routes: no route takes what no other takes. Add {default: true, team: <name>, severity: <level>} at the end.\nroutes[0]: it is not told what this route takes. Write match: [...]; or default: true for the one that takes the rest.',
    ],
  },
  {
    path: 'routes.team',
    at: 'routes/0/team',
    values: ['far', 'core'],
    also: FAR,
    see: verdict(),
    sees: ['far bad web of far', 'core bad web rest'],
  },
  {
    path: 'routes.team_from',
    at: 'routes/0/team_from',
    values: ['label.team', 'label.squad'],
    also: { ...FAR, routes: [{ match: 'env="dev"' }, LAST] },
    see: verdict(DEV),
    sees: ['far bad web of far', 'core bad web rest'],
  },
  {
    path: 'routes.severity',
    at: 'routes/0/severity',
    values: ['mild', OUT],
    see: verdict({ severity: 'unheard of' }),
    sees: ['core mild web rest', 'core - web rest'],
  },
  {
    path: 'routes.cap',
    at: 'routes/0/cap',
    values: ['mild', OUT],
    see: verdict(),
    sees: ['core mild web rest', 'core bad web rest'],
  },
  {
    path: 'routes.public',
    at: 'routes/0/public',
    values: ['never', 'allowed'],
    see: (loaded) => declared(loaded).posts(),
    sees: [[], ['0 investigating']],
  },
  {
    path: 'routes.suppress',
    at: 'routes/0/suppress',
    values: [true, OUT],
    also: { ...FAR, routes: [other({}), LAST] },
    see: verdict(DEV),
    sees: ['route at line 65 (main.yaml:65) suppresses it', 'far bad web of far'],
  },
  {
    path: 'routes.continue',
    at: 'routes/0/continue',
    values: [true, OUT],
    also: { ...FAR, routes: [other({ cap: 'mild' }), LAST] },
    see: verdict(DEV),
    sees: ['core mild web rest', 'far mild web of far'],
  },
];

const rules: readonly Case[] = [
  {
    path: 'rules.name',
    at: 'rules/0/name',
    values: ['rest', 'everything'],
    see: verdict(),
    sees: ['core bad web rest', 'core bad web everything'],
  },
  {
    path: 'rules.match',
    at: 'rules/0/match',
    values: ['service="web"', 'service="db"'],
    see: verdict(),
    sees: ['core bad web rest', 'core bad web -'],
  },
  {
    path: 'rules.severity',
    at: 'rules/0/severity',
    values: ['worst', OUT],
    see: verdict(),
    sees: ['core worst web rest', 'core bad web rest'],
  },
  {
    path: 'rules.service',
    at: 'rules/0/service',
    values: ['db', OUT],
    see: (loaded) => rings(opened(loaded)),
    sees: [['0 bob at pd'], ['0 ann at pd']],
  },
  {
    path: 'rules.group_by',
    at: 'rules/0/group_by',
    values: ['service', OUT],
    see: ({ policy }) => {
      const groups = ['web', 'db'].map((service) => {
        const taken = routed(policy, { labels: { service } });
        return taken.verdict === 'take' ? taken.routing.groupKey : null;
      });
      return new Set(groups).size;
    },
    sees: [2, 1],
  },
  {
    path: 'rules.trusted',
    at: 'rules/0/trusted',
    values: [true, OUT],
    see: (loaded) => rings(opened(loaded)),
    sees: [['0 ann at pd', '0 cay at pd', '0 dot at pd'], ['0 ann at pd']],
  },
  {
    path: 'rules.suppress',
    at: 'rules/0/suppress',
    values: [true, OUT],
    see: verdict(),
    sees: ['rule "rest" (main.yaml:141) suppresses it', 'core bad web rest'],
  },
  {
    path: 'rules.continue',
    at: 'rules/0/continue',
    values: [true, OUT],
    also: {
      rules: [
        { name: 'one', match: 'service="web"' },
        { name: 'two', severity: 'worst' },
      ],
    },
    see: verdict(),
    sees: ['core worst web two', 'core bad web one'],
  },
];

const BLOCK = [{ name: 'one', match: {}, severity: 'mild' }, { name: 'two' }];
const blocks = (['all', 'any', 'none'] as const).map((block): Case => ({
  path: `match.${block}`,
  at: `rules/0/match/${block}`,
  values: [
    ['service="web"', 'team="x"'],
    ['service="db"', 'team="x"'],
  ],
  also: { rules: BLOCK },
  see: verdict(block === 'all' ? { labels: { service: 'web', team: 'x' } } : {}),
  sees:
    block === 'none'
      ? ['core bad web two', 'core mild web one']
      : ['core mild web one', 'core bad web two'],
}));

/** Rings for another team, by the service that ours may depend on. */
const ofDb = ringing({
  person: 'ann',
  team: 'elsewhere',
  service: 'db',
  since: START,
  level: null,
});

const services: readonly Case[] = [
  {
    path: 'services.*.on_call',
    at: 'services/web/on_call',
    values: ['ann', OUT],
    see: (loaded) => rings(opened(loaded)),
    sees: [['0 ann at pd'], ['0 bob at pd']],
  },
  {
    path: 'services.*.depends_on',
    at: 'services/web/depends_on',
    values: ['db', OUT],
    see: (loaded) => {
      const story = opened(loaded, { labels: {} });
      story.state = null;
      story.lookups = { ...story.lookups, ringsAt: () => [ofDb] };
      joined(story, {});
      return Object.values(story.incident.pages)[0]?.rings.map((ring) => ring.status);
    },
    sees: [['joined'], ['confirmed']],
  },
  {
    path: 'services.*.components',
    at: 'services/web/components',
    values: [{ site: [{ name: 'Web', id: 'c-web' }] }, OUT],
    see: (loaded) => drafts(declared(loaded)),
    sees: [['investigating published'], []],
  },
  {
    path: 'services.*.components.*.name',
    at: 'services/web/components/site/0/name',
    values: ['Web', 'Shop'],
    see: (loaded) => Object.values(declared(loaded).incident.drafts)[0]?.title,
    sees: ['Problem with Web', 'Problem with Shop'],
  },
  {
    path: 'services.*.components.*.id',
    at: 'services/web/components/site/0/id',
    values: ['c-web', 'c-shop'],
    see: (loaded) => Object.values(declared(loaded).incident.drafts)[0]?.components,
    sees: [{ 'c-web': 'degraded_performance' }, { 'c-shop': 'degraded_performance' }],
  },
];

/** What is explained of a delivery that the vendor sent. */
const explained =
  (source: string, fixture: string) =>
  (loaded: Loaded): Explanation => {
    const body = new TextEncoder().encode(read(fixture));
    return explain(loaded, { source, body, headers: {} }, START);
  };

const sources: readonly Case[] = [
  {
    path: 'sources.*.severity_map',
    at: 'sources/am/severity_map/critical',
    values: ['bad', 'mild'],
    see: verdict(),
    sees: ['core bad web rest', 'core mild web rest'],
  },
  {
    path: 'sources.*.stale_after',
    at: 'sources/am/stale_after',
    values: ['3h', OUT],
    see: ({ policy }) => {
      const { am } = policy.sources;
      const until = am === undefined ? null : staleUntil(am, START);
      return until !== null && START - 4 * 3_600_000 <= until ? 'is stale' : 'fires';
    },
    sees: ['is stale', 'fires'],
  },
  {
    path: 'sources.*.target',
    at: 'sources/hooks/target',
    values: ['pd', 'pd2'],
    also: {
      'targets/pd2': {
        type: 'pagerduty',
        mode: 'live',
        token: '${PD_TOKEN}',
        from: 'a@example.com',
        people_service: { name: 'People', id: 'P2' },
      },
    },
    see: (loaded) => {
      const told = explained('hooks', 'adapters/pagerduty/fixtures/webhook-triggered.json')(loaded);
      return told.ok ? told.observations[0]?.notes[1]?.slice(0, 39) : told.message;
    },
    sees: ['If it is about a page of ours at pd, it', 'If it is about a page of ours at pd2, i'],
  },
];

const kinds: readonly Case[] = [
  {
    path: 'sources.*.type',
    at: 'sources/am/type',
    values: ['alertmanager', 'opsgenie'],
    see: (loaded) => explained('am', 'adapters/alertmanager/fixtures/firing.json')(loaded).ok,
    sees: [true, false],
  },
];

export const routingCases: readonly Case[] = [
  ...routes,
  ...rules,
  ...blocks,
  ...services,
  ...sources,
  ...kinds,
];
