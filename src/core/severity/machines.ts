/** How far a machine goes that asks by a token of its own: as far as rules and triggers do, and no further. */
import type { Actor } from '../model/input.ts';
import type { Paused } from '../model/lookups.ts';
import type { Level, Policy } from '../model/policy.ts';
import { findLevel, type Refusal } from '../model/decision.ts';

const TOKEN = '`tocsin token create --person NAME --scopes read,act,approve`';

interface Asking {
  readonly actor: Actor;
  readonly policy: Policy;
  /** The pause of automation, while it holds. */
  readonly pause: Paused | null;
}

/** What a machine asks for. */
interface Asked {
  readonly to: Level;
  /** It would be declared by it, or is declared and would be of that level by it. */
  readonly isDeclared: boolean;
  /** What it may ask for instead, with the word LEVEL where the name belongs. */
  readonly command: string;
}

function refused(what: string): Refusal {
  return {
    code: 'person_needed',
    message: `${what}, and this token belongs to none. Give the person a token: ${TOKEN}.`,
    about: { kind: 'asker' },
  };
}

/** Of a pause, who made it, and why. */
export function pausedBy({ by, why }: Paused): string {
  return `automation is paused by ${by}: ${why}`;
}

/**
 * Why a machine may not lead to the level; null: it may, or a person asks. Above the ceiling of automation a person decides,
 * and what only a person declares no machine declares, or brings a declared incident to. While automation is paused it
 * raises and declares as little as rules and triggers do.
 */
export function whyNotByMachine(
  { actor, policy, pause }: Asking,
  { to, isDeclared, command }: Asked,
): Refusal | null {
  if (actor.kind === 'person') return null;
  if (pause !== null)
    return {
      code: 'automation_paused',
      message: `${to.id} is for a person to decide while ${pausedBy(pause)}. A machine goes on when that ends by itself, or by \`tocsin resume automation\`.`,
    };
  const { ceiling } = policy.automation;
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

/** Why a machine may not lower the level; null: a person asks. It closes phones, and holds against all that triggers know. */
export function whyNotLoweredByMachine(actor: Actor, incident: string): Refusal | null {
  if (actor.kind === 'person') return null;
  return refused(
    `A machine raises and never lowers; what it knows it may say by \`tocsin note ${incident} "..."\`. Lowering takes a person`,
  );
}
