/** People whom one pager rings and no other: where there are several, theirs is the phone that stays silent when it fails. */
import type { Policy } from '../core/model/policy.ts';
import type { BuiltTarget, Compiling } from './context.ts';
import type { Merged } from './merge.ts';
import { keyOf } from './yaml-file.ts';

/** So many are named at a place of their own; the others are counted. */
const NAMED_MAX = 5;

interface Alone {
  readonly id: string;
  /** The one pager that rings them. */
  readonly pager: string;
  /** What they have no contact at. */
  readonly missing: readonly string[];
}

function aloneOf(
  { addresses, id }: Policy['people'][string],
  pagers: readonly BuiltTarget[],
): Alone | null {
  const ringing = pagers.filter(({ name }) => addresses.some(({ target }) => target === name));
  const [only] = ringing;
  if (only === undefined || ringing.length > 1) return null;
  const others = pagers.filter((one) => one !== only && one.adapter.contact !== undefined);
  // By the vendor's name a contact serves all of its targets; who has one at this vendor has it for one target.
  const keys = others.map(({ name, adapter }) => (adapter === only.adapter ? name : adapter.name));
  const missing = [...new Set(keys)];
  return missing.length === 0 ? null : { id, pager: only.name, missing };
}

/** Warns of whoever can be rung and has an address at one of several pagers only. */
export function checkFailover(
  { report, unreachable }: Pick<Compiling, 'report' | 'unreachable'>,
  merged: Merged,
  given: {
    readonly people: Policy['people'];
    readonly pagers: readonly BuiltTarget[];
    readonly rung: ReadonlySet<string>;
  },
): void {
  const { people, pagers, rung } = given;
  if (pagers.length < 2) return;
  // Of a contact that is there and cannot ring, the target itself says what it lacks.
  const told = new Set(unreachable.map(({ person }) => person));
  const alone = merged.people.flatMap(({ name, spot }) => {
    const person = rung.has(name) && !told.has(name) ? people[name] : undefined;
    const one = person === undefined ? null : aloneOf(person, pagers);
    return one === null ? [] : [{ ...one, spot }];
  });
  const shown = alone.length === NAMED_MAX + 1 ? alone.length : NAMED_MAX;
  for (const { id, pager, missing, spot } of alone.slice(0, shown))
    report.warning(
      keyOf(spot),
      `${pager} is the only pager that rings ${id}: when it fails, nothing can take over`,
      `Write ${missing.join(' or ')}: <contact> at people.${id}.`,
    );
  const [next, ...more] = alone.slice(shown);
  if (next !== undefined)
    report.warning(
      keyOf(next.spot),
      `${next.pager} is the only pager that rings ${next.id}, and ${more.length} more people further down are rung by one pager only`,
      `Give each of them a contact at every pager, as at people.${next.id}: ${next.missing.join(' or ')}: <contact>.`,
    );
}
