/** The end of an attempt: its row is settled with its fence, and the core hears of it, in one transaction. */
import { encodeInput } from '../../core/model/arriving-keys.ts';
import type { Log } from '../../contract/adapter.ts';
import type { PageEffect, Settled } from '../../core/model/effect.ts';
import { type OutboxRow, StoreUnavailable } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Releases } from './releases.ts';
import type { Plan } from './settle-plan.ts';
import type { Stuck } from '../deciding/stuck.ts';
import type { Turn } from '../deciding/turns.ts';
import type { Writer } from '../deciding/writer.ts';

export interface SettleOptions {
  readonly stuck: Stuck;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly writer: Writer;
  readonly redact: (text: string) => string;
  readonly releases: Releases;
  /** Counts settlements that wait for the clock, so that nobody waits for them with a clock that stands. */
  readonly waiting: (change: 1 | -1) => void;
  /** A canary has come all the way. */
  readonly onCanary: (canary: string) => void;
}

const OUTCOME_CHARS_MAX = 500;
const TRIES_MAX = 3;
const TRY_AGAIN_MS = 1_000;

function clean(settled: Settled, redact: (text: string) => string): Settled {
  if (!('detail' in settled)) return settled;
  const detail = redact(settled.detail).slice(0, OUTCOME_CHARS_MAX);
  // A hint may repeat a word of the vendor.
  return 'hint' in settled
    ? { ...settled, detail, hint: redact(settled.hint) }
    : { ...settled, detail };
}

/** Tells the core. Throws what the core throws. */
async function tell(row: OutboxRow, settled: Settled, turn: Turn): Promise<void> {
  const { effect } = row;
  await turn.workspace.prepare([effect.incident]);
  const decision = await turn.workspace.feed({
    id: encodeInput({ kind: 'settled', effect: effect.id, attempt: row.attempt }),
    incident: effect.incident,
    actor: { kind: 'tocsin' },
    type: 'EffectSettled',
    effect,
    settled,
  });
  if (!decision.ok)
    throw new Error(
      `${effect.incident} refused to hear how ${effect.id} ended: ${decision.message}`,
    );
}

/**
 * Settles within a turn. False: the lease was lost meanwhile and another attempt owns the row; nothing changes.
 * Throws what the core throws.
 */
export async function settleIn(
  turn: Turn,
  about: { readonly row: OutboxRow; readonly plan: Plan },
  options: Pick<SettleOptions, 'redact'>,
): Promise<boolean> {
  const { row, plan } = about;
  const outcome = options.redact(plan.outcome).slice(0, OUTCOME_CHARS_MAX);
  const { status, dueAt, heldBy = null, refused = null } = plan;
  const [isOurs] = await turn.tx.settle([
    { id: row.effect.id, fence: row.fence, status, dueAt, outcome, heldBy, refused, at: turn.now },
  ]);
  if (isOurs !== true) return false;
  if (plan.settled !== null) await tell(row, clean(plan.settled, options.redact), turn);
  return true;
}

/** Settles, and notes when that fails: whether others fail as well decides what people are told. */
async function settleOrNote(
  turn: Turn,
  about: { readonly row: OutboxRow; readonly plan: Plan },
  options: SettleOptions,
): Promise<boolean> {
  try {
    const isOurs = await settleIn(turn, about, options);
    if (isOurs) await options.releases.heard(turn, about.row, about.plan);
    return isOurs;
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) options.stuck.failed(turn, about.row.effect.incident);
    throw error;
  }
}

/** Without the core: it threw over the outcome, and the row must not block its stream for ever. */
async function settleBlindly(
  turn: Turn,
  about: { readonly row: OutboxRow; readonly plan: Plan },
  options: SettleOptions,
): Promise<boolean> {
  const { effect } = about.row;
  await turn.workspace.prepare([effect.incident]);
  const isOurs = await settleIn(
    turn,
    { ...about, plan: { ...about.plan, settled: null } },
    options,
  );
  if (!isOurs) return false;
  await options.stuck.tell(turn, {
    incident: effect.incident,
    input: effect.id,
    reason: `how ${effect.name} at ${effect.target} ended (${about.plan.outcome}) could not be taken in ${TRIES_MAX} times`,
  });
  return true;
}

/** Settles in a turn of its own, again and again until the store takes it: the outcome is known here only. */
export async function settle(
  about: { readonly row: OutboxRow; readonly plan: Plan },
  options: SettleOptions,
): Promise<void> {
  const { writer, log, metrics, clock } = options;
  const { effect } = about.row;
  for (let tries = 1; ; tries += 1) {
    try {
      const isOurs = await writer.write((turn) =>
        tries <= TRIES_MAX
          ? settleOrNote(turn, about, options)
          : settleBlindly(turn, about, options),
      );
      if (!isOurs) {
        metrics.lateResults.inc({ target: effect.target });
        log.warn(
          { effect: effect.id, target: effect.target, outcome: about.plan.outcome },
          'the outcome came after the lease was lost; it changes nothing',
        );
      }
      return;
    } catch (error) {
      log.error(
        { error, effect: effect.id, tries },
        'an outcome could not be stored; trying again',
      );
      if (writer.isStopped()) return;
      options.waiting(1);
      await new Promise<void>((resolve) => void clock.after(TRY_AGAIN_MS, resolve));
      options.waiting(-1);
    }
  }
}

/** It has come to the end of its way, and leaves nothing behind: neither in the store nor in what is counted of targets. */
export async function settleCanary(
  { effect, answer }: { readonly effect: PageEffect; readonly answer: { readonly verb: string } },
  { writer, onCanary }: Pick<SettleOptions, 'writer' | 'onCanary'>,
): Promise<void> {
  // Else its lease ends, and it is sent once more.
  if (answer.verb !== 'delivered') return;
  await writer.write(async (turn) => {
    await turn.tx.dropCanary();
    turn.afterCommit(() => onCanary(effect.key));
  });
}
