/** Fields of the file as a whole: its team, its times and texts, its rooms, and how far its targets may go. */
import type { Loaded } from '../../../src/config/load.ts';
import { OUT, type Case } from './case.ts';
import {
  after,
  declared,
  does,
  drafts,
  opened,
  phase,
  RESOLVE,
  rings,
  routed,
  told,
  words,
} from './world.ts';

const FAR = {
  routes: [
    { match: 'team="far"', team_from: 'label.team' },
    { default: true, team: 'core' },
  ],
};
const ofFar = { labels: { team: 'far' } };

const files: readonly Case[] = [
  {
    path: 'include',
    at: 'include',
    values: ['more.yaml', OUT],
    also: { ...FAR, 'more.yaml/team': 'far', 'more.yaml/rules': [{ name: 'of far' }] },
    see: ({ policy }) => {
      const taken = routed(policy, ofFar);
      return taken.verdict === 'take' ? taken.routing.rule?.name : null;
    },
    sees: ['of far', 'rest'],
  },
  {
    path: 'team',
    at: 'more.yaml/team',
    values: ['far', 'near'],
    also: { ...FAR, include: 'more.yaml', 'more.yaml/rules': [{ name: 'of far' }] },
    see: ({ policy }) => {
      const taken = routed(policy, ofFar);
      return taken.verdict === 'take' ? taken.routing.rule?.name : null;
    },
    sees: ['of far', 'rest'],
  },
  {
    path: 'on_call',
    at: 'on_call',
    values: ['bob', 'dot'],
    see: (loaded) => rings(opened(loaded, { labels: {} })),
    sees: [['0 bob at pd'], ['0 dot at pd']],
  },
  {
    path: 'chat.channel',
    at: 'chat/channel',
    values: ['#core', '#corner'],
    see: (loaded) => told(declared(loaded), 'update'),
    sees: [['0 #core'], ['0 #corner']],
  },
  {
    path: 'chat.via',
    at: 'chat/via',
    values: ['talk', 'talk2'],
    also: { 'targets/talk2': { type: 'slack', mode: 'live', bot_token: '${SLACK_TOKEN}' } },
    see: (loaded) =>
      declared(loaded)
        .messages()
        .find((one) => one.about.kind === 'update')?.target,
    sees: ['talk', 'talk2'],
  },
  {
    path: 'timezone',
    at: 'timezone',
    values: ['UTC', 'Asia/Tokyo'],
    see: (loaded) => Object.values(declared(loaded).incident.drafts)[0]?.body.slice(-24),
    sees: [' Next update: 12:30 UTC.', 'update: 21:30 UTC+09:00.'],
  },
  {
    path: 'public_url',
    at: 'public_url',
    values: ['https://tocsin.example.com', OUT],
    see: (loaded) => opened(loaded).pages('pager.trigger')[0]?.effect.body.split('\n').at(-1),
    sees: [
      'https://tocsin.example.com/incidents/inc-1',
      'Service: web. Why bad: source am maps severity "critical" to bad.',
    ],
  },
  {
    path: 'rooms.via',
    at: 'rooms/via',
    values: ['talk', 'talk2'],
    also: { 'targets/talk2': { type: 'slack', mode: 'live', bot_token: '${SLACK_TOKEN}' } },
    see: (loaded) =>
      declared(loaded)
        .messages()
        .find((one) => one.name === 'chat.openRoom')?.target,
    sees: ['talk', 'talk2'],
  },
  {
    path: 'rooms.name',
    at: 'rooms/name',
    values: [OUT, 'war-{{service}}'],
    also: { 'rooms/via': 'talk' },
    see: (loaded) => words(declared(loaded), 'room'),
    sees: ['inc-2026-01-05-errors', 'war-web'],
  },
];

const rungTargets = (loaded: Loaded): unknown =>
  after(2, opened(loaded))
    .pages('pager.trigger')
    .map(({ effect }) => effect.target);

const modes: readonly Case[] = [
  {
    path: 'targets.*.mode',
    at: 'targets/pd/mode',
    values: ['live', 'off'],
    also: {
      'services/db/on_call': 'ann',
      on_call: 'ann',
      'roles/boss/page': 'ann',
      'roles/voice/page': 'ann',
      'roles/helper/page': 'ann',
      'automation/alarms/page': 'ann',
    },
    see: rungTargets,
    sees: [['pd'], ['og']],
  },
  {
    path: 'targets.*.mode',
    at: 'targets/site/mode',
    values: ['live', 'draft'],
    see: (loaded) => drafts(declared(loaded)),
    sees: [['investigating published'], ['investigating waiting']],
  },
];

const page = (part: 'title' | 'body') => (loaded: Loaded) =>
  opened(loaded).pages('pager.trigger')[0]?.effect[part];
const post =
  (part: 'title' | 'body', index = 0) =>
  (loaded: Loaded) => {
    const story = declared(loaded);
    does(story, 'ann', phase('identified'));
    does(story, 'ann', phase('monitoring'));
    after(31, story);
    does(story, 'ann', RESOLVE);
    return Object.values(story.incident.drafts)[index]?.[part];
  };
const STAFF = 'severities/bad/updates/staff';

/** Where each text is read, and what else there must be for it. */
const TEXTS: Readonly<Record<string, readonly [(loaded: Loaded) => unknown, Case['also']?]>> = {
  'public.title': [post('title')],
  'public.investigating': [post('body')],
  'public.identified': [post('body', 1)],
  'public.monitoring': [post('body', 2)],
  'public.unchanged': [post('body', 3)],
  'public.resolved': [post('body', 4)],
  'public.false_alarm': [
    (loaded) =>
      Object.values(
        does(declared(loaded), 'ann', { type: 'MarkFalsePositive', reason: 'a test' }).incident
          .drafts,
      )[1]?.body,
  ],
  'page.title': [page('title')],
  'page.body': [page('body')],
  'update.declared': [(loaded) => words(declared(loaded), 'update')],
  'update.status': [(loaded) => words(does(declared(loaded), 'ann', RESOLVE), 'status')],
  'update.briefing': [
    (loaded) => words(after(61, declared(loaded)), 'update'),
    { [STAFF]: { at: 'top_of_hour' } },
  ],
  'notify.declared': [
    (loaded) => words(declared(loaded), 'notice'),
    { 'severities/bad/notify': [{ who: 'eli', within: '5m' }] },
  ],
  'approval.asked': [
    (loaded) => words(declared(loaded), 'approval'),
    { 'severities/bad/updates/public/approval': 'required' },
  ],
  alarm: [(loaded) => words(after(20, opened(loaded)), 'alarm')],
  note: [
    (loaded) => words(opened(loaded, { severity: 'minor' }), 'note'),
    { 'sources/am/severity_map/minor': 'low' },
  ],
  'room.name': [(loaded) => words(declared(loaded), 'room'), { rooms: { via: 'talk' } }],
  'room.topic': [(loaded) => words(declared(loaded), 'room_topic'), { rooms: { via: 'talk' } }],
};

const texts = Object.entries(TEXTS).map(([name, [see, also]]): Case => ({
  path: `texts.${name}`,
  at: `texts/${name}`,
  values: ['one', 'other'],
  ...(also === undefined ? {} : { also }),
  see,
  sees: ['one', 'other'],
}));

export const wholeCases: readonly Case[] = [...files, ...modes, ...texts];
