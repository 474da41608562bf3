/** Whether the server can take deliveries, and why not. */
import type { z } from 'zod';
import type { EngineHealth } from '../engine/health.ts';
import type { Api } from './options.ts';
import type { READY } from './replies.ts';
import type { Reply } from './route.ts';

/**
 * A delivery or an incident this late means that nothing is decided. What a vendor makes wait does not count: a server
 * that is taken out of service for it would lose alerts.
 */
const LATE_MS = 60_000;

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

interface Readiness {
  readonly checks: readonly Check[];
  /** Null: it could not be read. */
  readonly health: EngineHealth | null;
}

/** What refuses one delivery refuses the next: another server, or the sender's next try, is better off elsewhere. */
function databaseOf({ condition, problem, unwrittenMs }: EngineHealth['store']): Check {
  const seconds = Math.round((unwrittenMs ?? 0) / 1_000);
  const unwritten = `every write has failed for ${seconds} s; another program may hold it locked, see the log`;
  const isOk = condition === 'ok' && unwrittenMs === null;
  return { name: 'database', ok: isOk, detail: problem ?? unwritten };
}

async function readiness(api: Api): Promise<Readiness> {
  const isRunning = { name: 'running', ok: !api.isStopping(), detail: 'the server is stopping' };
  try {
    const health = await api.engine.health();
    const { store, oldestTurnMs } = health;
    const late = `the oldest delivery or incident that is due is ${Math.round(oldestTurnMs / 1_000)} s late`;
    const checks = [
      isRunning,
      databaseOf(store),
      { name: 'on time', ok: oldestTurnMs < LATE_MS, detail: late },
    ];
    return { checks, health };
  } catch (error) {
    api.log.error({ error }, 'the readiness could not be told');
    const unread = { name: 'database', ok: false, detail: 'it cannot be read; see the log' };
    return { checks: [isRunning, unread], health: null };
  }
}

/** Names and ages alone: nobody has to prove who they are here. A target that would not work keeps nothing from being taken in. */
function provedOf(health: EngineHealth | null, now: number): z.output<typeof READY>['targets'] {
  const ago = (at: number | null): number | null =>
    at === null ? null : Math.max(0, Math.round((now - at) / 1_000));
  return health?.targets.flatMap(({ name, mode, provedAt, failingSince }) =>
    mode === 'off'
      ? []
      : [{ name, provedSecondsAgo: ago(provedAt), failingForSeconds: ago(failingSince) }],
  );
}

/** 503 with the reasons when it cannot. */
export async function ready({
  api,
  query,
}: {
  readonly api: Api;
  readonly query: { readonly verbose?: string | undefined };
}): Promise<Reply<z.output<typeof READY>>> {
  const { checks, health } = await readiness(api);
  const isReady = checks.every((check) => check.ok);
  const shown = checks.map(({ name, ok, detail }) => (ok ? { name, ok } : { name, ok, detail }));
  const targets = query.verbose === undefined ? undefined : provedOf(health, api.clock.now());
  const json = { ready: isReady, checks: shown };
  return {
    status: isReady ? 200 : 503,
    json: targets === undefined ? json : { ...json, targets },
  };
}
