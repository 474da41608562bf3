/** Fields of a level that say who comes, who is told once, and when it is over. */
import { levelNamed } from '../../../src/core/model/decision.ts';
import { OUT, type Case } from './case.ts';
import {
  ACKNOWLEDGE,
  takenOn,
  after,
  cleared,
  deaf,
  declared,
  does,
  level,
  opened,
  phase,
  RESOLVE,
  rings,
  told,
  words,
} from './world.ts';

const BAD = 'severities/bad';

const speaking: readonly Case[] = [
  {
    path: 'severities.*.name',
    at: `${BAD}/name`,
    values: [OUT, 'Dreadful'],
    see: (loaded) => words(declared(loaded), 'update')?.slice(0, 36),
    sees: ['inc-1 declared bad: Errors. Service ', 'inc-1 declared bad (Dreadful): Error'],
  },
  {
    path: 'severities.*.aliases',
    at: `${BAD}/aliases`,
    values: [OUT, 'awful'],
    see: ({ policy }) => levelNamed(policy, 'Awful')?.id ?? 'Awful',
    sees: ['Awful', 'bad'],
  },
  {
    path: 'severities.*.criteria',
    at: `${BAD}/criteria`,
    values: [OUT, 'Half of it is down.'],
    also: { [`${BAD}/notify`]: [{ who: 'eli', within: '5m' }] },
    see: (loaded) => words(declared(loaded), 'notice'),
    sees: [
      'inc-1 bad: Errors. https://tocsin.example.com/incidents/inc-1',
      'inc-1 bad: Errors. Half of it is down. https://tocsin.example.com/incidents/inc-1',
    ],
  },
  {
    path: 'severities.*.notify.who',
    at: `${BAD}/notify/0/who`,
    values: ['eli', ['cay', 'chiefs']],
    also: { [`${BAD}/notify`]: [{ within: '5m' }] },
    see: (loaded) => told(declared(loaded), 'notice'),
    sees: [['0 UELI'], ['0 UCAY', '0 UELI']],
  },
  {
    path: 'severities.*.notify.within',
    at: `${BAD}/notify/0/within`,
    values: ['5m', '50m'],
    also: { [`${BAD}/notify`]: [{ who: 'eli' }] },
    see: (loaded) => told(after(20, takenOn(deaf(opened(loaded)))), 'alarm'),
    sees: [
      ['5 #alarms', '5 #alarms', '5 #alarms', '15 #alarms', '15 #alarms', '15 #alarms'],
      ['5 #alarms', '5 #alarms', '15 #alarms', '15 #alarms'],
    ],
  },
  {
    path: 'severities.*.note.via',
    at: 'severities/low/note/via',
    values: ['talk', 'talk2'],
    also: {
      'sources/am/severity_map/minor': 'low',
      'targets/talk2': { type: 'slack', mode: 'live', bot_token: '${SLACK_TOKEN}' },
    },
    see: (loaded) =>
      opened(loaded, { severity: 'minor' })
        .messages()
        .map((one) => one.target),
    sees: [['talk'], ['talk2']],
  },
  {
    path: 'severities.*.note.channel',
    at: 'severities/low/note/channel',
    values: ['#notes', '#else'],
    also: { 'sources/am/severity_map/minor': 'low' },
    see: (loaded) => told(opened(loaded, { severity: 'minor' }), 'note'),
    sees: [['0 #notes'], ['0 #else']],
  },
  {
    path: 'severities.*.room',
    at: `${BAD}/room`,
    values: [true, false],
    also: { rooms: { via: 'talk' } },
    see: (loaded) =>
      declared(loaded)
        .messages()
        .some((one) => one.name === 'chat.openRoom'),
    sees: [true, false],
  },
];

