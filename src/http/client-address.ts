/**
 * Who asks, by address. Behind proxies that are trusted it stands in X-Forwarded-For, to which each of them adds whom it
 * heard it from; from anybody else the header is no more than a claim, and is not read.
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Networks } from '../lib/networks.ts';
import { plainAddress } from '../lib/private-address.ts';

/** The address in one part of the header, with or without a port; null: there is none. */
function addressIn(part: string): string | null {
  const text = part.trim();
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/.exec(text) ?? [];
  const address = bracketed ?? dotted ?? text;
  return isIP(address) === 0 ? null : plainAddress(address);
}

/** @param forwarded the header X-Forwarded-For, of however many lines */
export function clientAddress(
  peer: string | undefined,
  forwarded: string | undefined,
  trusted: Networks,
): string {
  let address = plainAddress(peer ?? 'unknown');
  // From right to left: what stands left of the first one that is not trusted, that one may have made up.
  for (const part of (forwarded ?? '').split(',').toReversed()) {
    if (!trusted.has(address)) break;
    const before = addressIn(part);
    if (before === null) break;
    address = before;
  }
  return address;
}

/** Who has sent the request. */
export function clientAddressOf(
  request: Pick<IncomingMessage, 'headers'> & {
    readonly socket: { readonly remoteAddress?: string | undefined };
  },
  trusted: Networks,
): string {
  const forwarded = request.headers['x-forwarded-for'];
  return clientAddress(
    request.socket.remoteAddress,
    typeof forwarded === 'object' ? forwarded.join(',') : forwarded,
    trusted,
  );
}
