/** What a person types for an incident. */

/** `7`, `#7`, `INC-7` and ` inc-7 ` all mean `inc-7`; anything else is returned as typed, without blanks around it. */
export function incidentIdOf(typed: string): string {
  const trimmed = typed.trim();
  const number = /^(?:inc-|#)?([0-9]+)$/i.exec(trimmed)?.[1];
  return number === undefined ? trimmed : `inc-${number}`;
}
