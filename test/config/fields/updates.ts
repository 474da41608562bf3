/** Fields of a level's updates: the public's, and those of audiences inside. */
import type { Loaded } from '../../../src/config/load.ts';
import { OUT, type Case } from './case.ts';
import {
  ACKNOWLEDGE,
  takenOn,
  after,
  alarms,
  deaf,
  declared,
  does,
  drafts,
  opened,
  phase,
  RESOLVE,
  told,
} from './world.ts';

const PUBLIC = 'severities/bad/updates/public';
const STAFF = 'severities/bad/updates/staff';

const posts = (minutes: number) => (loaded: Loaded) => after(minutes, declared(loaded)).posts();
const updates = (minutes: number) => (loaded: Loaded) =>
  told(after(minutes, declared(loaded)), 'update');

/** The kinds of posts: what has to happen for one. */
const KINDS: Readonly<Record<string, (loaded: Loaded) => readonly string[]>> = {
  investigating: (loaded) => drafts(declared(loaded)),
  identified: (loaded) => drafts(does(declared(loaded), 'ann', phase('identified'))),
  monitoring: (loaded) => drafts(does(declared(loaded), 'ann', phase('monitoring'))),
  resolved: (loaded) => drafts(does(declared(loaded), 'ann', RESOLVE)),
  unchanged: (loaded) => drafts(after(31, declared(loaded))),
};

/** The repeat of the last status is no status of its own. */
const STATUSES: Readonly<Record<string, string>> = { unchanged: 'investigating' };

const approvals: readonly Case[] = [
  ...Object.entries(KINDS).map(([kind, see]): Case => ({
    path: `severities.*.updates.public.approval.${kind}`,
    at: `${PUBLIC}/approval/${kind}`,
    values: ['none', 'required'],
    also: { [`${PUBLIC}/approval`]: { otherwise: 'none' } },
    see: (loaded) => see(loaded).at(-1),
    sees: ['published', 'waiting'].map((state) => `${STATUSES[kind] ?? kind} ${state}`),
  })),
  {
    path: 'severities.*.updates.public.approval.otherwise',
    at: `${PUBLIC}/approval/otherwise`,
    values: ['none', OUT],
    also: { [`${PUBLIC}/approval`]: { identified: 'none' } },
    see: (loaded) => drafts(declared(loaded)),
    sees: [['investigating published'], ['investigating waiting']],
  },
  {
    path: 'severities.*.updates.public.approval',
    at: `${PUBLIC}/approval`,
    values: ['required', 'voice'],
    see: (loaded) => {
      const story = declared(loaded);
      for (const who of ['cay', 'dot']) does(story, who, ACKNOWLEDGE);
      return after(10, story).rings().slice(3);
    },
    sees: [['5 eli at pd'], ['5 dot at pd']],
  },
];

const publicly: readonly Case[] = [
  {
    path: 'severities.*.updates.public',
    at: PUBLIC,
    values: [{ first_within: '5m', approval: 'none' }, OUT],
    see: posts(1),
    sees: [['0 investigating'], []],
  },
  {
    path: 'severities.*.updates.public.first_within',
    at: `${PUBLIC}/first_within`,
    values: ['5m', OUT],
    see: posts(60),
    sees: [['0 investigating', '30 investigating', '60 investigating'], []],
  },
  {
    path: 'severities.*.updates.public.every',
    at: `${PUBLIC}/every`,
    values: ['30m', 'on_change'],
    see: posts(70),
    sees: [['0 investigating', '30 investigating', '60 investigating'], ['0 investigating']],
  },
  {
    path: 'severities.*.updates.public.slower.after',
    at: `${PUBLIC}/slower/after`,
    values: ['20m', '40m'],
    also: { [`${PUBLIC}/slower`]: { every: '60m' } },
    see: posts(130),
    sees: [
      ['0 investigating', '30 investigating', '90 investigating'],
      ['0 investigating', '30 investigating', '60 investigating', '120 investigating'],
    ],
  },
  {
    path: 'severities.*.updates.public.slower.every',
    at: `${PUBLIC}/slower/every`,
    values: ['40m', '60m'],
    also: { [`${PUBLIC}/slower`]: { after: '20m' } },
    see: posts(130),
    sees: [
      ['0 investigating', '30 investigating', '70 investigating', '110 investigating'],
      ['0 investigating', '30 investigating', '90 investigating'],
    ],
  },
];

const inside: readonly Case[] = [
  {
    path: 'severities.*.updates.*.every',
    at: `${STAFF}/every`,
    values: ['20m', '50m'],
    see: updates(60),
    sees: [
      ['0 #core', '20 #core', '40 #core', '60 #core'],
      ['0 #core', '50 #core'],
    ],
  },
  {
    path: 'severities.*.updates.*.first_within',
    at: `${STAFF}/first_within`,
    values: ['15m', OUT],
    see: (loaded) => alarms(after(16, takenOn(deaf(opened(loaded))))),
    sees: [
      ['escalation:role:boss', 'escalation:role:voice', 'audience:staff'],
      ['escalation:role:boss', 'escalation:role:voice'],
    ],
  },
  {
    path: 'severities.*.updates.*.slower.after',
    at: `${STAFF}/slower/after`,
    values: ['30m', '70m'],
    also: { [`${STAFF}/slower`]: { every: '60m' } },
    see: updates(130),
    sees: [
      ['0 #core', '20 #core', '40 #core', '100 #core'],
      ['0 #core', '20 #core', '40 #core', '60 #core', '80 #core'],
    ],
  },
  {
    path: 'severities.*.updates.*.slower.every',
    at: `${STAFF}/slower/every`,
    values: ['40m', '60m'],
    also: { [`${STAFF}/slower`]: { after: '30m' } },
    see: updates(130),
    sees: [
      ['0 #core', '20 #core', '40 #core', '80 #core', '120 #core'],
      ['0 #core', '20 #core', '40 #core', '100 #core'],
    ],
  },
  {
    path: 'severities.*.updates.*.at',
    at: `${STAFF}/at`,
    values: ['top_of_hour', OUT],
    also: { [STAFF]: {} },
    see: updates(70),
    sees: [['60 #core'], ['0 #core']],
  },
  {
    path: 'severities.*.updates.*.to',
    at: `${STAFF}/to`,
    values: [OUT, ['eli', 'chiefs', 'cay']],
    see: updates(1),
    sees: [['0 #core'], ['0 UELI', '0 UCAY']],
  },
  {
    path: 'severities.*.updates.*.to.channel',
    at: `${STAFF}/to/channel`,
    values: ['#one', '#other'],
    also: { [`${STAFF}/to`]: { via: 'talk' } },
    see: updates(1),
    sees: [['0 #one'], ['0 #other']],
  },
  {
    path: 'severities.*.updates.*.to.via',
    at: `${STAFF}/to/via`,
    values: ['talk', 'talk2'],
    also: {
      [`${STAFF}/to`]: { channel: '#one' },
      'targets/talk2': { type: 'slack', mode: 'live', bot_token: '${SLACK_TOKEN}' },
    },
    see: (loaded) =>
      declared(loaded)
        .messages()
        .find((one) => one.about.kind === 'update')?.target,
    sees: ['talk', 'talk2'],
  },
];

export const updateCases: readonly Case[] = [...approvals, ...publicly, ...inside];
