/** Fields of rotations, roles and escalation policies: who is rung, and who next. */
import type { Loaded } from '../../../src/config/load.ts';
import { OUT, type Case } from './case.ts';
import { ACKNOWLEDGE, takenOn, after, DECLARE, declared, does, opened, rings } from './world.ts';

const ringing = (minutes: number) => (loaded: Loaded) => rings(after(minutes, opened(loaded)));
/** Somebody else every day. */
export const TURNS = {
  'services/web/on_call': 'turns',
  'rotations/turns': {
    every: '1d',
    handoff: { at: '10:00' },
    starts: '2026-01-01',
    people: ['ann', 'bob', 'cay'],
  },
};
const WEEKS = {
  ...TURNS,
  'rotations/turns/every': '1w',
  'rotations/turns/handoff': { day: 'monday', at: '10:00' },
};

const rotations: readonly Case[] = [
  {
    path: 'rotations.*.timezone',
    at: 'rotations/turns/timezone',
    values: ['America/New_York', OUT],
    also: TURNS,
    see: ringing(0),
    sees: [['0 ann at pd'], ['0 bob at pd']],
  },
  {
    path: 'rotations.*.every',
    at: 'rotations/turns/every',
    values: ['1d', '2d'],
    also: TURNS,
    see: ringing(0),
    sees: [['0 bob at pd'], ['0 cay at pd']],
  },
  {
    path: 'rotations.*.handoff.at',
    at: 'rotations/turns/handoff/at',
    values: ['10:00', '13:00'],
    also: TURNS,
    see: ringing(0),
    sees: [['0 bob at pd'], ['0 ann at pd']],
  },
  {
    path: 'rotations.*.handoff.day',
    at: 'rotations/turns/handoff/day',
    values: ['monday', 'tuesday'],
    also: WEEKS,
    see: ringing(0),
    // Nobody is on call yet: that is an alarm.
    sees: [['0 ann at pd'], ['0 eli at pd']],
  },
  {
    path: 'rotations.*.starts',
    at: 'rotations/turns/starts',
    values: ['2026-01-01', '2026-01-02'],
    also: TURNS,
    see: ringing(0),
    sees: [['0 bob at pd'], ['0 ann at pd']],
  },
  {
    path: 'rotations.*.people',
    at: 'rotations/turns/people',
    values: [
      ['ann', 'bob'],
      ['bob', 'ann'],
    ],
    also: TURNS,
    see: ringing(0),
    sees: [['0 ann at pd'], ['0 bob at pd']],
  },
];

/** The pager walks its own steps. */
const byVendor = { via: 'pd', service: { name: 'Role', id: 'PROLE' }, key: '${AM_TOKEN}' };

