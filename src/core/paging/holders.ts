/** A search that begins anew asks whoever has its role by now, before it looks for another who would have it in their place. */
import { roleOf, type Look } from '../model/decision.ts';
import type { Escalation } from '../model/incident.ts';
import { own } from '../model/own.ts';
import type { EscalationChoice, EscalationStep, Recipient } from '../model/policy.ts';
import { candidatesOf } from '../people/candidates.ts';
import { isAtIt } from './offers.ts';
import { roleRequest, serviceRequest, walkOf, type EscalationRequest } from './requests.ts';

/** Time for whoever has the role, where its pager would walk steps of its own and sets no time. */
const HOLDER_WAIT_MS = 5 * 60_000;

/** Who has the role that it looks for; null: nobody, or it looks for none. */
function holderSought(
  { state }: Look<'state'>,
  { key }: Pick<EscalationRequest, 'key'>,
): string | null {
  return key.kind === 'role' ? (own(state.roles, key.role)?.person ?? null) : null;
}

/** Those of them who lead to anybody but the person, who rings already and needs no step of their own behind that. */
export function othersThan(
  { state, context }: Look<'state' | 'context'>,
  person: string,
  recipients: readonly Recipient[],
): readonly Recipient[] {
  return recipients.filter((one) => {
    const { list } = candidatesOf(one, context, state.routing);
    return list.length === 0 || list.some((candidate) => candidate.person !== person);
  });
}

/** Those who stand in for the holder of the role: whoever holds such a role here, else whom it pages. */
export function standInsFor(
  look: Look<'state' | 'policy' | 'context'>,
  { person, role }: { readonly person: string; readonly role: string | null },
): readonly Recipient[] {
  const { state, policy } = look;
  const standIns = Object.values(policy.roles).filter(
    ({ deputizes }) => deputizes !== null && deputizes === role,
  );
  const found = standIns.map(({ id }): Recipient => {
    const here = own(state.roles, id)?.person ?? person;
    return here === person ? { kind: 'role', role: id } : { kind: 'person', person: here };
  });
  return othersThan(look, person, found);
}

/** The steps for a holder where a pager walks its own for an address: the address and what comes behind it are asked after them. */
function stepsBefore(
  escalation: Extract<EscalationChoice, { kind: 'vendor' }>,
): readonly EscalationStep[] {
  const { unanswered } = escalation;
  return [
    { page: { kind: 'own' }, waitMs: unanswered?.afterMs ?? HOLDER_WAIT_MS },
    { page: { kind: 'fallback' }, waitMs: unanswered?.afterMs ?? null },
    ...(unanswered === null ? [] : [{ page: unanswered.page, waitMs: null }]),
  ];
}

function stepsOf(
  { policy }: Look<'policy'>,
  { escalation }: EscalationRequest,
): readonly EscalationStep[] {
  if (escalation.kind === 'vendor') return stepsBefore(escalation);
  const found = own(policy.escalationPolicies, escalation.policy);
  return found?.steps ?? [{ page: { kind: 'own' }, waitMs: HOLDER_WAIT_MS }];
}

/** Who stands in for the holder is asked right behind them. */
function withStandIns(
  steps: readonly EscalationStep[],
  standIns: readonly Recipient[],
): readonly EscalationStep[] {
  const at = steps.findIndex(({ page }) => page.kind === 'own') + 1;
  const waitMs = steps[at - 1]?.waitMs ?? HOLDER_WAIT_MS;
  const theirs = standIns.map((page) => ({ page, waitMs }));
  const before = steps.slice(0, at).map((step) => ({ ...step, waitMs: step.waitMs ?? waitMs }));
  return theirs.length === 0 ? steps : [...before, ...theirs, ...steps.slice(at)];
}

/**
 * The same for whoever has the role, where a phone of theirs can ring, and only behind them for who stands in for them and
 * for whom it looks. Where the pager walks its own steps for an address of its own, that goes first, unless the holder is at
 * it: of whoever was there hours ago nobody knows, and the address is whoever is on call now.
 */
export function holderFirst(
  look: Look<'state' | 'policy' | 'context' | 'now'>,
  request: EscalationRequest,
): EscalationRequest {
  const { key, recipient, fallback, escalation } = request;
  const holder = holderSought(look, request);
  if (holder === null || key.kind !== 'role') return request;
  if (escalation.kind === 'vendor' && !isAtIt(look, holder)) return request;
  const first = { kind: 'person', person: holder } as const;
  if (candidatesOf(first, look.context, look.state.routing).list.length === 0) return request;
  const isTheirs = (one: Recipient): boolean => one.kind === 'person' && one.person === holder;
  const behind = [recipient, ...fallback].filter((one) => !isTheirs(one));
  const standIns = standInsFor(look, { person: holder, role: key.role });
  const isAsItIs = standIns.length === 0 && (escalation.kind === 'policy' || behind.length === 0);
  const asked = { ...request, recipient: first, fallback: behind };
  if (isAsItIs) return asked;
  const limit = escalation.kind === 'policy' ? { limitedBy: escalation.policy } : {};
  return { ...asked, steps: withStandIns(stepsOf(look, request), standIns), ...limit };
}

/** As the file has it now; null: the file has nothing like it. */
function usualRequest(
  look: Look<'state' | 'policy'>,
  key: Escalation['key'],
): EscalationRequest | null {
  if (key.kind === 'service') return serviceRequest(look, key.service);
  return key.kind === 'role' ? roleRequest(look, key.role) : null;
}

/**
 * How a search that begins anew goes on: as the file has it now, for a role first for whoever is at it in the role, and for
 * who commands, for another one's answer would depose them. Other roles may be somebody's of an earlier shift: they are
 * looked for among those who are on call now.
 */
export function askedAnew(
  look: Look<'state' | 'policy' | 'context' | 'now'>,
  { key }: Escalation,
): Partial<Pick<Escalation, 'recipient' | 'fallback' | 'walk'>> {
  const usual = usualRequest(look, key);
  if (usual === null) return {};
  const holder = holderSought(look, usual);
  const commands = key.kind === 'role' && roleOf(look, key.role)?.commands === true;
  const isAsked = holder !== null && (commands || isAtIt(look, holder));
  const request = isAsked ? holderFirst(look, usual) : usual;
  const { recipient, fallback } = request;
  return { recipient, fallback, walk: walkOf(look, request) };
}
