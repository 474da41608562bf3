/**
 * Carries out what people ask of the installation: pauses, tokens, the configuration. One carrier per entry of the table of
 * verbs; what may not be now is refused here, and nowhere else.
 */
import type { Log } from '../contract/adapter.ts';
import { isoOf } from '../contract/instant.ts';
import type { Refusal } from '../core/model/decision.ts';
import { PAUSABLE, type Pausable } from '../core/model/lookups.ts';
import type { Policy } from '../core/model/policy.ts';
import { type KeptToken, pauseReply, tokenReply } from '../core/verbs/replies.ts';
import type {
  InstallationReplies,
  InstallationRequests,
  InstallationType,
} from '../core/verbs/table.ts';
import { formatDuration } from '../lib/duration.ts';
import { type Backup, StoreUnavailable } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Engine } from './engine.ts';

export interface Reloaded {
  readonly ok: boolean;
  /** Finished lines with file:line:column; warnings where `ok`. */
  readonly problems: readonly string[];
  /** Files of teams that are wrong, and keep their last good copies. */
  readonly kept: readonly { readonly team: string; readonly file: string }[];
}

export interface InstallationOptions {
  readonly engine: Pick<Engine, 'pause' | 'resume' | 'acceptClock' | 'backup' | 'setup'>;
  readonly tokens: {
    issue(
      about: Pick<KeptToken, 'owner' | 'scopes' | 'expiresAt'>,
    ): Promise<{ readonly token: string; readonly row: KeptToken }>;
    /** False: there is no such token. */
    revoke(id: string): Promise<boolean>;
  };
  readonly reload: () => Promise<Reloaded>;
  readonly policy: () => Pick<Policy, 'people'>;
  readonly clock: Pick<Clock, 'now' | 'aheadMs' | 'after'>;
  readonly log: Pick<Log, 'warn'>;
}

/** Not done, and why; `problems`: each thing that is wrong, in finished lines. */
export type NotCarriedOut = { readonly ok: false } & Refusal & {
    readonly problems?: readonly string[];
  };
type Carried<A> = { readonly ok: true; readonly answer: A } | NotCarriedOut;

type Carriers = {
  readonly [T in InstallationType]: (
    asked: InstallationRequests[T],
    by: string,
  ) => Promise<Carried<InstallationReplies[T]>>;
};

export interface Installation {
  /** @param by id of whoever asks */
  carryOut(
    asked: InstallationRequests[InstallationType],
    by: string,
  ): Promise<Carried<InstallationReplies[InstallationType]>>;
}

function unknownPause(name: string): NotCarriedOut {
  return {
    ok: false,
    code: 'unknown_pause',
    message: `What can be paused is ${PAUSABLE.join(', ')}; "${name}" is not among them.`,
    about: { kind: 'name', field: 'what' },
  };
}

function notPaused(what: Pausable): NotCarriedOut {
  return {
    ok: false,
    code: 'not_paused',
    message: `${what} is not paused. To pause it: \`tocsin pause ${what} 30m --why "..."\`.`,
  };
}

/** Whoever asks for a shorter one may not know of the longer one, whose author counts on it. */
function pausedLonger(what: Pausable, forMs: number, open: string): NotCarriedOut {
  const end = /[.!?]$/.test(open) ? '' : '.';
  const asked = formatDuration(forMs);
  return {
    ok: false,
    code: 'paused_longer',
    message: `${what} is ${open}${end} A pause of ${asked} would end that earlier. \`tocsin resume ${what}\` ends it now; \`tocsin pause ${what} ${asked} --shorten --why "..."\` ends it with yours.`,
  };
}

function unknownPerson(id: string): NotCarriedOut {
  return {
    ok: false,
    code: 'unknown_person',
    message: `There is no person ${id} under \`people:\` in the configuration. For a program: \`tocsin token create --machine NAME\`.`,
    about: { kind: 'field', field: 'owner.id' },
  };
}

function unknownToken(id: string): NotCarriedOut {
  return {
    ok: false,
    code: 'unknown_token',
    message: `There is no token ${id}. To see those that there are: \`tocsin token list\`.`,
    about: { kind: 'name', field: 'token' },
  };
}

const CONFIGURATION_REFUSED = {
  ok: false,
  code: 'configuration_refused',
  message:
    'The configuration has problems; the one before stays in force. Mend them, and look with `tocsin check FILE` before the next reload.',
} as const;

