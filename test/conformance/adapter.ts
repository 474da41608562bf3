/**
 * The conformance suite of adapters: every adapter runs it from its own test with its own fixtures.
 *
 *     adapterConformance({
 *       adapter: statuspage,
 *       folder: new URL('.', import.meta.url),
 *       target: { config: { page_id: 'p1', api_key: new Secret('key') }, methods: [
 *         { method: 'statusPage.publish', title: 'create', args: [order], golden: 'publish-create.json',
 *           respond: () => answered(201, {...}), result: { verb: 'delivered', externalRef: 'abc' },
 *           limits: [{ text: 'title', field: 'json.incident.name', limit: 255, unit: 'characters' }] } ] },
 *       source: { signing: { configOf, sign, covers: 'body' }, deliveries: [{ name, body }] },
 *     });
 */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { AnyAdapter, AnyStandIn, PagerPart } from '../../src/contract/index.ts';
import { readMatchers } from '../../src/config/matcher.ts';
import type { Check } from './check.ts';
import { noteChecks } from './note-is-there.ts';
import { refusedAddressCheck } from './refused-address.ts';
import { urgencyCheck } from './rings-as-asked.ts';
import { schemaChecks } from './schema.ts';
import { sourceChecks, sourceConfigs } from './source.ts';
import type { SourceConformance } from './source-subject.ts';
import { targetChecks } from './target.ts';
import type { TargetConformance } from './target.ts';
import { whenAnsweredChecks } from './when-answered.ts';

export type { Delivery, SourceConformance } from './source-subject.ts';
export type { MethodCase, TargetConformance } from './target.ts';

export interface AdapterConformance {
  readonly adapter: AnyAdapter;
  /** The adapter's folder: `new URL('.', import.meta.url)` in the adapter's own test. */
  readonly folder: URL;
  /** Required exactly when the adapter has a target side. */
  readonly target?: TargetConformance;
  /** Required exactly when the adapter has a source part. */
  readonly source?: SourceConformance;
  /** Valid values of `people.<id>.<name>`; required exactly when the adapter has contacts. */
  readonly contacts?: readonly unknown[];
  /** Required where the adapter has a pager. */
  readonly standIn?: AnyStandIn;
}

/** The methods of each part: a part has all of the first list and any of the second. */
const PARTS: Readonly<
  Record<string, { readonly required: readonly string[]; readonly optional: readonly string[] }>
> = {
  source: {
    required: ['config', 'verify', 'parse'],
    optional: ['handshake', 'alwaysFires', 'repeats'],
  },
  poll: { required: ['since'], optional: [] },
  pager: {
    required: ['address', 'personAddress', 'trigger', 'acknowledge', 'resolve'],
    optional: ['find', 'list', 'keysOf', 'note', 'lacks'],
  },
  onCall: { required: ['whoIsOn'], optional: [] },
  statusPage: { required: ['publish', 'find'], optional: ['components'] },
  chat: { required: ['post'], optional: ['openRoom', 'setTopic', 'invite', 'pin', 'archiveRoom'] },
  doctor: { required: ['check'], optional: [] },
};
const OWN_KEYS = [
  'name',
  'config',
  'contact',
  'contactIds',
  'ownNames',
  'ownNamesLack',
  'cannot',
  'chatUser',
];
/** No methods: schemas, and what the vendor is like. */
const VALUES = ['config', 'address', 'repeats'];

function hasOnlyWholeParts(adapter: AnyAdapter): void {
  for (const [key, part] of Object.entries(adapter)) {
    if (OWN_KEYS.includes(key)) continue;
    const shape = PARTS[key];
    expect(shape, `${key} is no part of an adapter`).toBeDefined();
    const names = Object.keys(part as object);
    for (const name of shape?.required ?? []) expect(names, `${key} lacks ${name}`).toContain(name);
    for (const name of names) {
      expect(
        [...(shape?.required ?? []), ...(shape?.optional ?? [])],
        `${key} has no ${name}`,
      ).toContain(name);
      if (name === 'alwaysFires')
        expect(readMatchers(String((part as Record<string, unknown>)[name])).ok, name).toBe(true);
      else if (!VALUES.includes(name))
        expect(typeof (part as Record<string, unknown>)[name], `${key}.${name}`).toBe('function');
    }
  }
}