const roles: readonly Case[] = [
  {
    path: 'roles.*.page',
    at: 'roles/boss/page',
    values: ['cay', 'eli'],
    see: (loaded) => rings(declared(loaded)),
    sees: [
      ['0 ann at pd', '0 cay at pd', '0 dot at pd'],
      ['0 ann at pd', '0 eli at pd', '0 dot at pd'],
    ],
  },
  {
    path: 'roles.*.rotation',
    at: 'roles/boss/rotation',
    values: ['turns', 'others'],
    also: {
      ...TURNS,
      'roles/boss': { commands: true },
      'rotations/others': { ...TURNS['rotations/turns'], people: ['cay'] },
    },
    see: (loaded) => rings(takenOn(opened(loaded), 'bob')),
    sees: [
      ['0 bob at pd', '0 bob at pd', '0 dot at pd'],
      ['0 bob at pd', '0 cay at pd', '0 dot at pd'],
    ],
  },
  {
    path: 'roles.*.escalation',
    at: 'roles/boss/escalation',
    values: ['quick', OUT],
    also: { 'escalation_policies/quick/steps': [{ page: 'own', wait: '1m' }, { page: 'bob' }] },
    see: (loaded) => rings(after(2, declared(loaded))),
    sees: [
      ['0 ann at pd', '0 cay at pd', '0 dot at pd', '1 bob at pd'],
      ['0 ann at pd', '0 cay at pd', '0 dot at pd'],
    ],
  },
  {
    path: 'roles.*.unanswered.after',
    at: 'roles/boss/unanswered/after',
    values: ['10m', '15m'],
    also: {
      'roles/boss': {
        commands: true,
        page: byVendor,
        escalation: 'vendor',
        unanswered: { page: 'eli' },
      },
    },
    see: (loaded) => rings(after(12, declared(loaded))),
    sees: [
      ['0 ann at pd', '0 pd service Role at pd', '0 dot at pd', '10 eli at pd'],
      ['0 ann at pd', '0 pd service Role at pd', '0 dot at pd'],
    ],
  },
  {
    path: 'roles.*.unanswered.page',
    at: 'roles/boss/unanswered/page',
    values: ['eli', 'bob'],
    also: {
      'roles/boss': {
        commands: true,
        page: byVendor,
        escalation: 'vendor',
        unanswered: { after: '9m' },
      },
    },
    see: (loaded) => rings(after(10, declared(loaded))),
    sees: [
      ['0 ann at pd', '0 pd service Role at pd', '0 dot at pd', '9 eli at pd'],
      ['0 ann at pd', '0 pd service Role at pd', '0 dot at pd', '9 bob at pd'],
    ],
  },
  {
    path: 'roles.*.fallback',
    at: 'roles/boss/fallback',
    values: ['bob', OUT],
    see: (loaded) => rings(after(6, declared(loaded))),
    sees: [
      ['0 ann at pd', '0 cay at pd', '0 dot at pd', '5 bob at pd'],
      ['0 ann at pd', '0 cay at pd', '0 dot at pd', '5 eli at pd'],
    ],
  },
  {
    path: 'roles.*.never_with',
    at: 'roles/helper/never_with',
    values: ['boss', OUT],
    also: {
      'roles/helper': { page: 'cay', fallback: 'dot' },
      'severities/bad/page': { declared: ['boss'], commanded: ['helper'] },
    },
    see: (loaded) => {
      const story = does(opened(loaded), 'ann', DECLARE);
      return rings(does(story, 'cay', ACKNOWLEDGE));
    },
    sees: [
      ['0 cay at pd', '0 dot at pd'],
      ['0 cay at pd', '0 cay at pd'],
    ],
  },
  {
    path: 'roles.*.commands',
    at: 'roles/boss/commands',
    values: [true, OUT],
    also: { 'severities/bad/page/commanded': ['helper'] },
    see: (loaded) => rings(does(declared(loaded), 'cay', ACKNOWLEDGE)),
    sees: [
      ['0 ann at pd', '0 cay at pd', '0 dot at pd', '0 eli at pd'],
      ['0 ann at pd', '0 cay at pd', '0 dot at pd'],
    ],
  },
  {
    path: 'roles.*.essential',
    at: 'roles/voice/essential',
    values: [true, OUT],
    also: { 'severities/bad/page/declared': ['voice'] },
    see: (loaded) => rings(after(6, declared(loaded))),
    sees: [
      ['0 ann at pd', '0 dot at pd', '5 eli at pd'],
      ['0 ann at pd', '0 dot at pd'],
    ],
  },
];