const CLOCK_RIGHT = {
  ok: false,
  code: 'clock_not_set_back',
  message:
    'Tocsin goes by the clock of the machine already: that was not set back, or has caught up since.',
} as const;

const NOWHERE_TO_BACK_UP = {
  ok: false,
  code: 'no_backup_folder',
  message:
    'The configuration says nowhere where backups are made (`backup: {to: /var/backups/tocsin}`). Name a folder: `tocsin backup --to DIR`.',
} as const;

/** Whoever asks gives up after 30 s. */
const BACKUP_PATIENCE_MS = 20_000;

type BackedUp = Carried<InstallationReplies['MakeBackup']>;

function backedUp({ path, bytes, commits, incidents, flaws }: Backup): BackedUp {
  return { ok: true, answer: { made: { path, bytes, commits, incidents, flaws: [...flaws] } } };
}

/** Waits for it as long as whoever asks does; what takes longer goes on, and the log says how it ended. */
async function backUp(
  to: string,
  { engine, clock, log }: Pick<InstallationOptions, 'engine' | 'clock' | 'log'>,
): Promise<BackedUp> {
  let giveUpWaiting = (): void => undefined;
  const late = new Promise<BackedUp>((resolve) => {
    giveUpWaiting = () => resolve({ ok: true, answer: { made: null } });
  });
  const timer = clock.after(BACKUP_PATIENCE_MS, giveUpWaiting);
  const done = engine.backup(to).then(backedUp, (error: unknown): BackedUp => {
    if (!(error instanceof StoreUnavailable)) throw error;
    log.warn({ problem: error.message }, 'the backup that somebody asked for was not made');
    return { ok: false, code: 'backup_not_made', message: `${error.message}: ${error.hint}.` };
  });
  return Promise.race([done.finally(() => timer.cancel()), late]);
}

const DONE = { ok: true, answer: null } as const;

function carriersOf(options: InstallationOptions): Carriers {
  const { engine, tokens, reload, policy, clock } = options;
  return {
    SetPause: async ({ what, for: forMs, why, shorten }, by) => {
      const set = await engine.pause(what, { by, why, forMs, shorten });
      if (!set.ok) return pausedLonger(what, forMs, set.open);
      const remark = set.before === null ? null : `It was ${set.before}`;
      return { ok: true, answer: { ...pauseReply(what, set.pause, isoOf), remark } };
    },
    EndPause: async ({ what: named }, by) => {
      const what = PAUSABLE.find((one) => one === named);
      if (what === undefined) return unknownPause(named);
      return (await engine.resume(what, by)) ? DONE : notPaused(what);
    },
    CreateToken: async ({ owner, scopes, expires_in: lasts }) => {
      if (owner.kind === 'person' && !Object.hasOwn(policy().people, owner.id))
        return unknownPerson(owner.id);
      const expiresAt = lasts === null ? null : clock.now() + lasts;
      const { token, row } = await tokens.issue({ owner, scopes, expiresAt });
      return { ok: true, answer: { token, ...tokenReply(row, isoOf) } };
    },
    RevokeToken: async ({ token }) => ((await tokens.revoke(token)) ? DONE : unknownToken(token)),
    ReloadConfiguration: async () => {
      const { ok, problems, kept } = await reload();
      if (!ok) return { ...CONFIGURATION_REFUSED, problems };
      return { ok: true, answer: { ok, problems: [...problems], kept: [...kept] } };
    },
    AcceptClock: async (_asked, person) => {
      const byMs = clock.aheadMs();
      if (byMs === 0) return CLOCK_RIGHT;
      await engine.acceptClock({ byMs, person });
      const toTheSecond = Math.round(byMs / 1000) * 1000;
      return { ok: true, answer: { turned_back: formatDuration(toTheSecond) } };
    },
    MakeBackup: async ({ to }) => {
      const folder = to ?? engine.setup().backup?.to ?? null;
      return folder === null ? NOWHERE_TO_BACK_UP : backUp(folder, options);
    },
  };
}

/** Each request to the carrier of its type, which the compiler cannot see of a type that is known only when it runs. */
export function createInstallation(options: InstallationOptions): Installation {
  const carriers = carriersOf(options);
  const carry = <T extends InstallationType>(
    type: T,
    asked: InstallationRequests[T],
    by: string,
  ): ReturnType<Carriers[T]> => carriers[type](asked, by) as ReturnType<Carriers[T]>;
  return { carryOut: (asked, by) => carry(asked.type, asked, by) };
}
