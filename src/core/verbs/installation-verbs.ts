/** Verbs about the installation: what holds for every incident. The engine carries them out. */
import { z } from 'zod';
import { formatDuration, parseDuration } from '../../lib/duration.ts';
import { PAUSABLE, PAUSE_MAX_MS, type Pausable } from '../model/lookups.ts';
import { BACKED_UP, CLOCK_ACCEPTED, ISSUED, PAUSED, RELOADED, SCOPES } from './replies.ts';
import {
  argument,
  choice,
  installationVerb,
  list,
  name,
  option,
  optional,
  switched,
} from './verb.ts';

const WHY_MAX = 1_000;
const PAUSABLES = PAUSABLE.join(', ');

/** Written as people write it, read as milliseconds. */
function duration(isAllowed: (ms: number) => boolean, otherwise: string) {
  return z
    .string()
    .refine((given) => isAllowed(parseDuration(given) ?? 0), otherwise)
    .transform((given) => parseDuration(given) ?? 0);
}

const HELD: Readonly<Record<Pausable, string>> = {
  public: 'No public post is sent',
  paging: 'NOBODY IS RUNG',
  automation: 'No trigger raises a level and nothing is declared or resolved by itself',
};

export const SetPause = installationVerb({
  name: 'pause',
  subject: 'installation',
  summary: 'Hold public posts, paging or automation for a while; it ends by itself',
  scope: 'act',
  fields: {
    what: argument(z.enum(PAUSABLE, { error: `There are ${PAUSABLES}.` }), PAUSABLES),
    for: argument(
      duration(
        (ms) => ms > 0 && ms <= PAUSE_MAX_MS,
        'A duration is written 30m, 2h or 1h30m; a pause lasts 7 days at most.',
      ),
      'how long, 7d at most: 30m, 2h',
    ),
    why: option(
      z.string().trim().min(1, 'Say why in a few words: others read it.').max(WHY_MAX),
      'why; others are told',
    ),
    shorten: switched('end a pause earlier that is open for longer'),
  },
  method: 'post',
  path: 'pauses',
  success: [201, 'The pause; it ends by itself'],
  reply: PAUSED,
  said: ({ what, for: ms }, { remark = null }) => ({
    what: `${HELD[what]} for ${formatDuration(ms)}; what is held leaves at the end.${remark === null ? '' : ` ${remark}`}`,
    next: `tocsin resume ${what} ends it earlier`,
  }),
  examples: [
    'tocsin pause public 30m --why "lawyers read every word now"',
    'tocsin pause public 5m --shorten --why "they have read it"',
  ],
});

export const EndPause = installationVerb({
  name: 'resume',
  subject: 'installation',
  summary: 'End a pause before its time: public, paging or automation',
  scope: 'act',
  // A name, not one of a list: an address at which nothing can be paused is one where nothing is.
  fields: { what: argument(name.toLowerCase(), PAUSABLES) },
  method: 'delete',
  path: 'pauses/{what}',
  success: [204, 'It goes on'],
  reply: null,
  said: ({ what }) => ({
    what: `${what} goes on; what was held and is still wanted leaves now.`,
    next: 'tocsin list',
  }),
  examples: ['tocsin resume public'],
});

export const CreateToken = installationVerb({
  name: 'token create',
  subject: 'installation',
  summary: 'Make a token for one person or one machine; it is shown once',
  scope: 'admin',
  fields: {
    owner: choice(
      { person: 'a person of the configuration', machine: 'a machine, by any name' },
      'a token belongs to one person or one machine',
    ),
    scopes: list(SCOPES, `of ${SCOPES.join(', ')}`, ['read', 'act']),
    expires_in: option(
      optional(duration((ms) => ms > 0, 'Write a duration such as 90d.')),
      'how long it is valid: 90d; without: for ever',
      'expires',
    ),
  },
  method: 'post',
  path: 'tokens',
  success: [201, 'The token, shown this once'],
  reply: ISSUED,
  said: ({ owner, scopes }, { id = '', token = '' }) => ({
    what: `Token ${id} for ${owner.kind} ${owner.id}, with the scopes ${scopes.join(', ')}. It is shown this once:\n${token}`,
    next: 'export TOCSIN_TOKEN=..., or keep it in a file named by TOCSIN_TOKEN_FILE',
  }),
  examples: [
    'tocsin token create --person ada --scopes read,act,approve',
    'tocsin token create --machine ci --scopes act --expires 90d',
  ],
});

