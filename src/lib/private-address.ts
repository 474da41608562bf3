/** Addresses inside the machine and its networks, where no vendor lives. */
import { BlockList, isIP } from 'node:net';

type Ranges = readonly (readonly [string, number])[];

/** IANA special-purpose registries (RFC 6890 and successors), without what stands below: no vendor's public API lives there. */
const RESERVED_V4: Ranges = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
/** All that is given to networks of the Internet: https://www.iana.org/assignments/ipv6-address-space */
const GLOBAL_V6: Ranges = [['2000::', 3]];
/** Of it: for protocols (Teredo), documentation, and 6to4, which can carry a private IPv4 address inside. */
const RESERVED_V6: Ranges = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];
/**
 * Where a cloud tells the machine its credentials: all that is link-local (AWS, Google, Azure, ECS, EKS, OpenStack), and
 * the addresses of those who keep theirs elsewhere: Azure's (a public one), Alibaba's, Oracle's, and those of IPv6.
 */
const METADATA_V4: Ranges = [
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.192', 32],
];
const METADATA_V6: Ranges = [
  ['fe80::', 10],
  ['fd00:ec2::', 32],
  ['fd20:ce::', 32],
  ['fd00:c1::', 32],
  ['fd00:42::', 32],
];
/** Names that lead there by themselves. */
const METADATA_NAMES: readonly string[] = [
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
];

function listOf(v4: Ranges, v6: Ranges): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of v4) list.addSubnet(net, prefix, 'ipv4');
  for (const [net, prefix] of v6) list.addSubnet(net, prefix, 'ipv6');
  return list;
}

const LOOPBACK = listOf([['127.0.0.0', 8]], [['::1', 128]]);
const RESERVED = listOf(RESERVED_V4, RESERVED_V6);
const GLOBAL = listOf([], GLOBAL_V6);
const METADATA = listOf(METADATA_V4, METADATA_V6);

/** An address without its zone and its spelling. */
interface Plain {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  /** The IPv4 address that an IPv6 one of a transition mechanism leads to. */
  readonly inner: string | null;
  /** The well-known prefix of NAT64 (RFC 6052): by it a network of IPv6 alone reaches all of IPv4. */
  readonly isNat64: boolean;
}

/** The eight groups of an IPv6 address, in whatever way it is spelt. */
function groupsOf(address: string): readonly number[] {
  // The parser of URLs turns a dotted end into groups, and shortens.
  const short = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = short.split('::');
  const [left, right] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean));
  const zeros = Array<string>(8 - (left?.length ?? 0) - (right?.length ?? 0)).fill('0');
  const groups = [...(left ?? []), ...zeros, ...(right ?? [])];
  return groups.map((group) => Number.parseInt(group, 16));
}

function dotted(high = 0, low = 0): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function startsWith(groups: readonly number[], prefix: readonly number[]): boolean {
  return prefix.every((group, i) => groups[i] === group);
}

const MAPPED = [0, 0, 0, 0, 0, 0xffff];
const NAT64 = [0x64, 0xff9b, 0, 0, 0, 0];
/** IPv4-compatible, IPv4-translated, and the NAT64 of a network's own: the IPv4 address stands at the end. */
const AT_THE_END = [
  [0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0xffff, 0],
  [0x64, 0xff9b, 1],
];
const SIX_TO_FOUR = [0x2002];
const TEREDO = [0x2001, 0];

function innerOf(groups: readonly number[]): string | null {
  const [last, least] = groups.slice(6);
  if ([NAT64, ...AT_THE_END].some((prefix) => startsWith(groups, prefix)))
    return dotted(last, least);
  if (startsWith(groups, SIX_TO_FOUR)) return dotted(groups[1], groups[2]);
  // Teredo writes the address of its client with every bit turned.
  if (startsWith(groups, TEREDO)) return dotted((last ?? 0) ^ 0xffff, (least ?? 0) ^ 0xffff);
  return null;
}

/** Null: this is no address at all. */
function plainOf(given: string): Plain | null {
  const address = given.replace(/%.*$/, '');
  const version = isIP(address);
  if (version === 0) return null;
  if (version === 4) return { address, family: 'ipv4', inner: null, isNat64: false };
  const groups = groupsOf(address);
  // The kernel makes of it the IPv4 address itself.
  if (startsWith(groups, MAPPED))
    return { address: dotted(groups[6], groups[7]), family: 'ipv4', inner: null, isNat64: false };
  const isNat64 = startsWith(groups, NAT64);
  return { address, family: 'ipv6', inner: innerOf(groups), isNat64 };
}

/** The address without its zone; an IPv4 address that is written inside an IPv6 one as itself. */
export function plainAddress(address: string): string {
  return plainOf(address)?.address ?? address;
}

function isIn(list: BlockList, { address, family }: Plain): boolean {
  return list.check(address, family);
}

/** Whether the address leads back into this machine. */
export function isLoopback(address: string): boolean {
  const plain = plainOf(address);
  return plain !== null && isIn(LOOPBACK, plain);
}

/** Whether the address is one at which clouds hand out credentials, also inside one of a transition mechanism. */
export function isMetadata(address: string): boolean {
  const plain = plainOf(address);
  if (plain === null) return false;
  return isIn(METADATA, plain) || (plain.inner !== null && METADATA.check(plain.inner, 'ipv4'));
}

/** Whether the address is private or reserved: nothing public can be reached at it. What is no address is not public. */
export function isReserved(address: string): boolean {
  const plain = plainOf(address);
  if (plain === null || isIn(METADATA, plain)) return true;
  if (plain.family === 'ipv4') return isIn(RESERVED, plain);
  if (plain.isNat64 && plain.inner !== null) return isReserved(plain.inner);
  return !isIn(GLOBAL, plain) || isIn(RESERVED, plain);
}

/**
 * A host in the one spelling in which hosts are compared: lower case, an address in its usual form, no brackets, no dot at
 * the end. Null: this is no host (it has a port, a path, a scheme, a mask).
 */
export function canonicalHost(host: string): string | null {
  const bare = host.replaceAll(/^\[|\]$/g, '');
  const written = isIP(bare) === 6 ? `[${bare}]` : host;
  if (/[\s/?#@\\*]/.test(written) || /:\d*$/.test(written.replace(/^\[.*\]$/, ''))) return null;
  const url = URL.parse(`http://${written}/`);
  if (url === null) return null;
  return url.hostname.replaceAll(/^\[|\]$/g, '').replace(/\.$/, '');
}

/** Whether the host of a URL says by itself that it leads to credentials of a cloud. */
export function isMetadataHost(host: string): boolean {
  return METADATA_NAMES.includes(host.replace(/\.$/, '')) || isMetadata(host);
}

/** Whether the host of a URL says by itself that it is private: a literal address, or a name of this machine. */
export function isPrivateHost(host: string): boolean {
  if (/(?:^|\.)localhost\.?$/.test(host) || isMetadataHost(host)) return true;
  return isIP(host) !== 0 && isReserved(host);
}

/**
 * Whether an entry of the list allows this host although it is private. It allows exactly its host; a name never leads to
 * credentials of a cloud, which are reached only where the address itself is allowed and written.
 * @param hosts in canonical spelling
 * @param address what the host leads to; the host itself before it is resolved
 */
export function isAllowed(
  hosts: readonly string[],
  { host, address }: { readonly host: string; readonly address: string },
): boolean {
  const canonical = canonicalHost(host);
  if (canonical === null || !hosts.includes(canonical)) return false;
  return isIP(canonical) !== 0 || !isMetadataHost(address);
}
