/** Texts within PagerDuty's limits, counted in Unicode characters. */

/** developer-docs events-API-v2/02-Trigger-Events.md (`payload.summary`); incident titles follow it. */
export const SUMMARY_MAX = 1024;

/**
 * Ours: PagerDuty limits only the whole event (512 KB), and six bytes (a control character in JSON) for each of these
 * stay far below it.
 */
export const DETAILS_MAX = 25_000;
export const ORIGIN_MAX = 255;
export const LINKS_MAX = 20;

/** The text, cut to at most `max` characters; a cut text ends in an ellipsis. */
export function cut(text: string, max: number): string {
  const wellFormed = text.toWellFormed();
  if (wellFormed.length <= max) return wellFormed;
  const characters = [...wellFormed];
  return characters.length <= max ? wellFormed : `${characters.slice(0, max - 1).join('')}…`;
}

/** A text that must say something to be accepted. */
export function orElse(text: string, fallback: string): string {
  return text.trim() === '' ? fallback : text;
}
