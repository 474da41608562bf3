/** The key of a page as PagerDuty stores it: `dedup_key` of an event, `incident_key` of an incident. */
import { hmac } from '../../src/contract/index.ts';

/** Characters; developer-docs events-API-v2/02-Trigger-Events.md */
const KEY_MAX = 255;

/**
 * A responder request needs an incident to hang on. That incident is assigned to ourselves and so acknowledged from
 * its first moment: the mark in its key tells the source that this acknowledgement is nobody's answer.
 */
const RESPONDER_MARK = '#responder';

function fit(key: string, max: number): string {
  if (key.length <= max) return key;
  const digest = hmac('sha256', 'pagerduty key', key).toString('hex');
  return `${key.slice(0, max - digest.length - 1).toWellFormed()}~${digest}`;
}

/** At most 255 characters; a longer key keeps its beginning and stays unique by a digest. */
export function dedupKeyOf(key: string): string {
  return fit(key, KEY_MAX);
}

/** Key of the incident that carries a responder request. */
export function responderKeyOf(key: string): string {
  return fit(key, KEY_MAX - RESPONDER_MARK.length) + RESPONDER_MARK;
}

/** Our key of an incident, and whether the incident only carries a responder request. */
export function readKey(incidentKey: string | null): {
  readonly key: string | null;
  readonly carriesResponder: boolean;
} {
  if (incidentKey === null || !incidentKey.endsWith(RESPONDER_MARK))
    return { key: incidentKey, carriesResponder: false };
  return { key: incidentKey.slice(0, -RESPONDER_MARK.length), carriesResponder: true };
}
