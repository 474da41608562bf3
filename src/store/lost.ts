/** What a person has gone on without. */

/** So many commits are there of so many. */
export interface Lost {
  readonly has: number;
  readonly had: number;
  /** Number of the incident that was opened last, with all that is missing now; null: nobody knows. */
  readonly incidents: number | null;
  /**
   * Of the events that there were, so many of the first are there still; null: all that are there now, or, of what was copied, nobody
   * knows.
   */
  readonly common: number | null;
  /**
   * `as_found`: with what was there; `copied`: what could be read was copied from a damaged database, and of rows that could
   * not nothing is known; `restored`: a backup took its place, and of what came after it less may be known than there was.
   */
  readonly how: 'as_found' | 'copied' | 'restored';
}
