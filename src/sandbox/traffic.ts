/** Counts the vendor requests that are open at the sandbox, and tells those that wait from those that are worked on. */
import type { ServerResponse } from 'node:http';

/** One open request. */
export interface OpenRequest {
  /** From now on it waits for the clock, or for ever. */
  park(): void;
  /** It is worked on again. */
  resume(): void;
}

export interface Traffic {
  enter(response: ServerResponse): OpenRequest;
  /** Requests being worked on: time must stand still for them. */
  inFlight(): number;
  /** Requests that hang or wait for the clock: time must not wait for them. */
  waiting(): number;
}

export function createTraffic(): Traffic {
  const open = new Set<OpenRequest>();
  const parked = new Set<OpenRequest>();
  return {
    enter(response) {
      const visit: OpenRequest = {
        park: () => void (open.has(visit) && parked.add(visit)),
        resume: () => void parked.delete(visit),
      };
      open.add(visit);
      response.once('close', () => {
        open.delete(visit);
        parked.delete(visit);
      });
      return visit;
    },
    inFlight: () => open.size - parked.size,
    waiting: () => parked.size,
  };
}
