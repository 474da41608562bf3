/**
 * Opsgenie's outgoing webhooks. No signature, no delivery id, no published retry: a secret header is demanded, each
 * delivery counts as new, and idempotence comes from the alert's id, the action and its time.
 * https://support.atlassian.com/opsgenie/docs/integrate-opsgenie-with-webhook/
 */
import {
  instantOf,
  isBearer,
  isOneOf,
  isRecord,
  listOf,
  memberOf,
  readJson,
  asText,
} from '../../src/contract/index.ts';
import type {
  ParseResult,
  RawRequest,
  Verified,
  VendorIncident,
  VendorIncidentAction,
  VendorPerson,
} from '../../src/contract/index.ts';
import type { SourceConfig } from './config.ts';
import { labelsOf, priorityTextOf } from './labels.ts';
import { actorOf, personOf } from './person.ts';

export function verify(request: RawRequest, config: SourceConfig): Verified {
  const given = request.headers[config.header];
  if (given === undefined) return { ok: false, reason: `the header ${config.header} is missing` };
  const isKnown =
    config.header === 'authorization'
      ? isBearer(given, config.token)
      : isOneOf(given, config.token);
  if (!isKnown)
    return {
      ok: false,
      reason: `the header ${config.header} holds none of the tokens of this source`,
    };
  return { ok: true, deliveryId: null };
}

type Part = Partial<Pick<VendorIncident, 'assignees' | 'note' | 'service'>>;

interface Meaning {
  readonly action: VendorIncidentAction;
  /** What this action tells beside the alert itself. */
  readonly more?: (delivery: unknown, alert: unknown) => Part;
}

/** Every action that Opsgenie's "Alert action data" names, and what it means to an incident. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  Create: {
    action: 'triggered',
    more: (_, alert) => ({
      assignees: peopleOf(memberOf(alert, 'recipients'), memberOf(alert, 'responders')),
    }),
  },
  Acknowledge: { action: 'acknowledged' },
  UnAcknowledge: { action: 'unacknowledged' },
  Close: { action: 'resolved' },
  // The alert is gone and its phones are silent: to us the same as closed.
  Delete: { action: 'resolved' },
  AddNote: { action: 'noted' },
  AddTags: {
    action: 'noted',
    more: (_, alert) => noteOf('Tags added', memberOf(alert, 'addedTags')),
  },
  RemoveTags: {
    action: 'noted',
    more: (_, alert) => noteOf('Tags removed', memberOf(alert, 'removedTags')),
  },
  AddRecipient: {
    action: 'reassigned',
    more: (_, alert) => ({ assignees: peopleOf(memberOf(alert, 'recipient')) }),
  },
  AddResponder: {
    action: 'reassigned',
    more: (_, alert) => ({ assignees: peopleOf(memberOf(alert, 'responder')) }),
  },
  AddTeam: {
    action: 'reassigned',
    more: (_, alert) => ({ service: teamOf(memberOf(alert, 'team')) }),
  },
  AssignOwnership: {
    action: 'reassigned',
    more: (_, alert) => ({ assignees: peopleOf(memberOf(alert, 'owner')) }),
  },
  TakeOwnership: {
    action: 'reassigned',
    more: (_, alert) => ({ assignees: [actorIn(alert)].filter((actor) => actor !== null) }),
  },
  Escalate: {
    action: 'escalated',
    more: (delivery) => ({ assignees: peopleOf(memberOf(delivery, 'escalationNotify')) }),
  },
  EscalateNext: {
    action: 'escalated',
    more: (_, alert) => ({ assignees: peopleOf(memberOf(alert, 'recipient')) }),
  },
  UpdatePriority: { action: 'priority_changed' },
};

/** Pure and total. */
export function parseDelivery(body: Uint8Array): ParseResult {
  const reading = readJson(body);
  if (!reading.ok) return reading;
  const action = asText(memberOf(reading.value, 'action'));
  const alert = memberOf(reading.value, 'alert');
  const ref = asText(memberOf(alert, 'alertId'));
  if (action === null) return { ok: false, reason: 'not an Opsgenie webhook: `action` is missing' };
  if (ref === null)
    return { ok: false, reason: 'not an Opsgenie webhook: `alert.alertId` is missing' };
  const meaning = memberOf(MEANINGS, action) as Meaning | undefined;
  if (meaning === undefined) {
    // A custom action carries its own name, so a new action of the vendor cannot be told from one of the user's.
    const ignored = [
      {
        what: `action ${action} of alert ${ref}`,
        reason: 'a custom action, or one that changes nothing for an incident',
      },
    ];
    return { ok: true, parsed: { observations: [], ignored, truncated: 0 } };
  }
  const observation = {
    ...incidentOf(alert, ref, meaning.action),
    ...meaning.more?.(reading.value, alert),
  };
  return { ok: true, parsed: { observations: [observation], ignored: [], truncated: 0 } };
}

function incidentOf(alert: unknown, ref: string, action: VendorIncidentAction): VendorIncident {
  return {
    kind: 'vendor_incident',
    action,
    ref,
    key: asText(memberOf(alert, 'alias')),
    title: asText(asText(memberOf(alert, 'message'))?.trim()) ?? `Opsgenie alert ${ref}`,
    description: asText(memberOf(alert, 'description')) ?? '',
    url: null,
    labels: labelsOf(alert),
    vendorSeverity: priorityTextOf(memberOf(alert, 'priority')),
    urgency: null,
    service: teamOf(listOf(memberOf(alert, 'teams'))[0]),
    assignees: [],
    by: actorIn(alert),
    note: asText(memberOf(alert, 'note')),
    mergedInto: null,
    observedAt:
      timeOf(memberOf(alert, 'updatedAt')) ??
      (action === 'triggered' ? timeOf(memberOf(alert, 'createdAt')) : null),
  };
}

function actorIn(alert: unknown): VendorPerson | null {
  return actorOf(memberOf(alert, 'username'), memberOf(alert, 'userId'));
}

/** Recipients come as e-mail addresses, names, or objects with a type; only people have phones of their own. */
function peopleOf(...given: readonly unknown[]): readonly VendorPerson[] {
  return given
    .flatMap((one) => (Array.isArray(one) ? (one as readonly unknown[]) : [one]))
    .filter(
      (one) =>
        !isRecord(one) || (memberOf(one, 'entity') ?? memberOf(one, 'type') ?? 'user') === 'user',
    )
    .map((one) => personOf(one))
    .filter((person): person is VendorPerson => person !== null);
}

function teamOf(team: unknown): VendorIncident['service'] {
  const id = asText(memberOf(team, 'id')) ?? asText(team);
  return id === null ? null : { id, name: asText(memberOf(team, 'name')) };
}

function noteOf(what: string, tags: unknown): Part {
  return { note: `${what}: ${asText(tags) ?? 'unknown'}` };
}

const MILLISECOND_DIGITS_MAX = 15;

/**
 * `createdAt` is in milliseconds, `updatedAt` in nanoseconds: 19 digits, which `readJson` hands over as text because a
 * double rounds them. ISO texts are read as well.
 */
function timeOf(value: unknown): number | null {
  const digits = asText(value) ?? '';
  if (!/^\d{12,19}$/.test(digits)) return instantOf(value);
  return Number(digits.length > MILLISECOND_DIGITS_MAX ? BigInt(digits) / 1_000_000n : digits);
}
