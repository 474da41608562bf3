/** The account of the Opsgenie stand-in: who exists there, and so who can ring. */
import { memberOf, asText } from '../../src/contract/index.ts';
import type { StandInSeed } from '../../src/contract/index.ts';

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface Account {
  readonly apiKey: string;
  readonly users: readonly string[];
  readonly teams: readonly Named[];
  readonly schedules: readonly Named[];
  readonly escalations: readonly Named[];
  readonly webhookHeaders: Readonly<Record<string, string>>;
}

export interface Responder {
  readonly type: string;
  readonly id: string;
}

function addressed(seed: StandInSeed, kind: string): readonly Named[] {
  const found = new Map<string, Named>();
  for (const address of seed.addresses) {
    const id = asText(memberOf(address[kind], 'id'));
    if (id !== null) found.set(id, { id, name: asText(memberOf(address[kind], 'name')) ?? id });
  }
  return [...found.values()];
}

export function accountOf(seed: StandInSeed): Account {
  const emails = [...seed.contacts, ...seed.addresses.map((address) => address['user'])].map(
    asText,
  );
  return {
    apiKey: asText(seed.target['api_key']) ?? '',
    users: [...new Set(emails.filter((email) => email !== null))],
    teams: addressed(seed, 'team'),
    schedules: [...addressed(seed, 'schedule'), ...seed.schedules],
    escalations: addressed(seed, 'escalation'),
    webhookHeaders: seed.webhookHeaders,
  };
}

/** The vendor's id of a responder in this account, or null: Opsgenie rings nobody for one it does not know. */
export function knownResponder(account: Account, responder: unknown): Responder | null {
  const type = asText(memberOf(responder, 'type')) ?? '';
  const given =
    asText(memberOf(responder, 'id')) ??
    asText(memberOf(responder, 'name')) ??
    asText(memberOf(responder, 'username'));
  if (type === 'user')
    return given !== null && account.users.includes(given) ? { type, id: given } : null;
  const known =
    { team: account.teams, schedule: account.schedules, escalation: account.escalations }[type] ??
    [];
  const found = known.find((one) => one.id === given || one.name === given);
  return found === undefined ? null : { type, id: found.id };
}
