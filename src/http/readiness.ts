/** Whether the server can take deliveries, and why not. */
import type { z } from 'zod';
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

async function readiness(api: Api): Promise<readonly Check[]> {
  const isRunning = { name: 'running', ok: !api.isStopping(), detail: 'the server is stopping' };
  try {
    const { store, oldestTurnMs } = await api.engine.health();
    const late = `the oldest delivery or incident that is due is ${Math.round(oldestTurnMs / 1_000)} s late`;
    return [
      isRunning,
      { name: 'database', ok: store.condition === 'ok', detail: store.problem ?? store.condition },
      { name: 'on time', ok: oldestTurnMs < LATE_MS, detail: late },
    ];
  } catch (error) {
    api.log.error({ error }, 'the readiness could not be told');
    return [isRunning, { name: 'database', ok: false, detail: 'it cannot be read; see the log' }];
  }
}

/** 503 with the reasons when it cannot. */
export async function ready({
  api,
}: {
  readonly api: Api;
}): Promise<Reply<z.output<typeof READY>>> {
  const checks = await readiness(api);
  const isReady = checks.every((check) => check.ok);
  const shown = checks.map(({ name, ok, detail }) => (ok ? { name, ok } : { name, ok, detail }));
  return { status: isReady ? 200 : 503, json: { ready: isReady, checks: shown } };
}
