/**
 * Peers of a highly available sender lag: one tells that an alert has cleared, and the other still tells that it fires. For
 * so long after a clearing a firing of the same start may be such a word; it waits for the next one, for so long at most.
 */
export const HELD_MS = 5 * 60_000;