const coming: readonly Case[] = [
  {
    path: 'severities.*.urgency',
    at: `${BAD}/urgency`,
    values: ['high', 'low'],
    see: (loaded) => opened(loaded).pages('pager.trigger')[0]?.effect.urgency,
    sees: ['high', 'low'],
  },
  {
    path: 'severities.*.declare.by',
    at: `${BAD}/declare/by`,
    values: [['acknowledgement'], ['person']],
    see: (loaded) => rings(does(opened(loaded), 'ann', ACKNOWLEDGE)),
    sees: [['0 ann at pd', '0 cay at pd', '0 dot at pd'], ['0 ann at pd']],
  },
  {
    path: 'severities.*.declare.or_after',
    at: `${BAD}/declare/or_after`,
    values: ['3m', OUT],
    see: (loaded) => rings(after(4, opened(loaded))),
    sees: [['0 ann at pd', '3 cay at pd', '3 dot at pd'], ['0 ann at pd']],
  },
  {
    path: 'severities.*.respond.acknowledge',
    at: `${BAD}/respond/acknowledge`,
    values: ['4m', OUT],
    also: { [`${BAD}/declare/or_after`]: '1m' },
    see: (loaded) => told(after(6, opened(loaded)), 'response'),
    sees: [['5 #core'], []],
  },
  {
    path: 'severities.*.respond.engage',
    at: `${BAD}/respond/engage`,
    values: ['10m', OUT],
    see: (loaded) => told(after(20, declared(loaded)), 'response'),
    sees: [['10 #core'], []],
  },
  {
    path: 'severities.*.page.triage',
    at: `${BAD}/page/triage`,
    values: [['fixer'], ['helper']],
    see: (loaded) => rings(opened(loaded)),
    sees: [['0 ann at pd'], ['0 eli at pd']],
  },
  {
    path: 'severities.*.page.declared',
    at: `${BAD}/page/declared`,
    values: [['boss', 'voice'], ['voice']],
    see: (loaded) => rings(declared(loaded)),
    sees: [
      ['0 ann at pd', '0 cay at pd', '0 dot at pd'],
      ['0 ann at pd', '0 dot at pd'],
    ],
  },
  {
    path: 'severities.*.page.commanded',
    at: `${BAD}/page/commanded`,
    values: [OUT, ['helper']],
    see: (loaded) => rings(does(declared(loaded), 'cay', ACKNOWLEDGE)),
    sees: [
      ['0 ann at pd', '0 cay at pd', '0 dot at pd'],
      ['0 ann at pd', '0 cay at pd', '0 dot at pd', '0 eli at pd'],
    ],
  },
  {
    path: 'severities.*.page.on_request',
    at: 'severities/mild/page/on_request',
    values: [OUT, ['voice']],
    see: (loaded) => {
      const asked = does(does(declared(loaded), 'dot', ACKNOWLEDGE), 'ann', {
        type: 'PageRole',
        role: 'voice',
      });
      const story = does(asked, 'ann', level('mild'));
      return Object.values(story.incident.escalations).flatMap((run) =>
        run.state === 'open' ? [run.id] : [],
      );
    },
    sees: [[], ['role:voice']],
  },
];

const ending: readonly Case[] = [
  {
    path: 'severities.*.soak.for',
    at: `${BAD}/soak/for`,
    values: ['2m', '20m'],
    see: (loaded) => after(10, cleared(opened(loaded))).incident.phase,
    sees: ['closed', 'triage'],
  },
  {
    path: 'severities.*.soak.then',
    at: `${BAD}/soak/then`,
    values: ['resolve', OUT],
    also: { [`${BAD}/soak/for`]: '2m' },
    see: (loaded) =>
      after(10, cleared(does(declared(loaded), 'ann', phase('monitoring')))).incident.phase,
    sees: ['resolved', 'monitoring'],
  },
  {
    path: 'severities.*.postmortem_within',
    at: `${BAD}/postmortem_within`,
    values: ['1h', OUT],
    see: (loaded) => {
      const story = after(61, does(declared(loaded), 'ann', RESOLVE));
      return [story.incident.phase, ...told(story, 'postmortem')];
    },
    sees: [['closed', '60 #core'], ['resolved']],
  },
  {
    path: 'severities.*.components.automatic_up_to',
    at: `${BAD}/components/automatic_up_to`,
    values: ['degraded_performance', 'major_outage'],
    see: (loaded) => Object.values(declared(loaded).incident.drafts)[0]?.components,
    sees: [{ 'c-web': 'degraded_performance' }, { 'c-web': 'major_outage' }],
  },
];

export const levelCases: readonly Case[] = [...speaking, ...coming, ...ending];
