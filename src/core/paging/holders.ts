/** A search that begins anew asks whoever has its role by now, before it looks for another who would have it in their place. */
import { roleOf, type Look } from '../model/decision.ts';
import type { Escalation } from '../model/incident.ts';
import { own } from '../model/own.ts';
import type { Recipient } from '../model/policy.ts';
import { candidatesOf } from '../people/candidates.ts';
import { isAtIt } from './offers.ts';
import { roleRequest } from './requests.ts';

/** For what somebody is looked for, and whom it asked so far. */
type Search = Pick<Escalation, 'key' | 'recipient' | 'fallback'>;
type Asked = Pick<Escalation, 'recipient' | 'fallback'>;

/** Whom it asks where nobody has its role: for a role what the configuration says now, whoever was asked before. */
function usual(look: Look<'state' | 'policy'>, { key, ...asked }: Search): Asked {
  const { recipient, fallback } =
    (key.kind === 'role' ? roleRequest(look, key.role) : null) ?? asked;
  return { recipient, fallback };
}

/** Who has the role that it looks for; null: nobody, or it looks for none. */
function holderSought({ state }: Look<'state'>, { key }: Search): string | null {
  return key.kind === 'role' ? (own(state.roles, key.role)?.person ?? null) : null;
}

/** Whom it asks: the holder, where a phone of theirs can ring, and only behind them whom it looked for. */
export function holderFirst(look: Look<'state' | 'policy' | 'context'>, search: Search): Asked {
  const { recipient, fallback } = usual(look, search);
  const holder = holderSought(look, search);
  if (holder === null) return { recipient, fallback };
  const first = { kind: 'person', person: holder } as const;
  const isReachable = candidatesOf(first, look.context, look.state.routing).list.length > 0;
  if (!isReachable) return { recipient, fallback };
  const isTheirs = (one: Recipient): boolean => one.kind === 'person' && one.person === holder;
  return { recipient: first, fallback: [recipient, ...fallback].filter((one) => !isTheirs(one)) };
}

/**
 * Whom a raise asks first: whoever is at it in the role, and who commands, for another one's answer would depose them. Other
 * roles may be somebody's of an earlier shift: they are looked for among those who are on call now, as is a command for
 * which the pager walks its own steps, where nobody would come behind a holder who sleeps.
 */
export function askedByRaise(
  look: Look<'state' | 'policy' | 'context' | 'now'>,
  escalation: Escalation,
): Partial<Asked> {
  const { key, walk } = escalation;
  if (key.kind !== 'role') return {};
  const holder = holderSought(look, escalation);
  const commands = roleOf(look, key.role)?.commands === true;
  const isAsked = holder !== null && (isAtIt(look, holder) || (commands && walk.kind === 'policy'));
  return isAsked ? holderFirst(look, escalation) : usual(look, escalation);
}
