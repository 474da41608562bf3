/** Whom to page: names, addresses and schedules become recipients that are resolved at the moment of paging. */
import { z } from 'zod';
import { isRecord, type JsonRecord, memberOf, asText } from '../../contract/json.ts';
import type { Recipient } from '../../core/model/policy.ts';
import {
  type BuiltTarget,
  type Compiling,
  isKnown,
  type Reference,
  targetWith,
} from '../context.ts';
import { INSTEAD } from '../zod-walk.ts';
import { below, keyOf, type Spot } from '../yaml-file.ts';
import { readAddress } from './addresses.ts';

/** A list is of addresses: several people are a group, so that they have a name and are written once. */
function namesInstead(
  key: string,
  given: readonly unknown[],
): { readonly what: string; readonly hint: string } | null {
  const names = given.filter((each) => typeof each === 'string');
  if (names.length === 0) return null;
  return {
    what: 'a list of names cannot stand here',
    hint:
      given.length === 1
        ? `Write ${key}: ${names.join('')}.`
        : `Write a group, groups: {<name>: [${names.join(', ')}]}, and ${key}: <name> here.`,
  };
}

/**
 * Whom to page: a name (person, group, rotation, role, `service.on_call`), `{via: <target>, ...address}`, `{rotation}`,
 * `{person}`, or a list of addresses in failover order. What stands beside `via` is the adapter's; it is read later.
 */
export const pageShape = z
  .union([z.string().min(1), z.looseObject({}), z.array(z.looseObject({})).min(1)])
  .register(INSTEAD, { list: namesInstead })
  .meta({
    description:
      'Whom to page: a name, `{via: <target>, ...address}`, or a list of addresses in failover order.',
    shape: 'page',
  });

export type PageYaml = z.infer<typeof pageShape>;

/** Stands where somebody is paged for whoever is on call for the service. */
export const SERVICE_ON_CALL = 'service.on_call';

/** What can be paged by name. */
export const NAMED_KINDS = ['person', 'group', 'rotation', 'role'] as const;
type Kind = (typeof NAMED_KINDS)[number];

function namesOfKind({ names }: Compiling, kind: Kind): readonly string[] {
  const byKind = {
    person: names.people,
    group: names.groups,
    rotation: names.rotations,
    role: names.roles,
  };
  return byKind[kind];
}

function sourceOf(kind: Kind, name: string): Recipient {
  switch (kind) {
    case 'person':
      return { kind, person: name };
    case 'group':
      return { kind, group: name };
    case 'rotation':
      return { kind, rotation: name };
    case 'role':
      return { kind, role: name };
  }
}

/** The person, group, rotation or role of that name; null after reporting that there is none or more than one. */
export function namedRecipient(
  compiling: Compiling,
  reference: Reference,
  words: readonly string[] = [],
): Recipient | null {
  const { name, spot } = reference;
  const kinds = NAMED_KINDS.filter((kind) => namesOfKind(compiling, kind).includes(name));
  const [kind] = kinds;
  if (kind !== undefined && kinds.length === 1) return sourceOf(kind, name);
  if (kind === undefined) {
    const known = [...words, ...NAMED_KINDS.flatMap((each) => namesOfKind(compiling, each))];
    isKnown(compiling.report, reference, { kind: 'person, group, rotation or role', names: known });
    return null;
  }
  const forms = kinds.map((each) => `{${each}: ${name}}`).join(' or ');
  compiling.report.error(
    spot,
    `"${name}" is a ${kinds.join(' and a ')}`,
    `Write ${forms}, or rename one of them.`,
  );
  return null;
}

export interface PageAt {
  readonly spot: Spot;
  /** The vendor walks its own steps: a schedule there is rung there instead of being read ahead. */
  readonly vendorWalks: boolean;
  /** Whether `service.on_call` makes sense here. */
  readonly service: boolean;
}

function isSchedule(target: BuiltTarget, value: JsonRecord, at: PageAt): boolean {
  if (target.adapter.onCall === undefined || !isRecord(value['schedule'])) return false;
  const { via: _via, ...rest } = value;
  return !(at.vendorWalks && target.adapter.pager?.address.safeParse(rest).success === true);
}