const services: readonly Case[] = [
  {
    path: 'services.*.escalation',
    at: 'services/web/escalation',
    values: ['quick', OUT],
    also: { 'escalation_policies/quick/steps': [{ page: 'own', wait: '1m' }, { page: 'bob' }] },
    see: ringing(2),
    sees: [['0 ann at pd', '1 bob at pd'], ['0 ann at pd']],
  },
  {
    path: 'services.*.unanswered.after',
    at: 'services/web/unanswered/after',
    values: ['10m', '15m'],
    also: {
      'services/web': { on_call: byVendor, escalation: 'vendor', unanswered: { page: 'eli' } },
    },
    see: ringing(12),
    sees: [['0 pd service Role at pd', '10 eli at pd'], ['0 pd service Role at pd']],
  },
  {
    path: 'services.*.unanswered.page',
    at: 'services/web/unanswered/page',
    values: ['eli', 'bob'],
    also: {
      'services/web': { on_call: byVendor, escalation: 'vendor', unanswered: { after: '9m' } },
    },
    see: ringing(10),
    sees: [
      ['0 pd service Role at pd', '9 eli at pd'],
      ['0 pd service Role at pd', '9 bob at pd'],
    ],
  },
  {
    path: 'services.*.fallback',
    at: 'services/web/fallback',
    values: ['bob', OUT],
    see: ringing(6),
    sees: [
      ['0 ann at pd', '5 bob at pd'],
      ['0 ann at pd', '5 eli at pd'],
    ],
  },
];

const STEPS = { 'services/web/escalation': 'steps' };

const policies: readonly Case[] = [
  {
    path: 'escalation_policies.*.steps.page',
    at: 'escalation_policies/steps/steps/1/page',
    values: ['bob', 'chiefs'],
    also: { ...STEPS, 'escalation_policies/steps/steps': [{ page: 'own', wait: '1m' }, {}] },
    see: ringing(2),
    sees: [
      ['0 ann at pd', '1 bob at pd'],
      ['0 ann at pd', '1 eli at pd'],
    ],
  },
  {
    path: 'escalation_policies.*.steps.wait',
    at: 'escalation_policies/steps/steps/0/wait',
    values: ['1m', '4m'],
    also: { ...STEPS, 'escalation_policies/steps/steps': [{ page: 'own' }, { page: 'bob' }] },
    see: ringing(2),
    sees: [['0 ann at pd', '1 bob at pd'], ['0 ann at pd']],
  },
  {
    path: 'escalation_policies.*.up_to',
    at: 'escalation_policies/steps/up_to/bad',
    values: [1, 2],
    also: {
      ...STEPS,
      'escalation_policies/steps/steps': [{ page: 'own', wait: '1m' }, { page: 'bob' }],
    },
    see: ringing(2),
    sees: [
      ['0 ann at pd', '1 eli at pd'],
      ['0 ann at pd', '1 bob at pd'],
    ],
  },
];

/** Whoever commands has answered at once, and falls asleep: who of the three is rung. */
const asleep = (minutes: number) => (loaded: Loaded) =>
  rings(after(minutes, does(declared(loaded), 'cay', ACKNOWLEDGE))).filter((line) =>
    /cay|eli|bob/.test(line),
  );

const presence: readonly Case[] = [
  {
    path: 'presence.high',
    at: 'presence/high',
    values: ['10m', OUT],
    see: asleep(16),
    sees: [['0 cay at pd', '15 cay at pd'], ['0 cay at pd']],
  },
  {
    path: 'presence.low',
    at: 'presence/low',
    values: ['30m', OUT],
    also: { 'sources/am/severity_map/minor': 'mild' },
    see: (loaded) =>
      rings(after(36, does(opened(loaded, { severity: 'minor' }), 'ann', ACKNOWLEDGE))),
    sees: [['0 ann at pd', '35 ann at pd'], ['0 ann at pd']],
  },
  {
    path: 'roles.*.deputizes',
    at: 'roles/helper/deputizes',
    values: ['boss', OUT],
    also: { 'presence/high': '10m', 'roles/helper/page': 'bob' },
    see: asleep(21),
    sees: [
      ['0 cay at pd', '15 cay at pd', '20 bob at pd'],
      ['0 cay at pd', '15 cay at pd', '20 eli at pd'],
    ],
  },
];

export const pagingCases: readonly Case[] = [
  ...rotations,
  ...roles,
  ...services,
  ...policies,
  ...presence,
];
