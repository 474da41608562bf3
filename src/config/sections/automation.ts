/** Automation: the limits of what happens without a person, storms, alarms. */
import { z } from 'zod';
import type { Automation } from '../../core/model/policy.ts';
import { formatDuration } from '../../lib/duration.ts';
import { type Compiling, isLevel, type Item } from '../context.ts';
import { duration, rate, nonEmptyText } from '../words.ts';
import { below, type Spot } from '../yaml-file.ts';
import { channelOf, channelShape } from './channels.ts';
import { pageShape, recipientOf } from './pages.ts';

export const automationShape = z
  .strictObject({
    ceiling: nonEmptyText(
      'The worst level that rules and triggers may set; a worse one is a decision of a person.',
    ).optional(),
    raise_at_most: rate(
      'Triggers raise at most so often, e.g. `1 per 15m`; what they see meanwhile raises afterwards, if it still holds.',
    ).optional(),
    storm: z
      .strictObject({
        incidents: z.int().min(2).meta({ description: 'So many new incidents ...' }),
        within: duration('... within this long are a storm.'),
      })
      .optional()
      .meta({
        description:
          'When many incidents open at once, one parent gathers them: it pages once per person, and its public posts wait for a person. Left out: never gathered.',
      }),
    alarms: z
      .strictObject({
        page: pageShape.optional().meta({
          description:
            'Whom alarms ring, one after the other, until somebody answers; all people of the team when left out. An alarm is that nobody answers, a page that did not get through, a public post that is late.',
          shape: 'page',
        }),
        chat: channelShape(
          'Where alarms are said, and updates that have no room and no team channel.',
        ).optional(),
        every: duration(
          'The next person is rung this often until somebody answers, who is left in peace for three times as long; 10m when left out.',
        ).optional(),
      })
      .optional()
      .meta({ description: 'What happens when nobody answers, or a post is late.' }),
  })
  .meta({ description: 'Limits of what happens without a person.' });

/** A pager has so long to take a page before another one is asked; whoever is rung needs some of it to answer. */
const ALARM_EVERY_LEAST_MS = 60_000;
const ALARM_EVERY_DEFAULT_MS = 10 * 60_000;

type AutomationItem = Item<z.output<typeof automationShape>>;

function ceilingOf(compiling: Compiling, item: AutomationItem | undefined, spot: Spot): string {
  const { levels } = compiling.names;
  const [worst] = levels;
  const ceiling = item?.value?.ceiling;
  if (ceiling !== undefined) return isLevel(compiling, { name: ceiling, spot }) ? ceiling : '';
  if (worst !== undefined && levels.length > 1 && item?.value !== null)
    compiling.report.warning(
      spot,
      `rules and triggers may set every level, ${worst} too`,
      'Write automation: {ceiling: <level>} if the worst level is a decision of a person.',
    );
  return worst ?? '';
}

/** The limits of what happens by itself; `main` stands for what is missing altogether. */
export function buildAutomation(
  compiling: Compiling,
  [item]: readonly AutomationItem[],
  main: Spot,
): Automation {
  const yaml = item?.value ?? null;
  const spot = item?.spot ?? main;
  const alarms = below(spot, 'alarms');
  const page = yaml?.alarms?.page;
  const every = yaml?.alarms?.every ?? ALARM_EVERY_DEFAULT_MS;
  if (every < ALARM_EVERY_LEAST_MS)
    compiling.report.error(
      below(alarms, 'every'),
      `${formatDuration(every)} is less than a minute: nobody could answer before the next person is rung`,
      'Write 1m or more; 10m is usual.',
    );
  if (page === undefined && yaml?.alarms?.chat === undefined && item?.value !== null)
    compiling.report.warning(
      item === undefined ? main : alarms,
      'alarms ring all people of the team, and are said in no channel of their own',
      'Write automation: {alarms: {page: <name>, chat: {via: <target>, channel: <channel>}}}.',
    );
  return {
    ceiling: ceilingOf(compiling, item, below(spot, 'ceiling')),
    raiseAtMost: yaml?.raise_at_most ?? null,
    storm:
      yaml?.storm === undefined
        ? null
        : { incidents: yaml.storm.incidents, withinMs: yaml.storm.within },
    alarmEveryMs: every,
    alarm: {
      page:
        page === undefined
          ? null
          : recipientOf(compiling, page, {
              spot: below(alarms, 'page'),
              vendorWalks: false,
              service: false,
            }),
      chat: channelOf(compiling, yaml?.alarms?.chat, below(alarms, 'chat')),
    },
  };
}
