/** The part of the fold about runs, pages and roles. */
import type { IncidentEvent } from './event.ts';
import type { Incident, Page, Ring, Run } from './incident.ts';

/** The state after the event, or null when the event is about something else. */
export function evolvePages(state: Incident, event: IncidentEvent): Incident | null {
  switch (event.type) {
    case 'RunStarted':
      return { ...state, runs: { ...state.runs, [event.run.id]: event.run } };
    case 'RunAdvanced':
      return run(state, event.run, {
        step: event.step,
        state: 'open',
        answeredBy: null,
        answeredAt: null,
      });
    case 'RunAnswered':
      return run(state, event.run, {
        state: 'answered',
        answeredBy: event.by,
        answeredAt: event.at,
      });
    case 'RunExhausted':
      return run(state, event.run, { state: 'exhausted' });
    case 'RunEnded':
      return run(state, event.run, { state: 'ended' });
    case 'PageRequested':
      return { ...state, pages: { ...state.pages, [event.page.id]: event.page } };
    case 'PageShared':
      return page(state, event.page, (old) =>
        old.runs.includes(event.run) ? old : { ...old, runs: [...old.runs, event.run] },
      );
    case 'PageRung':
      return page(state, event.page, (old) => ({
        ...old,
        rings: [...old.rings.filter((ring) => !sameRing(ring, event.ring)), event.ring],
      }));
    case 'RingChanged':
      return page(state, event.page, (old) => ({
        ...old,
        rings: old.rings.map((ring) =>
          sameRing(ring, event)
            ? { ...ring, status: event.status, ref: event.ref ?? ring.ref, finds: event.finds }
            : ring,
        ),
      }));
    case 'PageAcknowledged':
      return page(state, event.page, (old) => ({
        ...old,
        state: 'acknowledged',
        acknowledgedBy: event.by,
        acknowledgedAt: event.at,
      }));
    case 'PageUnacknowledged':
      return page(state, event.page, (old) => ({
        ...old,
        state: 'open',
        acknowledgedBy: null,
        acknowledgedAt: null,
      }));
    case 'PageClosed':
      return page(state, event.page, (old) => ({ ...old, state: 'closed' }));
    case 'RoleFilled':
      return {
        ...state,
        roles: { ...state.roles, [event.role]: { person: event.person, at: event.at } },
      };
    default:
      return null;
  }
}

function sameRing(ring: Ring, other: { readonly target: string; readonly key: string }): boolean {
  return ring.target === other.target && ring.key === other.key;
}

function run(state: Incident, id: string, change: Partial<Run>): Incident {
  const old = state.runs[id];
  if (old === undefined) throw new Error(`${state.id} has no run ${id}`);
  return { ...state, runs: { ...state.runs, [id]: { ...old, ...change } } };
}

function page(state: Incident, id: string, change: (old: Page) => Page): Incident {
  const old = state.pages[id];
  if (old === undefined) throw new Error(`${state.id} has no page ${id}`);
  return { ...state, pages: { ...state.pages, [id]: change(old) } };
}
