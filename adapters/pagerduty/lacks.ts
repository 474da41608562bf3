/** What a target needs beyond its configuration before an address can ring there: told by `check`, `doctor` and the page. */
import type { Lack, ReadResult, Rejection, Retry } from '../../src/contract/index.ts';
import { whereaboutsOf } from './config.ts';
import type { Config, RingsBy } from './config.ts';

export const NO_TOKEN: Lack = {
  what: 'it needs the REST API, and the target has no token',
  instead:
    'Give the target `token_file` and `from`, or page services by their integration key (`key_file`).',
};

const NO_REACH: Lack = {
  what: 'the target of type pagerduty has no token',
  instead: 'Give the target `token_file` and `from`.',
};

export const NO_SERVICE: Lack = {
  what: 'an incident at PagerDuty belongs to a service, and neither the address nor the target names one',
  instead:
    'Give the target `people_service: {name, id}`: the service under which persons are rung.',
};

export const NO_REQUESTER: Lack = {
  what: 'a responder request names the user who asks, and the target has no requester',
  instead:
    'Give the target `requester: {name, id}`: the PagerDuty user whose e-mail stands in `from`.',
};

const UNKNOWN_TO_US: Lack = {
  what: 'PagerDuty tells by id who did something, and the target has no requester: what Tocsin acknowledges or resolves there passes for the answer of a person',
  instead: NO_REQUESTER.instead,
};

/** Whether what is done there by REST could not be told from what a person did. */
export function ownNamesLack({ token, requester }: Config): Lack | null {
  return token === undefined || requester !== undefined ? null : UNKNOWN_TO_US;
}

/** Everything that is missing for this ring. */
export function lacksOf(ring: RingsBy, config: Config): readonly Lack[] {
  if (ring.by === 'events') return [];
  const isHomeless = ring.service === null && config.people_service === undefined;
  return [
    ...(config.token === undefined ? [NO_TOKEN] : []),
    ...(isHomeless ? [NO_SERVICE] : []),
    ...(ring.by === 'responder' && config.requester === undefined ? [NO_REQUESTER] : []),
  ];
}

/** What is missing first for an address as the policy holds it; null: nothing. One that is none of PagerDuty lacks nothing: its schema refuses it. */
export function lacks(address: Readonly<Record<string, unknown>>, config: Config): Lack | null {
  const place = whereaboutsOf(address);
  // What was taken over is reached by REST alone.
  if (place?.by === 'adopted') return config.token === undefined ? NO_REACH : null;
  return place === null ? null : (lacksOf(place, config)[0] ?? null);
}

/** The refusal of a page for which something is missing. */
export function refusedFor({ what, instead }: Lack): Rejection {
  return { verb: 'reject', reason: 'unsupported', detail: what, hint: instead };
}

/** What a write comes to that had to read first, and could not. */
export function notRead({
  reason,
  detail,
}: Extract<ReadResult<never>, { ok: false }>): Retry | Rejection {
  const passes = ['timeout', 'network', 'server_error', 'rate_limited'].includes(reason);
  if (passes) return { verb: 'retry', reason, ambiguous: false, detail };
  return { verb: 'reject', reason, detail, hint: 'Run tocsin doctor: it checks this target.' };
}

/** The refusal of a page whose address is none of ours: the configuration was not checked. */
export function noAddress(): Rejection {
  return {
    verb: 'reject',
    reason: 'invalid_request',
    detail: 'the address of this page is none of PagerDuty',
    hint: 'Run tocsin check on the configuration; if it passes, report this as a bug of the adapter.',
    ofAddress: true,
  };
}
