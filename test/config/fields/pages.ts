/** How a page is written: by name, by schedule, or by an address at a pager. */
import type { Loaded } from '../../../src/config/load.ts';
import { memberOf } from '../../../src/contract/json.ts';
import type { Case, Place } from './case.ts';
import { TURNS } from './paging.ts';
import { after, declared, does, opened, rings } from './world.ts';

const ringing = (minutes: number) => (loaded: Loaded) => rings(after(minutes, opened(loaded)));
const first = (loaded: Loaded): unknown => opened(loaded).pages('pager.trigger')[0]?.effect.address;
const named = (kind: string, values: Case['values'], sees: Case['sees']): Case => ({
  path: `page.${kind}`,
  at: `services/web/on_call/${kind}`,
  values,
  also: {
    ...TURNS,
    'services/web/on_call': {},
    'rotations/others': { ...TURNS['rotations/turns'], people: ['dot'] },
    'groups/two': ['ann', 'bob'],
  },
  see: ringing(0),
  sees,
});

const scheduled = (loaded: Loaded): unknown => {
  const readings = {
    'schedule:og:s1': { people: ['ann'], readAt: 0 },
    'schedule:og:s2': { people: ['bob'], readAt: 0 },
    'schedule:pd:s1': { people: ['cay'], readAt: 0 },
  };
  const story = opened(loaded, { labels: {} });
  story.lookups = { ...story.lookups, onCall: readings };
  return rings(does(story, 'eli', { type: 'PageRole', role: 'helper' })).slice(1);
};

const pages: readonly Case[] = [
  named('person', ['ann', 'bob'], [['0 ann at pd'], ['0 bob at pd']]),
  named('group', ['chiefs', 'two'], [['0 eli at pd'], ['0 ann at pd', '0 bob at pd']]),
  named('rotation', ['turns', 'others'], [['0 bob at pd'], ['0 dot at pd']]),
  {
    path: 'page.role',
    at: 'roles/voice/page/role',
    values: ['boss', 'helper'],
    also: { 'roles/voice': { page: {} }, 'severities/bad/page/declared': ['voice'] },
    see: (loaded) => rings(declared(loaded)),
    sees: [
      ['0 ann at pd', '0 cay at pd'],
      ['0 ann at pd', '0 eli at pd'],
    ],
  },
  {
    path: 'page.via',
    at: 'roles/helper/page/via',
    values: ['og', 'pd'],
    also: { 'roles/helper/page': { schedule: { name: 'Night', id: 's1' } } },
    see: scheduled,
    sees: [['0 ann at pd'], ['0 cay at pd']],
  },
  {
    path: 'page.schedule.id',
    at: 'roles/helper/page/schedule/id',
    values: ['s1', 's2'],
    also: { 'roles/helper/page': { via: 'og', schedule: { name: 'Night' } } },
    see: scheduled,
    sees: [['0 ann at pd'], []],
  },
  {
    path: 'page.schedule.name',
    at: 'roles/helper/page/schedule/name',
    values: ['Night', 'Day'],
    also: { 'roles/helper/page': { via: 'og', schedule: { id: 's1' } } },
    see: (loaded) => {
      const story = opened(loaded, { labels: {} });
      does(story, 'eli', { type: 'PageRole', role: 'helper' });
      return story.events.flatMap((one) => (one.type === 'NobodyToPage' ? [one.because] : []))[0];
    },
    sees: [
      'schedule Night at og could not be read yet',
      'schedule Day at og could not be read yet',
    ],
  },
];

const ON_CALL = 'services/web/on_call';
const SERVICE = { name: 'Web', id: 'PWEB' };

/** An address by one of the vendor's objects: its id leads elsewhere, its name is what people read. */
function objects(
  kind: string,
  address: { readonly via: string; readonly [key: string]: unknown },
  more: Place = {},
): readonly Case[] {
  return [
    {
      path: `address.${kind}.id`,
      at: `${ON_CALL}/${kind}/id`,
      values: ['PONE', 'PTWO'],
      also: { ...more, [ON_CALL]: { ...address, [kind]: { name: 'One' } } },
      see: (loaded) =>
        memberOf(opened(loaded).pages('pager.trigger')[0]?.effect.address.address[kind], 'id'),
      sees: ['PONE', 'PTWO'],
    },
    {
      path: `address.${kind}.name`,
      at: `${ON_CALL}/${kind}/name`,
      values: ['One', 'Two'],
      also: { ...more, [ON_CALL]: { ...address, [kind]: { id: 'PONE' } } },
      see: (loaded) => rings(opened(loaded)),
      sees: ['One', 'Two'].map((name) => [`0 ${address.via} ${kind} ${name} at ${address.via}`]),
    },
  ];
}

/** Responders are asked for in the name of a user. */
const REQUESTER = { 'targets/pd/requester': { name: 'Tocsin', id: 'PTOCSIN' } };
const SECOND = {
  type: 'pagerduty',
  mode: 'live',
  token: '${PD_TOKEN}',
  from: 'tocsin@example.com',
  people_service: { name: 'People', id: 'PPEOPLE' },
};

const addresses: readonly Case[] = [
  ...objects('service', { via: 'pd', key: '${AM_TOKEN}' }),
  ...objects('user', { via: 'pd', service: SERVICE }),
  ...objects('escalation_policy', { via: 'pd', service: SERVICE }),
  ...objects('responder', { via: 'pd', service: SERVICE }, REQUESTER),
  ...objects('team', { via: 'og' }),
  // Without `vendor` the schedule would be read ahead instead of rung.
  ...objects('schedule', { via: 'og' }, { 'services/web/escalation': 'vendor' }),
  ...objects('escalation', { via: 'og' }),
  {
    path: 'address.responder.type',
    at: `${ON_CALL}/responder/type`,
    values: ['user', 'escalation_policy'],
    also: {
      ...REQUESTER,
      [ON_CALL]: { via: 'pd', responder: { name: 'Resp', id: 'PRESP' }, service: SERVICE },
    },
    see: first,
    sees: [
      {
        target: 'pd',
        address: {
          service: { name: 'Web', id: 'PWEB' },
          responder: { name: 'Resp', id: 'PRESP', type: 'user' },
        },
        label: 'pd responder Resp',
      },
      {
        target: 'pd',
        address: {
          service: { name: 'Web', id: 'PWEB' },
          responder: { name: 'Resp', id: 'PRESP', type: 'escalation_policy' },
        },
        label: 'pd responder Resp',
      },
    ],
  },
  {
    path: 'address.user',
    at: `${ON_CALL}/user`,
    values: ['ann@example.com', 'bob@example.com'],
    also: { [ON_CALL]: { via: 'og' } },
    see: (loaded) => rings(opened(loaded)),
    sees: [['0 og user ann@example.com at og'], ['0 og user bob@example.com at og']],
  },
  {
    path: 'address.via',
    at: `${ON_CALL}/via`,
    values: ['pd', 'pd2'],
    also: {
      [ON_CALL]: { service: SERVICE, key: '${AM_TOKEN}' },
      'targets/pd2': SECOND,
      'sources/hooks/target': 'pd',
    },
    see: (loaded) => rings(opened(loaded)),
    sees: [['0 pd service Web at pd'], ['0 pd2 service Web at pd2']],
  },
];

export const pageCases: readonly Case[] = [...pages, ...addresses];
