/**
 * The identities of what comes in, as values: which alerts share an incident, which input it was, what an alert about Tocsin
 * itself is about. Here and nowhere else they become texts, and values again.
 */
import { keyOrNull, type KeyReaders, keyText, readKey } from './key-text.ts';

/** What alerts have in common that share an incident; one open incident has a group at a time. */
export type GroupKey =
  /** The same values of the labels by which the rule groups. */
  | {
      readonly kind: 'rule';
      readonly team: string;
      readonly rule: string;
      readonly labels: readonly (readonly [name: string, value: string])[];
    }
  /** One alert alone. */
  | {
      readonly kind: 'alert';
      readonly team: string;
      /** Null: no rule takes it. */
      readonly rule: string | null;
      readonly source: string;
      readonly alert: string;
    }
  /** Of an incident that a person began. */
  | { readonly kind: 'declared'; readonly incident: string }
  /** Inputs of a source that could not be decided, of one hour. */
  | { readonly kind: 'undecided'; readonly source: string; readonly hour: string }
  /** An incident that cannot go on by itself; null: many. */
  | { readonly kind: 'stuck'; readonly incident: string | null }
  /** Of an incident that was opened without the rules. */
  | { readonly kind: 'minimal'; readonly input: string };

/** What an incident is told; the events that follow from it bear its name. */
export type InputKey =
  /** What a row of the inbox says to it, the n-th that it says, from 0. */
  | { readonly kind: 'row'; readonly row: string; readonly number: number }
  /** Time has passed; null: while it cannot be dealt with, whatever its version is. */
  | { readonly kind: 'time'; readonly incident: string; readonly version: number | null }
  /** It is about Tocsin, is stuck, and speaks for itself at the instant. */
  | { readonly kind: 'stuck'; readonly incident: string; readonly at: number }
  /** Its alerts of the source were not heard of for long. */
  | {
      readonly kind: 'unheard';
      readonly source: string;
      readonly incident: string;
      readonly version: number;
    }
  /** Time was turned back. */
  | { readonly kind: 'clock'; readonly incident: string; readonly after: number }
  /** It joins another one in a storm. */
  | { readonly kind: 'storm'; readonly incident: string; readonly parent: string }
  /** An effect is settled. */
  | { readonly kind: 'settled'; readonly effect: string; readonly attempt: number };

/** The row that holds an alert of a delivery back. */
export interface HeldRowKey {
  /** The row of the delivery. */
  readonly row: string;
  /** Tells the alert from others of the delivery. */
  readonly digest: string;
}

/** What an alert about Tocsin itself is about. */
export type SelfKey =
  /** A reload that failed: of one file, or, null, of the whole configuration. */
  | { readonly kind: 'reload'; readonly file: string | null }
  /** A row of durable values that cannot be read. */
  | { readonly kind: 'spoilt'; readonly row: string }
  /** The database holds less than was committed to it, and somebody has gone on with that. */
  | { readonly kind: 'lost'; readonly had: string }
  /** What a source sends again and again stays away. */
  | { readonly kind: 'expected'; readonly source: string }
  /** A job on the calendar fails again and again. */
  | { readonly kind: 'job'; readonly job: string }
  /** A target that was asked would not work. */
  | { readonly kind: 'proof'; readonly target: string }
  /** Heartbeats are not taken at the address of that name. */
  | { readonly kind: 'heartbeat'; readonly to: string }
  /** A check of the auditor. */
  | { readonly kind: 'audit'; readonly check: string }
  /** Deliveries of a source that could not be read, of one hour. */
  | { readonly kind: 'unparsed'; readonly source: string; readonly hour: string };

/** What a sender tells of in whole, as it calls it; null: it knows no groups, and speaks of all at once. */
export interface ToldKey {
  readonly source: string;
  readonly group: string | null;
}

/** Of what deliveries tell is only compared, so there is no way back. */
export function encodeTold({ source, group }: ToldKey): string {
  return group === null ? keyText('told', source) : keyText('told', source, group);
}

