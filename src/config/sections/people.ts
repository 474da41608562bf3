/** People and groups: contacts become addresses on pagers, users in chats, and ids by which vendors name people. */
import { z } from 'zod';
import type { AnyAdapter } from '../../contract/adapter.ts';
import type { JsonRecord } from '../../contract/json.ts';
import type { PageAddress, Person } from '../../core/model/policy.ts';
import { type BuiltTarget, type Compiling, type Entry, isKnown } from '../context.ts';
import { suggestion } from '../shape-problems.ts';
import { parseVendor } from '../vendor-part.ts';
import { nonEmptyText } from '../words.ts';
import { below, keyOf, keysAt, type Spot } from '../yaml-file.ts';
import { lackOf, pageAddress } from './addresses.ts';

export const personShape = z
  .looseObject({
    name: nonEmptyText('Name as people read it; the key when left out.').optional(),
    email: z
      .email()
      .meta({ description: 'Recognises the person at vendors that tell e-mail addresses.' })
      .optional(),
  })
  .meta({
    description:
      'One person. Beside name and email: a contact per vendor (`pagerduty`, `slack`, ...) or per target. The first pager rings first, the next ones are the failover.',
    shape: 'person',
  });

export const groupShape = z
  .array(nonEmptyText('Key of a person.'))
  .min(1, 'a group has at least one person')
  .meta({ description: 'A named list of people, all of whom are rung or told.' });

type PersonEntry = Entry<z.output<typeof personShape>>;

/** Keys of a person that are ours; all others are contacts. */
const OWN_KEYS: readonly string[] = Object.keys(personShape.shape);

/** One contact of one person, for stand-ins and `doctor`. */
export interface Contact {
  readonly person: string;
  readonly type: string;
  readonly targets: readonly string[];
  readonly contact: unknown;
}

interface Key {
  readonly adapter: AnyAdapter;
  /** Targets that the contact serves. */
  readonly targets: readonly BuiltTarget[];
}

/** A key is the name of a target, or a vendor: then it serves all targets of that vendor that have no key of their own. */
function meaningOf(compiling: Compiling, key: string, keys: readonly string[]): Key | null {
  const own = compiling.targets.get(key);
  if (own !== undefined && own !== null && own.adapter.contact !== undefined)
    return { adapter: own.adapter, targets: [own] };
  const adapter = compiling.registry.find((one) => one.name === key);
  if (adapter?.contact === undefined) return null;
  const targets = [...compiling.targets.values()].filter((target) => target !== null);
  return {
    adapter,
    targets: targets.filter((target) => target.adapter === adapter && !keys.includes(target.name)),
  };
}

function knownKeys(compiling: Compiling): readonly string[] {
  const vendors = compiling.registry
    .filter((adapter) => adapter.contact !== undefined)
    .map((adapter) => adapter.name);
  const targets = [...compiling.targets.values()].flatMap((target) =>
    target?.adapter.contact === undefined ? [] : [target.name],
  );
  return [...new Set([...OWN_KEYS, ...vendors, ...targets])];
}

interface Reading {
  readonly addresses: readonly PageAddress[];
  readonly chat: Readonly<Record<string, string>>;
  readonly ids: readonly string[];
  readonly contact: Contact;
}

/** The person's address on those of the targets that can ring it; the others are noted. */
function ringable(
  compiling: Compiling,
  targets: readonly BuiltTarget[],
  { person, address, spot }: { person: string; address: JsonRecord; spot: Spot },
): readonly PageAddress[] {
  return targets.flatMap((target) => {
    const lack = lackOf(target, address);
    if (lack === null) return [pageAddress(compiling, target, { value: address, spot })];
    compiling.unreachable.push({ person, target, lack });
    return [];
  });
}

