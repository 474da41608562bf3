/** Whether a leased row is sent: asked in the turn that leases it, right before the request. */
import type { Log } from '../../contract/adapter.ts';
import { isCanary, partOf, type Settled } from '../../core/model/effect.ts';
import type { Wanted } from '../../core/deciding/send.ts';
import type { OutboxRow } from '../../store/store.ts';
import type { Send } from './send.ts';
import type { Plan } from './settle-plan.ts';
import type { Target } from '../vendors/targets.ts';
import type { Turn } from '../deciding/turns.ts';

/** A row that is held is not looked at more often than this. */
export const HOLD_MIN_MS = 1_000;
/** A post whose page cannot be asked is asked for again this soon. */
const GONE_WAIT_MS = 60_000;

/** Why a leased row is not sent, or how it is. */
export type Verdict =
  | { readonly kind: 'send'; readonly send: Send }
  | { readonly kind: 'settle'; readonly plan: Plan };

function unsent(status: Plan['status'], outcome: string, more: Partial<Plan> = {}): Verdict {
  return { kind: 'settle', plan: { status, outcome, dueAt: 0, settled: null, ...more } };
}

/** The core hears why it was not sent, and its order stands. */
function askedOn(turn: Turn, outcome: string, settled: Settled): Verdict {
  const dueAt = turn.now + GONE_WAIT_MS;
  return unsent('pending', outcome, { settled, dueAt, refused: 'not_found' });
}

const CARRY_ON = { verdict: 'send', ref: null, channel: null, components: {} } as const;

/** Paging fails open, everything that others read fails closed: a doubt about the state never silences a phone. */
function wantedDespite(row: OutboxRow, error: unknown, now: number): Wanted {
  const why = `the check before sending failed: ${error instanceof Error ? error.message : String(error)}`;
  if (partOf(row.effect) === 'pager') return CARRY_ON;
  return { verdict: 'hold', until: now + 30_000, why };
}

/** What becomes of the row; its incident was prepared. */
export async function verdictOn(
  row: OutboxRow,
  turn: Turn,
  at: {
    readonly log: Log;
    readonly target: Target | null;
    readonly leasedAt: number;
  },
): Promise<Verdict> {
  const { effect } = row;
  const { target } = at;
  if (target === null) {
    const detail = `target ${effect.target} is no longer configured`;
    const settled = {
      result: 'rejected',
      // It is not ill, it is gone: whoever is next has an address elsewhere.
      ofAccount: false,
      reason: 'not_found',
      detail,
      hint: `Put ${effect.target} back into the configuration, or act by hand.`,
    } as const;
    // A post is asked for until its page is configured again.
    return partOf(effect) === 'statusPage'
      ? askedOn(turn, detail, settled)
      : unsent('dead', detail, { settled });
  }
  if (isCanary(effect))
    return { kind: 'send', send: { row, target, wanted: CARRY_ON, leasedAt: at.leasedAt } };
  let wanted: Wanted;
  try {
    wanted = await turn.workspace.wanted(effect.incident, effect);
  } catch (error) {
    at.log.error({ error, effect: effect.id }, 'the core threw over an effect before sending');
    wanted = wantedDespite(row, error, turn.now);
  }
  if (wanted.verdict === 'superseded')
    return unsent('superseded', wanted.why, {
      settled: { result: 'superseded', why: wanted.why, mayHaveArrived: row.ambiguous },
    });
  if (wanted.verdict === 'hold')
    return unsent('pending', `held: ${wanted.why}`, {
      dueAt: Math.max(wanted.until, turn.now + HOLD_MIN_MS),
      heldBy: wanted.pause ?? null,
    });
  if (target.mode === 'off' || target.mode === 'shadow') {
    const outcome = `withheld: ${effect.target} is in mode ${target.mode}`;
    const settled = { result: 'withheld', mode: target.mode } as const;
    // What may be there is looked for once its page is live again.
    return effect.name === 'statusPage.find'
      ? askedOn(turn, outcome, settled)
      : unsent('done', outcome, { settled });
  }
  return { kind: 'send', send: { row, target, wanted, leasedAt: at.leasedAt } };
}
