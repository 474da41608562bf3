/** Page addresses: checked by the pager they are for, with secrets replaced by references, labelled for people. */
import type { Lack } from '../../contract/adapter.ts';
import { isRecord, type JsonRecord } from '../../contract/json.ts';
import { Secret } from '../../contract/secret.ts';
import type { PageAddress } from '../../core/model/policy.ts';
import { type BuiltTarget, type Compiling, targetWith } from '../context.ts';
import { parseVendor } from '../vendor-part.ts';
import { below, pathText, type Spot } from '../yaml-file.ts';

/** Puts `secret:<path>` in the place of each secret and keeps the secret beside the policy. */
function withReferences(value: unknown, path: Spot['path'], kept: Record<string, Secret>): unknown {
  if (value instanceof Secret) {
    const reference = `secret:${pathText(path)}`;
    kept[reference] = value;
    return reference;
  }
  if (Array.isArray(value))
    return value.map((each: unknown, i) => withReferences(each, [...path, i], kept));
  if (!isRecord(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    members.map(([key, member]) => [key, withReferences(member, [...path, key], kept)]),
  );
}

/** `pd service Role IC`: the target, what is rung, and its name. */
function labelOf(target: string, address: JsonRecord): string {
  const callee = Object.entries(address).findLast(
    ([, value]) => isRecord(value) && typeof value['name'] === 'string',
  );
  if (callee !== undefined && isRecord(callee[1]))
    return `${target} ${callee[0]} ${String(callee[1]['name'])}`;
  const text = Object.entries(address).find(
    ([, value]) => typeof value === 'string' && !value.startsWith('secret:'),
  );
  return text === undefined ? target : `${target} ${text[0]} ${String(text[1])}`;
}

/** The address as the policy holds it; `spot` names the references. */
export function pageAddress(
  compiling: Compiling,
  target: BuiltTarget,
  standing: { readonly value: JsonRecord; readonly spot: Spot },
): PageAddress {
  const address = withReferences(standing.value, standing.spot.path, compiling.addressSecrets);
  const record = isRecord(address) ? address : {};
  return { target: target.name, address: record, label: labelOf(target.name, record) };
}

/** What the target lacks to ring a valid address; null: nothing. */
export function lackOf({ adapter, config }: BuiltTarget, address: JsonRecord): Lack | null {
  return adapter.pager?.lacks?.(address, config) ?? null;
}

/** Reads `{via: <target>, ...address}`; null after reporting what is wrong. */
export function readAddress(
  compiling: Compiling,
  value: JsonRecord,
  spot: Spot,
): PageAddress | null {
  const { via, ...rest } = value;
  if (typeof via !== 'string') {
    compiling.report.error(below(spot, 'via'), 'is missing', 'Write via: <target>.');
    return null;
  }
  const target = targetWith(compiling, { name: via, spot: below(spot, 'via') }, 'pager');
  if (target?.adapter.pager === undefined) return null;
  const address = parseVendor(compiling, target.adapter.pager.address, { value: rest, spot });
  if (address === null) return null;
  const lack = lackOf(target, address);
  if (lack !== null)
    compiling.report.error(spot, `${target.name} cannot ring it: ${lack.what}`, lack.instead);
  return lack === null ? pageAddress(compiling, target, { value: address, spot }) : null;
}
