/** Flags: what a person says to hold, which triggers watch and which may keep the incident from the public. */
import { emit, type Decision, type Refusal } from '../model/decision.ts';
import { own } from '../model/own.ts';
import { barredFromPublic } from '../publishing/public-page.ts';
import { stopPublic } from '../publishing/publishing.ts';
import { askTriggers } from './severity.ts';

/**
 * Sets a flag, and stops in the same decision what it keeps from the public: nothing can be sent before.
 * @param command by which it is set, with the word FLAG where the name belongs
 */
export function setFlag(decision: Decision, flag: string, command: string): Refusal | null {
  const { id } = decision.state;
  const configured = own(decision.policy.flags, flag);
  if (configured === undefined)
    return {
      code: 'unknown_flag',
      message: `There is no flag ${flag}. ${flagsText(Object.keys(decision.policy.flags), command)}`,
      about: { kind: 'name', field: 'flag' },
    };
  if (decision.state.flags[flag] !== undefined)
    return {
      code: 'already_set',
      message: `Flag ${flag} is set already. To see what it changed: \`tocsin show ${id}\`; to add why: \`tocsin note ${id} "..."\`.`,
    };
  emit(decision, { type: 'FlagSet', flag, configured });
  const barred = barredFromPublic(decision);
  if (barred !== null) stopPublic(decision, barred);
  askTriggers(decision);
  return null;
}

function flagsText(names: readonly string[], command: string): string {
  return names.length === 0
    ? 'None is configured: write one under `flags:` in the configuration, then `tocsin reload`.'
    : `Flags: ${names.join(', ')}. Name one of them: \`${command}\`.`;
}

/** Sets those that are not set yet; the first that is not configured refuses. */
export function setFlags(
  decision: Decision,
  flags: readonly string[],
  command: string,
): Refusal | null {
  for (const flag of flags) {
    if (own(decision.state.flags, flag) !== undefined) continue;
    const refusal = setFlag(decision, flag, command);
    if (refusal !== null) return { ...refusal, about: { kind: 'name', field: 'flags' } };
  }
  return null;
}