export const RevokeToken = installationVerb({
  name: 'token revoke',
  subject: 'installation',
  summary: 'Make a token useless at once',
  scope: 'admin',
  fields: { token: argument(name, 'its id, see `tocsin token list`') },
  method: 'delete',
  path: 'tokens/{token}',
  success: [204, 'It is refused from now on'],
  reply: null,
  said: ({ token }) => ({ what: `Token ${token} is revoked.`, next: 'tocsin token list' }),
  examples: ['tocsin token revoke 01j8zq4m'],
});

export const ReloadConfiguration = installationVerb({
  name: 'reload',
  subject: 'installation',
  summary:
    'Have the server read its configuration again; a wrong one changes nothing, a wrong file of a team keeps its last good copy',
  scope: 'admin',
  fields: {},
  method: 'post',
  path: '/-/reload',
  success: [200, 'It was swapped; warnings, if any, and whose files keep their last good copies'],
  reply: RELOADED,
  said: (_given, { problems = [], kept = [] }) => ({
    what: [
      `The server runs the new configuration${kept.length === 0 ? '.' : ', but for what is wrong:'}`,
      ...problems,
    ].join('\n'),
    next: kept.length === 0 ? 'tocsin list' : null,
  }),
  // The next start would be refused, and nobody be paged.
  undone: ({ kept = [] }) => {
    if (kept.length === 0) return null;
    const teams = kept.map(({ team }) => `team ${team}`).join(', ');
    const files = kept.map(({ file }) => file).join(', ');
    const isOne = kept.length === 1;
    return {
      what: `${teams} ${isOne ? 'keeps its last good copy' : 'keep their last good copies'}; a restart will be refused until ${files} ${isOne ? 'is' : 'are'} mended`,
      hint: 'Mend what stands above, look with `tocsin check FILE`, then `tocsin reload` again.',
    };
  },
  examples: ['tocsin check tocsin.yaml && tocsin reload'],
});

export const AcceptClock = installationVerb({
  name: 'clock accept',
  subject: 'installation',
  summary: 'Go by the clock of the machine, which was set back and is right now',
  scope: 'act',
  fields: {},
  method: 'post',
  path: 'clock/accept',
  success: [200, 'Time goes back by so much; the server starts anew for it'],
  reply: CLOCK_ACCEPTED,
  said: (_given, { turned_back: by = '' }) => ({
    what: `Time goes back by ${by}. The server starts anew for it, which takes some seconds; what it owes counts by the clock of the machine from then on.`,
    next: 'tocsin list',
  }),
  examples: ['tocsin clock accept'],
});

const PATH_MAX = 4_096;

export const MakeBackup = installationVerb({
  name: 'backup',
  subject: 'installation',
  summary: 'Make a verified copy of the database now, while the server runs',
  scope: 'admin',
  fields: {
    to: option(
      optional(z.string().trim().min(1).max(PATH_MAX)),
      'folder on the machine of the server, by its absolute path; without: `backup.to` of the configuration',
    ),
  },
  method: 'post',
  path: 'backups',
  success: [201, 'It was made and read as a whole, or goes on'],
  reply: BACKED_UP,
  said: (_given, { made = null }) =>
    made === null
      ? {
          what: 'It takes longer than 20 s and goes on: the log of the server says how it ended.',
          next: 'tocsin list',
        }
      : {
          what: `${made.path} holds ${made.commits} commits with ${made.incidents} ${made.incidents === 1 ? 'incident' : 'incidents'}, and was read as a whole.`,
          next: `tocsin restore ${made.path} --data DIR says what it holds`,
        },
  // It was made all the same.
  undone: ({ made = null }) =>
    made === null || made.flaws.length === 0
      ? null
      : {
          what: `the data is not as it was written: ${made.flaws.join('; ')}`,
          hint: 'Look with `tocsin verify`, and compare with an older backup.',
        },
  examples: ['tocsin backup', 'tocsin backup --to /mnt/usb'],
});
