/**
 * Fills a database with closed incidents: one is lived through by a real engine (opened by an alert, rung, cleared,
 * closed), and its events, its state, its rings and what was sent are stored again and again under other names,
 * through the store.
 */
import { alert, MINUTE, startEngine } from '../support/engine.ts';
import type { IncidentEvent } from '../../src/core/model/event.ts';
import type { Effect } from '../../src/core/model/effect.ts';
import type { Incident } from '../../src/core/model/incident.ts';
import type { PageRow, Store } from '../../src/store/store.ts';

/** What one incident has left. */
interface Lived {
  readonly events: readonly IncidentEvent[];
  readonly state: Incident;
  readonly effects: readonly Effect[];
  readonly pages: readonly PageRow[];
}

const BATCH = 200;

async function liveThrough(): Promise<Lived> {
  const h = await startEngine();
  try {
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(MINUTE);
    const ring = Object.values((await h.incident('inc-1')).pages)[0]?.rings[0];
    const ref = ring?.ref ?? '';
    await h.deliver('prom', [alert({ status: 'resolved' })]);
    await h.clock.advanceBy(90 * MINUTE);
    const links = await h.store.reads.timeline('inc-1');
    const outbox = await h.store.reads.outboxOf('inc-1');
    return {
      events: links.map(({ event }) => event),
      state: await h.incident('inc-1'),
      effects: outbox.map(({ effect }) => effect),
      pages: await h.store.transact((tx) => tx.pages({ target: 'pd', ref })),
    };
  } finally {
    await h.end();
  }
}

/** The same under another name. */
function another(lived: string, number: number): Lived {
  const renamed = lived
    .replaceAll('inc-1', `inc-${number}`)
    .replaceAll('"pd-1"', `"ref-${number}"`)
    .replaceAll('basket-errors', `basket-errors-${number}`);
  return JSON.parse(renamed) as Lived;
}

async function storeOne(tx: Parameters<Parameters<Store['transact']>[0]>[0], one: Lived) {
  const { events, state, effects, pages } = one;
  await tx.nextIncidentNumber();
  const [result] = await tx.apply([
    {
      subject: { kind: 'incident', id: state.id },
      expectedVersion: 0,
      events,
      state,
      effects,
      wake: null,
      pages,
      claims: { take: [], release: [] },
    },
  ]);
  if (result?.ok !== true) throw new Error(`${state.id} was not stored`);
}

/** Every effect is leased and settled, as the dispatcher does it. */
async function settleAll(store: Store, now: number): Promise<void> {
  const slots = { page: BATCH, internal: BATCH, public: BATCH, housekeeping: BATCH };
  for (;;) {
    const settled = await store.transact(async (tx) => {
      const { rows } = await tx.lease({ now, leaseMs: 15_000, slots, except: [] });
      const settlements = rows.map(({ effect, fence }) => ({
        id: effect.id,
        fence,
        status: 'done' as const,
        dueAt: now,
        at: now,
        outcome: 'accepted',
        heldBy: null,
        refused: null,
      }));
      await tx.settle(settlements);
      return rows.length;
    });
    if (settled === 0) return;
  }
}

export interface Filled {
  /** Events and effects of one incident. */
  readonly events: number;
  readonly effects: number;
  /** When the last event of each was. */
  readonly endedAt: number;
}

/** Stores so many, numbered from 1. */
export async function fill(store: Store, count: number): Promise<Filled> {
  const lived = await liveThrough();
  const text = JSON.stringify(lived);
  for (let from = 1; from <= count; from += BATCH) {
    const to = Math.min(count, from + BATCH - 1);
    await store.transact(async (tx) => {
      for (let number = from; number <= to; number += 1) await storeOne(tx, another(text, number));
    });
    await settleAll(store, lived.state.lastEventAt);
  }
  const { events, effects, state } = lived;
  return { events: events.length, effects: effects.length, endedAt: state.lastEventAt };
}
