/** What every section's compilation works with: its entries, the names that exist in the others, the report. */
import { relative } from 'node:path';
import type { AnyAdapter, Lack, Registry } from '../contract/adapter.ts';
import type { Secret } from '../contract/secret.ts';
import type { Instant } from '../core/model/alert.ts';
import type { Mode, Recipient, Where } from '../core/model/policy.ts';
import type { Report } from './problem.ts';
import type { SecretStore } from './secret-values.ts';
import { suggestion } from './shape-problems.ts';
import { keyOf, type Spot, whereIs } from './yaml-file.ts';

/** One entry of a section. */
export interface Entry<T> {
  readonly name: string;
  readonly spot: Spot;
  /** Null: its shape is wrong, which was reported; its name is known all the same. */
  readonly value: T | null;
  readonly team: string | null;
}

/** The same in a section without names. */
export type Item<T> = Omit<Entry<T>, 'name'>;

/** Names to refer to, wrong entries included: a reference to one of them is not a second problem. */
export interface Names {
  /** Worst first. */
  readonly levels: readonly string[];
  readonly people: readonly string[];
  readonly groups: readonly string[];
  readonly rotations: readonly string[];
  readonly roles: readonly string[];
  readonly escalationPolicies: readonly string[];
  readonly services: readonly string[];
  readonly teams: readonly string[];
  readonly flags: readonly string[];
}

export interface BuiltTarget {
  readonly name: string;
  readonly adapter: AnyAdapter;
  /** Validated by the adapter's schema, secrets as `Secret`. */
  readonly config: unknown;
  readonly mode: Mode;
}

/** Somebody is meant to be paged or told, and where that is written. */
export interface Use {
  readonly recipient: Recipient;
  readonly spot: Spot;
  readonly by: 'page' | 'chat';
}

/** A contact that serves to recognise somebody, but not to page them. */
export interface UnpageableContact {
  readonly person: string;
  readonly target: BuiltTarget;
  readonly lack: Lack;
}

export interface Compiling {
  readonly registry: Registry;
  readonly report: Report;
  readonly names: Names;
  /** Other words for levels, each with its level. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly secrets: SecretStore;
  /** Hosts in private networks that targets may be reached at; null: in the sandbox, where no vendor is reached. */
  readonly privateHosts: readonly string[] | null;
  /** Null: the target is there but wrong, which was reported. */
  readonly targets: ReadonlyMap<string, BuiltTarget | null>;
  /** Collected for the cross-checks. */
  readonly uses: Use[];
  /** Contacts that name somebody whom their target cannot ring: also collected for the cross-checks. */
  readonly unreachable: UnpageableContact[];
  /** Secrets inside page addresses by reference. */
  readonly addressSecrets: Record<string, Secret>;
  /** The moment of loading: it decides nothing, but what has not begun by then is said. */
  readonly now: Instant;
  /** The main file's folder. */
  readonly folder: string;
  /** The time zone of the file. */
  readonly timezone: string;
}

export interface Reference {
  readonly name: string;
  readonly spot: Spot;
}

/** Whether the name is among the known ones; if not, it is reported with what was probably meant. */
export function isKnown(
  report: Report,
  reference: Reference,
  known: { readonly kind: string; readonly names: readonly string[] },
): boolean {
  const { name, spot } = reference;
  if (known.names.includes(name)) return true;
  const hint = suggestion(name, known.names, 'There are');
  report.error(
    spot,
    `there is no ${known.kind} "${name}"`,
    hint === '' ? `There is none at all; add it first.` : hint,
  );
  return false;
}

/** Whether the name is a level; if not, or if it is an alias, that is reported. */
export function isLevel(
  { report, names, aliases }: Pick<Compiling, 'report' | 'names' | 'aliases'>,
  reference: Reference,
): boolean {
  const meant = aliases.get(reference.name);
  if (meant === undefined)
    return isKnown(report, reference, { kind: 'level', names: names.levels });
  report.error(
    reference.spot,
    `"${reference.name}" is an alias, which only people may use`,
    `Write ${meant}.`,
  );
  return false;
}

export type AdapterPart = 'pager' | 'onCall' | 'statusPage' | 'chat';

const VERBS: Readonly<Record<AdapterPart, string>> = {
  pager: 'page',
  onCall: 'tell who is on call',
  statusPage: 'publish posts',
  chat: 'chat',
};

/** The target with that part, or null after saying what is wrong and which targets could. */
export function targetWith(
  compiling: Compiling,
  reference: Reference,
  part: AdapterPart,
): BuiltTarget | null {
  const { targets, report } = compiling;
  const found = targets.get(reference.name);
  const able = [...targets.values()].flatMap((one) =>
    one !== null && one.adapter[part] !== undefined ? [one.name] : [],
  );
  if (found === undefined) {
    isKnown(report, reference, { kind: 'target', names: [...targets.keys()] });
    return null;
  }
  if (found === null || found.adapter[part] !== undefined) return found;
  const others =
    able.length === 0
      ? `No target of this file can ${VERBS[part]}.`
      : `Targets that can: ${able.join(', ')}.`;
  report.error(
    reference.spot,
    `target ${found.name} (${found.adapter.name}) cannot ${VERBS[part]}`,
    others,
  );
  return null;
}

/** Where an entry stands. Files are named from the main file's folder, so that the policy is the same on every machine. */
export function whereOf({ folder }: Compiling, spot: Spot): Where {
  const where = whereIs(keyOf(spot));
  return { ...where, file: relative(folder, where.file) };
}
