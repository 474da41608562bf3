/**
 * Words to systemd, for a unit of `Type=notify`. They go to a datagram socket of the file system, which Node cannot open:
 * `systemd-notify`, which every machine with systemd has, says them.
 */
import { spawnSync } from 'node:child_process';

/** Who waits for news of this process, and how. */
export interface Systemd {
  /** For `systemd-notify`: the address of the socket, and where programs are found. */
  readonly env: Readonly<Record<string, string>>;
  /** It ends the process that has not said for so long that it runs (`WatchdogSec`); null: it does not. */
  readonly watchdogMs: number | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `WATCHDOG_USEC` counts where `WATCHDOG_PID` names this process or nobody: sd_watchdog_enabled(3). */
function watchdogMsOf(environment: Environment, pid: number): number | null {
  const { WATCHDOG_USEC: given, WATCHDOG_PID: meant } = environment;
  const isMeant = meant === undefined || meant === String(pid);
  const ms = Number(given) / 1_000;
  return isMeant && ms > 0 ? ms : null;
}

/** What the environment says of systemd: sd_notify(3); null: it waits for nothing. */
export function systemdOf(environment: Environment, pid: number): Systemd | null {
  const { NOTIFY_SOCKET: socket, PATH: path = '' } = environment;
  if (socket === undefined || socket === '') return null;
  return {
    env: { NOTIFY_SOCKET: socket, PATH: path },
    watchdogMs: watchdogMsOf(environment, pid),
  };
}

/** It waits for systemd to have read the word, for whose word that is could not be told behind the end of the program. */
const WITHIN_MS = 6_000;

/**
 * Says it, and blocks the thread meanwhile.
 * @returns why it could not be said; null: it was
 */
export function tellSystemd(
  { env }: Systemd,
  word: 'READY=1' | 'WATCHDOG=1' | 'STOPPING=1',
): string | null {
  const { error, status, stderr } = spawnSync('systemd-notify', [word], {
    env,
    timeout: WITHIN_MS,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (error !== undefined) return error.message;
  return status === 0 ? null : `systemd-notify ended with ${status}: ${stderr.trim()}`;
}
