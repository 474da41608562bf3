/** From an alert to a team and a level: matchers, routes, rules, services. */
import { z } from 'zod';
import { escalating, page } from './people.ts';
import { listOf, text, word } from '../words.ts';

export type MatchYaml = string | MatchBlock | readonly (string | MatchBlock)[];

export interface MatchBlock {
  readonly all?: MatchYaml | undefined;
  readonly any?: MatchYaml | undefined;
  readonly none?: MatchYaml | undefined;
}

const block: z.ZodType<MatchBlock> = z.lazy(() =>
  z.strictObject({
    all: match.optional().meta({ description: 'All of these hold.' }),
    any: match.optional().meta({ description: 'At least one of these holds.' }),
    none: match.optional().meta({ description: 'None of these holds.' }),
  }),
);

/** Alertmanager's matchers; a list holds when all of it holds. */
export const match: z.ZodType<MatchYaml> = z
  .union([z.string().min(1), block, z.array(z.union([z.string().min(1), block]))])
  .meta({
    id: 'match',
    description:
      'Matchers as in Alertmanager, all of which must hold: `severity=~"page|critical"`; or blocks `any:`, `all:`, `none:` for anything else.',
  });

const level = text('A level of `severities`.');

const labelName = word((given) => /^label\.(.+)$/.exec(given)?.[1] ?? null, {
  what: 'names no label',
  hint: 'Write label.<name>, e.g. label.team.',
}).meta({
  description:
    'Take the team from a label: `label.team`. Without such a team the next route is tried.',
});

export const route = z
  .strictObject({
    match: match.optional().meta({ description: 'What it takes: matchers as in Alertmanager.' }),
    default: z
      .literal(true)
      .optional()
      .meta({ description: 'The one route that takes what no other takes.' }),
    team: text('Team whose rules decide the rest.').optional(),
    team_from: labelName.optional(),
    severity: level
      .optional()
      .meta({ description: "Level when neither a rule nor the source's severity_map gives one." }),
    cap: level
      .optional()
      .meta({ description: 'The worst level that alerts of this route may start with.' }),
    public: z
      .enum(['allowed', 'never'])
      .optional()
      .meta({ description: '`never`: incidents of this route are never posted publicly.' }),
    suppress: z
      .boolean()
      .optional()
      .meta({ description: 'Drop the alert; it is recorded and visible in `explain`.' }),
    continue: z
      .boolean()
      .optional()
      .meta({ description: 'Go on with the next routes; `cap` and `public` still hold.' }),
  })
  .meta({
    description:
      'Picks the team. The first route that matches decides, unless it says `continue: true`.',
  });

export const rule = z
  .strictObject({
    name: text('Name for explanations, unique within the team.'),
    match: match.optional().meta({ description: 'What it takes: matchers as in Alertmanager.' }),
    severity: level.optional(),
    service: text('A service; the label `service` when left out.').optional(),
    group_by: listOf(
      text('A label.'),
      'Alerts of this rule with the same values of these labels are one incident; none: all of them.',
    ).optional(),
    trusted: z.boolean().optional().meta({
      description: 'May declare the incident without a person, where the level allows it.',
    }),
    suppress: z
      .boolean()
      .optional()
      .meta({ description: 'Drop the alert; it is recorded and visible in `explain`.' }),
    continue: z
      .boolean()
      .optional()
      .meta({ description: 'Go on with the next rules; the worst level wins.' }),
  })
  .meta({
    description: "A team's rule. The first that matches decides, unless it says `continue: true`.",
  });

const component = z.union([
  text('Name of a component whose id another service gives.'),
  z.strictObject({
    name: text('Name of the component; a changed name is a warning of `tocsin doctor`.'),
    id: text('Id of the component at the vendor.'),
  }),
]);

export const service = z
  .strictObject({
    on_call: page.optional().meta({
      description: "Whom to page for it; the team's `on_call` when left out.",
      shape: 'page',
    }),
    ...escalating,
    depends_on: listOf(text('A service.'), 'Services it needs.').optional(),
    components: z
      .record(z.string(), listOf(component, 'Components of that status page.'))
      .optional()
      .meta({
        description:
          'Status page target -> components that the public sees when this service fails.',
      }),
  })
  .meta({ description: 'Something that is owned and monitored.' });