function readContact(
  compiling: Compiling,
  { adapter, targets }: Key,
  standing: { readonly person: string; readonly value: unknown; readonly spot: Spot },
): Reading | null {
  const { person, spot } = standing;
  if (adapter.contact === undefined) return null;
  const contact: unknown = parseVendor(compiling, adapter.contact, standing);
  if (contact === null) return null;
  const address = adapter.pager?.personAddress(contact) ?? null;
  const user = adapter.chatUser?.(contact) ?? null;
  const chats =
    user === null || adapter.chat === undefined
      ? []
      : targets.map((target) => [target.name, user] as const);
  return {
    addresses: address === null ? [] : ringable(compiling, targets, { person, address, spot }),
    chat: Object.fromEntries(chats),
    ids: (adapter.contactIds?.(contact) ?? []).map((id) => id.toLowerCase()),
    contact: { person, type: adapter.name, targets: targets.map((target) => target.name), contact },
  };
}

function buildPerson(
  compiling: Compiling,
  { name: id, value, spot }: PersonEntry,
  contacts: Contact[],
): Person {
  const addresses: PageAddress[] = [];
  const chat: Record<string, string> = {};
  const vendorIds: Record<string, string[]> = {};
  const keys = keysAt(spot).filter((key) => !OWN_KEYS.includes(key));
  for (const key of keys) {
    const at = below(spot, key);
    const meaning = meaningOf(compiling, key, keys);
    // A target that is wrong was reported at its own place.
    if (meaning === null && compiling.targets.get(key) !== null)
      compiling.report.error(
        keyOf(at),
        `"${key}" is neither a vendor that people have a contact at nor such a target`,
        suggestion(key, knownKeys(compiling), 'Known here'),
      );
    const reading =
      meaning === null
        ? null
        : readContact(compiling, meaning, { person: id, value: value?.[key], spot: at });
    if (meaning === null || reading === null) continue;
    addresses.push(...reading.addresses);
    Object.assign(chat, reading.chat);
    (vendorIds[meaning.adapter.name] ??= []).push(...reading.ids);
    contacts.push(reading.contact);
  }
  return { id, name: value?.name ?? id, addresses, chat, email: value?.email ?? null, vendorIds };
}

/** Ids and e-mail addresses name one person each, or an acknowledgement would be credited to the wrong one. */
function checkUnique(
  { report }: Compiling,
  people: readonly Person[],
  entries: readonly PersonEntry[],
): void {
  const owners = new Map<string, string>();
  for (const { id, vendorIds, email } of people) {
    const entry = entries.find((one) => one.name === id);
    const names = Object.entries(vendorIds).flatMap(([type, ids]) =>
      ids.map((each) => `${type} ${each}`),
    );
    for (const name of new Set([
      ...names,
      ...(email === null ? [] : [`e-mail ${email.toLowerCase()}`]),
    ])) {
      const owner = owners.get(name);
      if (owner !== undefined && entry !== undefined)
        report.error(
          keyOf(entry.spot),
          `${name} belongs to ${owner} already`,
          'One vendor id or e-mail address names one person.',
        );
      owners.set(name, owner ?? id);
    }
  }
}

/** Everybody, and their contacts as their vendors' adapters read them. */
export function buildPeople(
  compiling: Compiling,
  entries: readonly PersonEntry[],
): {
  readonly people: Readonly<Record<string, Person>>;
  readonly contacts: readonly Contact[];
} {
  const contacts: Contact[] = [];
  const people = entries
    .filter((entry) => entry.value !== null)
    .map((entry) => buildPerson(compiling, entry, contacts));
  checkUnique(compiling, people, entries);
  return { people: Object.fromEntries(people.map((person) => [person.id, person])), contacts };
}

/** The keys of people in a list; those that name nobody are reported and left out. */
export function knownPeople(
  compiling: Compiling,
  people: readonly string[],
  spot: Spot,
): readonly string[] {
  const names = compiling.names.people;
  return people.filter((name, i) =>
    isKnown(compiling.report, { name, spot: below(spot, i) }, { kind: 'person', names }),
  );
}

/** Groups by name, each with the people in it. */
export function buildGroups(
  compiling: Compiling,
  groups: readonly Entry<z.output<typeof groupShape>>[],
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    groups.map(({ name, value, spot }) => [name, knownPeople(compiling, value ?? [], spot)]),
  );
}