function scheduleRecipient(
  compiling: Compiling,
  target: BuiltTarget,
  { value, spot }: { readonly value: JsonRecord; readonly spot: Spot },
): Recipient | null {
  const at = below(spot, 'schedule');
  const id = asText(memberOf(value['schedule'], 'id'));
  const name = asText(memberOf(value['schedule'], 'name'));
  for (const key of Object.keys(value))
    if (key !== 'via' && key !== 'schedule')
      compiling.report.error(
        keyOf(below(spot, key)),
        `unknown key "${key}" beside a schedule`,
        'Known here: via, schedule.',
      );
  if (id !== null && name !== null)
    return { kind: 'schedule', target: target.name, schedule: { id, name } };
  compiling.report.error(
    at,
    'a schedule has a name and an id',
    'Write schedule: {name: <name>, id: <id at the vendor>}.',
  );
  return null;
}

function fromMap(compiling: Compiling, value: JsonRecord, at: PageAt): Recipient | null {
  const { spot } = at;
  const kind = NAMED_KINDS.find((each) => Object.hasOwn(value, each));
  if (!Object.hasOwn(value, 'via') && kind !== undefined) {
    const name = asText(value[kind]) ?? '';
    const others = Object.keys(value).filter((key) => key !== kind);
    for (const key of others)
      compiling.report.error(
        keyOf(below(spot, key)),
        `${key} cannot stand beside ${kind}`,
        'Name one of them.',
      );
    const known = isKnown(
      compiling.report,
      { name, spot: below(spot, kind) },
      { kind, names: namesOfKind(compiling, kind) },
    );
    return known ? sourceOf(kind, name) : null;
  }
  if (typeof value['via'] === 'string') {
    const target = compiling.targets.get(value['via']) ?? null;
    if (target !== null && isSchedule(target, value, at))
      return scheduleRecipient(compiling, target, { value, spot });
    if (target !== null && isRecord(value['schedule']) && target.adapter.pager === undefined) {
      targetWith(compiling, { name: target.name, spot: below(spot, 'via') }, 'onCall');
      return null;
    }
  } else if (!Object.hasOwn(value, 'via')) {
    compiling.report.error(
      spot,
      'it is not told whom this pages',
      'Write a name, {via: <target>, ...address}, {rotation: <name>} or {person: <name>}.',
    );
    return null;
  }
  const address = readAddress(compiling, value, spot);
  return address === null ? null : { kind: 'addresses', addresses: [address] };
}

/** Null after reporting what is wrong. What is returned is noted as somebody who is paged. */
export function recipientOf(compiling: Compiling, page: PageYaml, at: PageAt): Recipient | null {
  const recipient = readPage(compiling, page, at);
  if (recipient !== null) compiling.uses.push({ recipient, spot: at.spot, by: 'page' });
  return recipient;
}

function readPage(compiling: Compiling, page: PageYaml, at: PageAt): Recipient | null {
  const { spot } = at;
  if (typeof page === 'string') {
    if (page !== SERVICE_ON_CALL)
      return namedRecipient(compiling, { name: page, spot }, at.service ? [SERVICE_ON_CALL] : []);
    if (at.service) return { kind: 'service_on_call' };
    compiling.report.error(
      spot,
      `${SERVICE_ON_CALL} is what is said here, so it names nobody`,
      'Name a person, group, rotation or role, or an address.',
    );
    return null;
  }
  if (!Array.isArray(page)) return fromMap(compiling, page, at);
  const addresses = page.map((each: JsonRecord, i) => readAddress(compiling, each, below(spot, i)));
  return { kind: 'addresses', addresses: addresses.filter((address) => address !== null) };
}

/** Names under `fallback`, `who` and `to`. */
export function recipientsOf(
  compiling: Compiling,
  names: readonly string[],
  at: { readonly spot: Spot; readonly by: 'page' | 'chat' },
): readonly Recipient[] {
  return names.flatMap((name, i) => {
    const spot = spotOfItem(at.spot, i);
    const isWord = at.by === 'page' && name === SERVICE_ON_CALL;
    const recipient: Recipient | null = isWord
      ? { kind: 'service_on_call' }
      : namedRecipient(compiling, { name, spot }, at.by === 'page' ? [SERVICE_ON_CALL] : []);
    if (recipient === null) return [];
    compiling.uses.push({ recipient, spot, by: at.by });
    return [recipient];
  });
}

/** The item of a list, or the value itself where a single one stands without a list. */
export function spotOfItem(spot: Spot, index: number): Spot {
  const value: unknown = spot.path.reduce<unknown>(
    (here, segment) =>
      Array.isArray(here) ? here[Number(segment)] : memberOf(here, String(segment)),
    spot.file.value,
  );
  return Array.isArray(value) ? below(spot, index) : spot;
}
