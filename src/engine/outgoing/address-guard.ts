/**
 * Which addresses outgoing requests may reach. The address that was checked is the one that is connected to: names are
 * resolved once, by us, and the answer is handed to the socket (no second resolution, so no rebinding).
 */
import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isAllowed, isLoopback, isMetadata, isReserved } from '../../lib/private-address.ts';

/**
 * - `public`: everything but private, link-local, shared, mapped and reserved ranges;
 * - `loopback-only`: the sandbox, where nothing may leave the machine;
 * - a list of hosts (`10.1.2.3`, `pager.internal`, in canonical spelling) that are allowed although private, beside
 *   everything public. A name among them never leads to where a cloud keeps its credentials.
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

/** Why the address may not be connected to, or null when it may. The host is what the configuration names. */
export function whyForbidden(address: string, host: string, allow: Allow): string | null {
  if (allow === 'loopback-only')
    return isLoopback(address)
      ? null
      : `${address} is not loopback, and the sandbox reaches nothing else`;
  if (allow !== 'public' && isAllowed(allow.hosts, { host, address })) return null;
  if (isMetadata(address))
    return `${host} leads to ${address}, where a cloud keeps credentials: no name is allowed to lead there`;
  return isReserved(address)
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