/** Groups are only compared, so there is no way back. */
export function encodeGroup(key: GroupKey): string {
  switch (key.kind) {
    case 'rule':
      return keyText('rule', key.team, key.rule, ...key.labels.flat());
    case 'alert':
      return keyText(
        'alert',
        key.team,
        key.source,
        key.alert,
        ...(key.rule === null ? [] : [key.rule]),
      );
    case 'declared':
      return keyText('declared', key.incident);
    case 'undecided':
      return keyText('undecided', key.source, key.hour);
    case 'stuck':
      return key.incident === null ? 'stuck' : keyText('stuck', key.incident);
    case 'minimal':
      return keyText('minimal', key.input);
  }
}

/**
 * The key of the alert that stands for a vendor's own incident with this reference. It tells one from another at a source
 * that speaks of nothing else; that an alert stands for one is said by its `ofObject`.
 */
export function objectKey(ref: string): string {
  return keyText('incident', ref);
}

export function encodeHeldRow({ row, digest }: HeldRowKey): string {
  return keyText('held', row, digest);
}

const HELD_ROWS: KeyReaders<{ readonly kind: 'held' } & HeldRowKey> = {
  held: (parts) => ({ kind: 'held', row: parts.next(), digest: parts.next() }),
};

/** Null: the row holds no alert back. */
export function decodeHeldRow(id: string): HeldRowKey | null {
  const held = keyOrNull(id, (parts) => readKey('row', HELD_ROWS, parts));
  return held === null ? null : { row: held.row, digest: held.digest };
}

/** The first that a row says goes by the id of the row, which Tocsin makes: it is never like that of another input. */
export function encodeInput(key: InputKey): string {
  switch (key.kind) {
    case 'row':
      return key.number === 0 ? key.row : keyText('row', key.row, String(key.number));
    case 'time':
      return keyText('time', key.incident, ...(key.version === null ? [] : [String(key.version)]));
    case 'stuck':
      return keyText('stuck', key.incident, String(key.at));
    case 'unheard':
      return keyText('unheard', key.source, key.incident, String(key.version));
    case 'clock':
      return keyText('clock', key.incident, String(key.after));
    case 'storm':
      return keyText('storm', key.incident, key.parent);
    case 'settled':
      return keyText('settled', key.effect, String(key.attempt));
  }
}

const ROW_INPUTS: KeyReaders<Extract<InputKey, { readonly kind: 'row' }>> = {
  row: (parts) => ({ kind: 'row', row: parts.next(), number: Number(parts.next()) }),
};

/** The row of the inbox that says the input. */
export function rowOfInput(input: string): string {
  return keyOrNull(input, (parts) => readKey('input', ROW_INPUTS, parts))?.row ?? input;
}

export function encodeSelf(key: SelfKey): string {
  switch (key.kind) {
    case 'reload':
      return key.file === null ? 'reload' : keyText('reload', key.file);
    case 'spoilt':
      return keyText('spoilt', key.row);
    case 'lost':
      return keyText('lost', key.had);
    case 'expected':
      return keyText('expected', key.source);
    case 'job':
      return keyText('job', key.job);
    case 'proof':
      return keyText('proof', key.target);
    case 'heartbeat':
      return keyText('heartbeat', key.to);
    case 'audit':
      return keyText('audit', key.check);
    case 'unparsed':
      return keyText('unparsed', key.source, key.hour);
  }
}

const SELVES: KeyReaders<SelfKey> = {
  reload: (parts) => ({ kind: 'reload', file: parts.left() ? parts.next() : null }),
  spoilt: (parts) => ({ kind: 'spoilt', row: parts.next() }),
  lost: (parts) => ({ kind: 'lost', had: parts.next() }),
  expected: (parts) => ({ kind: 'expected', source: parts.next() }),
  job: (parts) => ({ kind: 'job', job: parts.next() }),
  proof: (parts) => ({ kind: 'proof', target: parts.next() }),
  heartbeat: (parts) => ({ kind: 'heartbeat', to: parts.next() }),
  audit: (parts) => ({ kind: 'audit', check: parts.next() }),
  unparsed: (parts) => ({ kind: 'unparsed', source: parts.next(), hour: parts.next() }),
};

/** Null: it is of no alert that this version raises. */
export function decodeSelf(encoded: string): SelfKey | null {
  return keyOrNull(encoded, (parts) => readKey('alert about Tocsin', SELVES, parts));
}

/** With what the keys of one kind of alerts about Tocsin begin, and those of no other kind. */
export function selfKeysBegin(kind: SelfKey['kind']): string {
  return kind;
}
