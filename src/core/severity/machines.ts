/** How far a machine goes that asks by a token of its own: as far as rules and triggers do, and no further. */
import type { Actor } from '../model/input.ts';
import type { Level, Policy } from '../model/policy.ts';
import { findLevel, type Refusal } from '../model/decision.ts';

const TOKEN = '`tocsin token create --person NAME --scopes read,act,approve`';

/** What a machine asks for. */
interface Asked {
  readonly to: Level;
  /** It would be declared by it, or is declared and would be of that level by it. */
  readonly isDeclared: boolean;
  /** What it may ask for instead, with the word LEVEL where the name belongs. */
  readonly command: string;
}

/**
 * Why a machine may not lead to the level; null: it may, or a person asks. Above the ceiling of automation a person decides,
 * and what only a person declares no machine declares, or brings a declared incident to.
 */
export function whyNotByMachine(
  { actor, policy }: { readonly actor: Actor; readonly policy: Policy },
  { to, isDeclared, command }: Asked,
): Refusal | null {
  if (actor.kind === 'person') return null;
  const { ceiling } = policy.automation;
  const refused = (what: string): Refusal => ({
    code: 'person_needed',
    message: `${what}, and this token belongs to none. Give the person a token: ${TOKEN}.`,
    about: { kind: 'asker' },
  });
  if (to.rank < (findLevel(policy, ceiling)?.rank ?? 0))
    return refused(
      `${to.id} is above automation.ceiling (${ceiling}) and for a person to decide; up to ${ceiling} a machine may go: \`${command.replace('LEVEL', ceiling)}\`. ${to.id} takes a person`,
    );
  if (isDeclared && to.declare.by.every((by) => by === 'person'))
    return refused(
      `Only a person declares ${to.id} (its declare.by); an alert whose rule names ${to.id} opens it in triage. To declare it takes a person`,
    );
  return null;
}
