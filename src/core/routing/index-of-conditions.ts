/**
 * Which of very many conditions may hold for the labels of an alert. Each stands in an index under something that it asks
 * for, a label with a value or with the beginning of one; those that ask for nothing of the kind are always looked at.
 */
import { own } from '../model/own.ts';
import type { Condition, Matcher } from '../model/policy.ts';
import { literalsOf } from './literals.ts';
import { holds } from './match.ts';

type Labels = Readonly<Record<string, string>>;

/** What may stand in a list: a rule, a route, what a source expects. */
export interface Conditional {
  readonly when: Condition;
  /** It holds whatever its condition says. */
  readonly isDefault?: boolean;
}

/** A value that a label has, or what it begins with. */
interface Key {
  readonly label: string;
  readonly kind: 'value' | 'prefix';
  readonly text: string;
}

/** Longer beginnings tell no more, and each length that occurs is a look-up. */
const PREFIX_MAX = 32;

/** One of these is true of every alert that meets the matcher; null: nothing can be told. */
function keysOfMatcher({ label, operator, value }: Matcher): readonly Key[] | null {
  if (operator === '=') return [{ label, kind: 'value', text: value }];
  if (operator !== '=~') return null;
  const literals = literalsOf(value);
  if (literals === null) return null;
  if (literals.some(({ prefix, isWhole }) => prefix === '' && !isWhole)) return null;
  return literals.map(({ prefix, isWhole }) =>
    isWhole
      ? { label, kind: 'value', text: prefix }
      : { label, kind: 'prefix', text: prefix.slice(0, PREFIX_MAX) },
  );
}

/** Several such lists of keys: of each of them one is true of every alert that meets the condition. */
function choicesOf({ all, any }: Condition): readonly (readonly Key[])[] {
  const choices = all.flatMap(choicesOfPart);
  const alternatives = any.map((part) => choicesOfPart(part)[0]);
  const isTold = alternatives.length > 0 && alternatives.every((keys) => keys !== undefined);
  return isTold ? [...choices, alternatives.flat()] : choices;
}

function choicesOfPart(part: Matcher | Condition): readonly (readonly Key[])[] {
  if (!('label' in part)) return choicesOf(part);
  const keys = keysOfMatcher(part);
  return keys === null ? [] : [keys];
}

/** Positions in the list, ascending. */
type Positions = number[];

/** What stands in the list under one label. */
interface OfLabel {
  readonly values: Map<string, Positions>;
  readonly prefixes: Map<string, Positions>;
  /** The lengths that prefixes have. */
  readonly lengths: Set<number>;
}

interface Index {
  readonly always: Positions;
  readonly labels: Map<string, OfLabel>;
}

/** By key: how many conditions could stand under it. */
type Counts = Map<string, number>;

function nameOf({ label, kind, text }: Key): string {
  return `${kind} ${label} ${text}`;
}

function sumOf(counts: Counts, keys: readonly Key[]): number {
  return keys.reduce((sum, key) => sum + (counts.get(nameOf(key)) ?? 0), 0);
}

/** The choice that is shared with the fewest. */
function rarest(choices: readonly (readonly Key[])[], counts: Counts): readonly Key[] | null {
  const [first, ...more] = choices;
  if (first === undefined) return null;
  return more.reduce(
    (best, keys) => (sumOf(counts, keys) < sumOf(counts, best) ? keys : best),
    first,
  );
}

function put(index: Index, { label, kind, text }: Key, position: number): void {
  let here = index.labels.get(label);
  if (here === undefined) {
    here = { values: new Map(), prefixes: new Map(), lengths: new Set() };
    index.labels.set(label, here);
  }
  const positions = kind === 'value' ? here.values : here.prefixes;
  if (kind === 'prefix') here.lengths.add(text.length);
  const known = positions.get(text);
  if (known === undefined) positions.set(text, [position]);
  else if (known.at(-1) !== position) known.push(position);
}

/** In small steps: with ten thousand of them it is work for a tenth of a second. */
function* building(list: readonly Conditional[]): Generator<void, Index> {
  const index: Index = { always: [], labels: new Map() };
  const counts: Counts = new Map();
  const choices: (readonly (readonly Key[])[])[] = [];
  for (const { when, isDefault } of list) {
    const of = isDefault === true ? [] : choicesOf(when);
    for (const name of of.flat().map(nameOf)) counts.set(name, (counts.get(name) ?? 0) + 1);
    choices.push(of);
    yield;
  }
  for (const [position, of] of choices.entries()) {
    const keys = rarest(of, counts);
    if (keys === null) index.always.push(position);
    else for (const key of keys) put(index, key, position);
    yield;
  }
  return index;
}

/** A policy never changes once it is built, so an index lasts as long as its list. */
const indexes = new WeakMap<readonly Conditional[], Index>();

function* indexing(list: readonly Conditional[]): Generator<void, Index> {
  const known = indexes.get(list);
  if (known !== undefined) return known;
  const fresh = yield* building(list);
  indexes.set(list, fresh);
  return fresh;
}

function indexOf(list: readonly Conditional[]): Index {
  const known = indexes.get(list);
  if (known !== undefined) return known;
  const steps = indexing(list);
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

function found({ always, labels: of }: Index, labels: Labels): readonly Positions[] {
  const lists: Positions[] = [always];
  for (const [label, { values, prefixes, lengths }] of of) {
    // A missing label equals "".
    const value = own(labels, label) ?? '';
    lists.push(values.get(value) ?? []);
    for (const length of lengths)
      if (length <= value.length) lists.push(prefixes.get(value.slice(0, length)) ?? []);
  }
  return lists.filter((positions) => positions.length > 0);
}

/** All positions of the lists in ascending order, each once. */
function* inOrder(lists: readonly Positions[]): Generator<number> {
  const next = lists.map(() => 0);
  const headOf = (which: number): number => lists[which]?.[next[which] ?? 0] ?? Infinity;
  for (;;) {
    let least = Infinity;
    for (let which = 0; which < lists.length; which += 1) least = Math.min(least, headOf(which));
    if (least === Infinity) return;
    yield least;
    for (let which = 0; which < lists.length; which += 1)
      if (headOf(which) === least) next[which] = (next[which] ?? 0) + 1;
  }
}

/** Those of the list that hold for the labels, in the order of the list, as far as they are asked for. */
export function* holding<T extends Conditional>(
  list: readonly T[],
  labels: Labels,
): Generator<T, void> {
  for (const position of inOrder(found(indexOf(list), labels))) {
    const one = list[position];
    if (one !== undefined && (one.isDefault === true || holds(one.when, labels))) yield one;
  }
}

/** Does ahead, in steps, what the first alert would otherwise wait for. */
export function* prepare(list: readonly Conditional[]): Generator<void, void> {
  const { always } = yield* indexing(list);
  for (const position of always) {
    const one = list[position];
    // Without labels: what is compiled by that is the patterns that nothing narrows down.
    if (one !== undefined) holds(one.when, {});
    yield;
  }
}
