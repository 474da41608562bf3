/** Networks of IPv4 and IPv6: how they are written, what lies in them, and whose an address is. */
import { BlockList, isIP } from 'node:net';
import { plainAddress } from './private-address.ts';

export interface Network {
  readonly address: string;
  /** Leading bits that all its addresses share. */
  readonly prefix: number;
}

export interface Networks {
  has(address: string): boolean;
}

const BITS = { 4: 32, 6: 128 } as const;
const GROUPS_V6 = 8;
/** Whoever has one address of such a network has all of them: a provider gives a customer no less. */
const GROUPS_OF_ONE = 4;

function familyOf(address: string): 4 | 6 | null {
  const family = isIP(address);
  return family === 4 || family === 6 ? family : null;
}

/** The eight numbers of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  // The parser of addresses knows every spelling and writes one.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const numbers = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return numbers(head);
  const [before, after] = [numbers(head), numbers(tail)];
  return [...before, ...Array<number>(GROUPS_V6 - before.length - after.length).fill(0), ...after];
}

function numberOf(address: string, family: 4 | 6): bigint {
  const [parts, bits] =
    family === 4 ? [address.split('.').map(Number), 8n] : [groupsOf(address), 16n];
  return parts.reduce((sum, part) => (sum << bits) + BigInt(part), 0n);
}

/** `10.0.0.0/8`, `fd00::/8`, or an address, which is a network of its own. Null: it is neither. */
export function networkOf(text: string): Network | null {
  const [, address = '', written] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = familyOf(address);
  if (family === null || address.includes('%')) return null;
  const prefix = written === undefined ? BITS[family] : Number(written);
  return prefix > BITS[family] ? null : { address, prefix };
}

/** Whether a network is written by an address of it that is not its first: then another one may be meant. */
export function hasBitsBehind({ address, prefix }: Network): boolean {
  const family = familyOf(address) ?? 4;
  const behind = (1n << BigInt(BITS[family] - prefix)) - 1n;
  return (numberOf(address, family) & behind) !== 0n;
}

/** All addresses of several networks. */
export function createNetworks(networks: readonly Network[]): Networks {
  const list = new BlockList();
  for (const { address, prefix } of networks)
    list.addSubnet(address, prefix, familyOf(address) === 6 ? 'ipv6' : 'ipv4');
  return {
    has: (address) => {
      const plain = plainAddress(address);
      const family = familyOf(plain);
      return family !== null && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
    },
  };
}

/**
 * Under which name an address is counted: an IPv4 address is itself, an IPv6 address its /64, of which whoever has one
 * address has all.
 */
export function countedAs(address: string): string {
  const plain = plainAddress(address);
  if (familyOf(plain) !== 6) return plain;
  const groups = groupsOf(plain).slice(0, GROUPS_OF_ONE);
  return `${groups.map((group) => group.toString(16)).join(':')}::/64`;
}
