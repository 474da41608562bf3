/** Addresses of vendors: what can be seen of them without asking anybody. */
import { isRecord } from '../contract/json.ts';
import { isAllowed, isMetadataHost, isPrivateHost } from '../lib/private-address.ts';
import type { Report } from './problem.ts';
import { below, type Spot } from './yaml-file.ts';
import { isUrl, type Schema, shapeOf } from './zod-walk.ts';

/** Whether a name or a password stands in an address. */
export function holdsLogin(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { username, password } = new URL(address);
  return username !== '' || password !== '';
}

interface Rules {
  readonly report: Report;
  /** Hosts that may be private, in canonical spelling; null: in the sandbox the addresses are those of the stand-ins. */
  readonly privateHosts: readonly string[] | null;
}

/** Why requests to the host of an address will be refused, and what to do; null: it is not seen in it. */
export function faultOfHost(
  hostname: string,
  privateHosts: readonly string[],
): { readonly what: string; readonly instead: string } | null {
  const plain = hostname.replaceAll(/^\[|\]$/g, '');
  if (!isPrivateHost(plain) || isAllowed(privateHosts, { host: plain, address: plain }))
    return null;
  return isMetadataHost(plain)
    ? {
        what: `${plain} is where a cloud keeps the credentials of its machines, and requests to it are refused`,
        instead:
          'Correct it: no vendor is there, and no name in server.allow_private_hosts leads there.',
      }
    : {
        what: `${plain} is an address inside this machine or its network, and requests to it are refused`,
        instead: `Correct it, or if it is meant (a proxy, a test) allow it: server: {allow_private_hosts: ["${plain}"]}.`,
      };
}

function checkAddress(address: string, spot: Spot, { report, privateHosts }: Rules): void {
  if (!URL.canParse(address)) return;
  const { protocol, host, hostname, pathname } = new URL(address);
  if (holdsLogin(address))
    return report.error(
      spot,
      'the address holds a name or a password, which would be read wherever it is named',
      `Write ${protocol}//${host}${pathname === '/' ? '' : pathname} alone; the vendor knows Tocsin by the secret of this target.`,
    );
  const fault = privateHosts === null ? null : faultOfHost(hostname, privateHosts);
  if (fault !== null) report.error(spot, fault.what, fault.instead);
}

/** Reports each address of a target under which its vendor can never be reached; one that is off is not asked. */
export function checkAddresses(
  rules: Rules,
  schema: Schema,
  { value, spot }: { readonly value: unknown; readonly spot: Spot },
): void {
  if (!isRecord(value)) return;
  for (const [key, member] of Object.entries(shapeOf(schema) ?? {})) {
    const address = value[key];
    if (isUrl(member) && typeof address === 'string')
      checkAddress(address, below(spot, key), rules);
  }
}
