/**
 * Which addresses outgoing requests may reach. The address that was checked is the one that is connected to: names are
 * resolved once, by us, and the answer is handed to the socket (no second resolution, so no rebinding).
 */
import { lookup } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';

/**
 * - `public`: everything but private, link-local, shared, mapped and reserved ranges;
 * - `loopback-only`: the sandbox, where nothing may leave the machine;
 * - a list of hosts (`10.1.2.3`, `pager.internal`) that are allowed although private, beside everything public.
 */
export type Allow = 'public' | 'loopback-only' | { readonly hosts: readonly string[] };

export interface Address {
  readonly address: string;
  readonly family: number;
}

/** Resolves a host name to all its addresses; rejects with the resolver's error. */
export type ResolveHost = (hostname: string) => Promise<readonly Address[]>;

export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
}

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

/** Why the address may not be connected to, or null when it may. The host is what the configuration names. */
export function whyForbidden(address: string, host: string, allow: Allow): string | null {
  const plain = mapped(address) ?? address.replace(/%.*$/, '');
  const family = isIPv6(plain) ? 'ipv6' : 'ipv4';
  if (allow === 'loopback-only')
    return LOOPBACK.check(plain, family)
      ? null
      : `${address} is not loopback, and the sandbox reaches nothing else`;
  if (allow !== 'public' && allow.hosts.includes(host)) return null;
  return RESERVED.check(plain, family)
    ? `${host} leads to ${address}, which is a private or reserved address`
    : null;
}

/** The operating system's resolver, as everything else on the machine uses it. */
export const systemResolve: ResolveHost = (hostname) =>
  new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, addresses) =>
      error === null ? resolve(addresses) : reject(error),
    );
  });

/** A `lookup` for sockets that resolves once and lets only allowed addresses through; one forbidden address refuses all. */
export function guardedLookup(resolve: ResolveHost, allow: Allow): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        for (const { address } of addresses) {
          const why = whyForbidden(address, hostname, allow);
          if (why !== null) return callback(new ForbiddenAddress(why), '', 0);
        }
        const first = addresses[0];
        if (first === undefined) return callback(new Error(`${hostname} has no address`), '', 0);
        if (options.all === true) return callback(null, [...addresses]);
        return callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, '', 0),
    );
  };
}
