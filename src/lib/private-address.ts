/** Addresses inside the machine and its networks, where no vendor lives. */
import { BlockList, isIP, isIPv6 } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** IANA special-purpose registries (RFC 6890 and successors): nothing a vendor's public API can live on. */
const RESERVED_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
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
/** Includes the transition ranges (6to4, Teredo, NAT64): they can carry a private IPv4 address inside. */
const RESERVED_V6: readonly (readonly [string, number])[] = [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

const RESERVED = new BlockList();
for (const [net, prefix] of RESERVED_V4) RESERVED.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of RESERVED_V6) RESERVED.addSubnet(net, prefix, 'ipv6');

/** The IPv4 address inside `::ffff:a.b.c.d` in either spelling, else null. */
function mapped(address: string): string | null {
  const tail = /^(?:0*:)*:?(?:0*:)*ffff:([0-9a-f.:]+)$/i.exec(address)?.[1];
  if (tail === undefined) return null;
  if (isIP(tail) === 4) return tail;
  const parts = /^([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(tail);
  if (parts === null) return null;
  const high = Number.parseInt(parts[1] ?? '', 16);
  const low = Number.parseInt(parts[2] ?? '', 16);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function isIn(list: BlockList, address: string): boolean {
  const plain = mapped(address) ?? address.replace(/%.*$/, '');
  return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

/** Whether the address leads back into this machine. */
export function isLoopback(address: string): boolean {
  return isIn(LOOPBACK, address);
}

/** Whether the address is private or reserved: nothing public can be reached at it. */
export function isReserved(address: string): boolean {
  return isIn(RESERVED, address);
}

/** Whether the host of a URL says by itself that it is private: a literal address, or a name of this machine. */
export function isPrivateHost(host: string): boolean {
  if (/(?:^|\.)localhost\.?$/.test(host)) return true;
  return isIP(host) !== 0 && isReserved(host);
}
