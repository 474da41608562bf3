/**
 * The order in which a vendor's words about an object count. They may come late, after newer ones: an older word undoes
 * nothing that a newer one said, and is heard for all else.
 */
import type { Instant, VendorIncident, VendorIncidentAction } from '../../core/model/alert.ts';
import type { HeardWord } from '../../store/store.ts';

interface Meaning {
  /** What it says of the object: whether somebody has answered, and whether it is over. */
  readonly says: Readonly<Partial<Record<HeardWord['about'], boolean>>>;
  /** In what it yields to a newer word that says otherwise. */
  readonly yieldsIn: HeardWord['about'] | null;
}

const RINGS_AGAIN: Meaning = { says: { answer: false, end: false }, yieldsIn: 'answer' };
/** Whoever ended it was there, so that no earlier return of an answer counts. */
const ENDS: Meaning = { says: { answer: true, end: true }, yieldsIn: 'end' };
/** It tells of neither: it undoes nothing, and makes nothing old. */
const NEITHER: Meaning = { says: {}, yieldsIn: null };

const MEANINGS: Readonly<Record<VendorIncidentAction, Meaning>> = {
  triggered: { says: { end: false }, yieldsIn: 'end' },
  // That somebody was there stays true, whatever became of the object since.
  acknowledged: { says: { answer: true, end: false }, yieldsIn: 'answer' },
  unacknowledged: RINGS_AGAIN,
  reopened: RINGS_AGAIN,
  resolved: ENDS,
  merged: ENDS,
  escalated: NEITHER,
  reassigned: NEITHER,
  priority_changed: NEITHER,
  noted: NEITHER,
};

/** Whether what was heard happened later than this was said. Some instants are told to the second only. */
function isNewer(heard: HeardWord, observedAt: Instant): boolean {
  const isWhole = observedAt % 1_000 === 0;
  return observedAt < (isWhole ? heard.at - (heard.at % 1_000) : heard.at);
}

/** Whether a newer word says otherwise. */
export function isUndone(
  { action, observedAt }: VendorIncident,
  heard: readonly HeardWord[],
): boolean {
  const { says, yieldsIn } = MEANINGS[action];
  if (observedAt === null) return false;
  return heard.some(
    (word) => word.about === yieldsIn && word.says !== says[yieldsIn] && isNewer(word, observedAt),
  );
}

/** Whether the object ended after this was said: what rang then rings no more. */
export function hasEnded(
  { action, observedAt }: VendorIncident,
  heard: readonly HeardWord[],
): boolean {
  if (observedAt === null || MEANINGS[action].says.end === true) return false;
  return heard.some((word) => word.about === 'end' && word.says && isNewer(word, observedAt));
}

/** What is to be remembered of it. */
export function newsOf(
  { action, observedAt }: VendorIncident,
  heard: readonly HeardWord[],
): readonly HeardWord[] {
  if (observedAt === null) return [];
  const { says } = MEANINGS[action];
  return (['answer', 'end'] as const).flatMap((about) => {
    const said = says[about];
    const known = heard.find((word) => word.about === about);
    if (said === undefined || (known !== undefined && isNewer(known, observedAt))) return [];
    return [{ about, says: said, at: Math.max(observedAt, known?.at ?? observedAt) }];
  });
}