function shapeChecks(options: AdapterConformance): readonly Check[] {
  const { adapter, folder } = options;
  return [
    {
      title: 'the name is the folder',
      run: () => expect(adapter.name).toBe(basename(fileURLToPath(folder))),
    },
    { title: 'each part is whole and known', run: () => hasOnlyWholeParts(adapter) },
    {
      title: 'the suite is given every side that the adapter has',
      run: () => {
        const targetParts = Object.keys(PARTS).filter(
          (part) => part !== 'source' && part in adapter,
        );
        expect(adapter.config !== undefined, 'a target side has a config').toBe(
          targetParts.length > 0,
        );
        expect(options.target !== undefined, 'target').toBe(adapter.config !== undefined);
        expect(options.source !== undefined, 'source').toBe(adapter.source !== undefined);
        expect(options.contacts !== undefined, 'contacts').toBe(adapter.contact !== undefined);
      },
    },
  ];
}

const STRANGERS: readonly unknown[] = [
  null,
  undefined,
  5,
  '',
  [],
  {},
  [[]],
  { id: 5 },
  'x'.repeat(10_000),
];

function addressCheck(pager: PagerPart<unknown>, contacts: readonly unknown[]): Check {
  return {
    title: 'a person can be paged only at an address that the pager accepts',
    run: () => {
      for (const contact of contacts) {
        const address = pager.personAddress(contact);
        if (address !== null)
          expect(pager.address.safeParse(address).error?.issues).toBeUndefined();
        else expect(address).toBeNull();
      }
    },
  };
}

function contactChecks({ adapter, contacts }: AdapterConformance): readonly Check[] {
  if (contacts === undefined) return [];
  const { pager } = adapter;
  return [
    ...(pager === undefined ? [] : [addressCheck(pager, contacts)]),
    {
      title: 'contacts are accepted, and wrong ones refused',
      run: () => {
        for (const contact of contacts)
          expect(adapter.contact?.safeParse(contact).error?.issues ?? []).toEqual([]);
        for (const wrong of [null, 5, [], [[]], { surprise_key: 1 }])
          expect(adapter.contact?.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
      },
    },
    {
      title: 'contacts are read without throwing, whatever they hold',
      run: () => {
        for (const contact of [...contacts, ...STRANGERS]) {
          for (const id of adapter.contactIds?.(contact) ?? []) expect(typeof id).toBe('string');
          expect(['string', 'object']).toContain(typeof (adapter.chatUser?.(contact) ?? null));
          expect(typeof (adapter.pager?.personAddress(contact) ?? null)).toBe('object');
        }
      },
    },
  ];
}

/** Every demand on the adapter, as data. */
export function adapterChecks(options: AdapterConformance): readonly Check[] {
  const { adapter, folder, target, source } = options;
  const checks: Check[] = [...shapeChecks(options), ...contactChecks(options)];
  if (adapter.config !== undefined && target !== undefined) {
    const methodConfigs = target.methods.flatMap((one) =>
      one.config === undefined ? [] : [one.config],
    );
    checks.push(
      ...schemaChecks({
        name: 'config',
        schema: adapter.config,
        valid: [target.config, ...(target.moreConfigs ?? []), ...methodConfigs],
      }),
    );
    checks.push(...targetChecks(adapter, target, folder));
  }
  if (adapter.pager !== undefined && target !== undefined)
    checks.push(
      refusedAddressCheck(adapter, options.standIn, target),
      urgencyCheck(adapter, options.standIn, target),
      ...noteChecks(adapter, options.standIn, target),
      ...whenAnsweredChecks(adapter, options.standIn, target),
      ...schemaChecks({
        name: 'pager.address',
        schema: adapter.pager.address,
        valid: target.addresses ?? [],
      }),
    );
  if (adapter.source !== undefined && source !== undefined) {
    checks.push(
      ...schemaChecks({
        name: 'source.config',
        schema: adapter.source.config,
        valid: sourceConfigs(source),
      }),
    );
    checks.push(...sourceChecks(adapter, source));
  }
  return checks;
}

/** Registers the suite with the test runner. */
export function adapterConformance(options: AdapterConformance): void {
  describe(`conformance of ${options.adapter.name}`, () => {
    for (const check of adapterChecks(options)) test(check.title, () => check.run());
  });
}
