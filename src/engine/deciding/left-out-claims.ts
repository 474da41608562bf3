/** Which incidents wait for a group of a sender to be told of in whole: a claim each, found by the group. */
import { isOver, type Incident } from '../../core/model/incident.ts';
import type { ClaimsChange } from '../../store/store.ts';

function groupsOf(state: Incident | null): readonly string[] {
  return state === null || isOver(state) ? [] : Object.keys(state.leftOut);
}

/** The rows are what the state says: nothing else is compared, so that none is left behind. */
export function leftOutChange(before: Incident | null, after: Incident): ClaimsChange {
  const [was, is] = [groupsOf(before), groupsOf(after)];
  return {
    take: is
      .filter((key) => !was.includes(key))
      .map((key) => ({ kind: 'left_out', key, value: null })),
    release: was
      .filter((key) => !is.includes(key))
      .map((key) => ({ kind: 'left_out' as const, key })),
  };
}
