/** Whom Tocsin tells that it lives: heartbeat services, and other Tocsins. */
import { z } from 'zod';
import { Secret, secret, secrets } from '../../contract/secret.ts';
import { faultOfHost, holdsLogin } from '../addresses.ts';
import type { Report } from '../problem.ts';
import type { SecretStore } from '../secret-values.ts';
import { parseVendor } from '../vendor-part.ts';
import { duration } from '../words.ts';
import { below, type Spot } from '../yaml-file.ts';

const EVERY_DEFAULT_MS = 15_000;
const EVERY_MOST_MS = 5 * 60_000;

export const heartbeatShape = z
  .strictObject({
    url: secrets(
      'Address that a heartbeat service gave you, or several, each told independently of the others. It is POSTed to, without a body.',
    ).optional(),
    peers: z
      .array(
        z.strictObject({
          url: z.url({ protocol: /^https?$/, error: 'this is no http(s) address' }).meta({
            description: 'A source of the other one: `https://HOST/webhooks/SOURCE`.',
          }),
          token: secret('The token of that source, sent as `Authorization: Bearer`.'),
        }),
      )
      .min(1)
      .meta({ description: 'Other Tocsins that watch this one.' })
      .optional(),
    every: duration('How often; 15s when left out, 5m at most.')
      .refine((ms) => ms <= EVERY_MOST_MS, {
        error: 'nobody would hear for so long that it is dead',
        params: { hint: 'Write 5m or less; 15s is usual.' },
      })
      .optional(),
  })
  .refine(({ url, peers }) => url !== undefined || peers !== undefined, {
    error: 'it names nobody who is told',
    params: { hint: 'Write url_file: <path> with the address of a heartbeat service, or peers:.' },
  })
  .meta({
    description:
      'Who is told, again and again, that alerts come through; whoever hears nothing any more rings somebody.',
  });

export interface HeartbeatAddress {
  /** Tells the host alone: an address is a secret. */
  readonly name: string;
  readonly url: Secret;
  /** Of another Tocsin; null: it is a heartbeat service. */
  readonly token: Secret | null;
}

export interface HeartbeatPlan {
  readonly everyMs: number;
  readonly to: readonly HeartbeatAddress[];
}

interface HeartbeatContext {
  readonly report: Report;
  readonly secrets: SecretStore;
  /** Null: in the sandbox, whose heartbeats nobody hears. */
  readonly privateHosts: readonly string[] | null;
}

/** Reports what is wrong with an address, of which no more than the host may be read. */
function checkAddress(
  address: string,
  spot: Spot,
  { report, privateHosts }: HeartbeatContext,
): void {
  // What is missing was reported.
  if (address === '' || privateHosts === null) return;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    return report.error(
      spot,
      'this secret is no http(s) address',
      'Put the whole address there that the heartbeat service shows, from https:// on.',
    );
  if (holdsLogin(address))
    return report.error(
      spot,
      'a name or a password stands in the address',
      'Write it without them: a service knows you by the path, another Tocsin (peers:) by its token.',
    );
  const fault = faultOfHost(url.hostname, privateHosts);
  if (fault !== null) report.error(spot, fault.what, fault.instead);
}

/** The hosts of the addresses, each with a number where it is not the first. */
function namesOf(addresses: readonly string[]): readonly string[] {
  const hosts = addresses.map((address) =>
    URL.canParse(address) ? new URL(address).host : 'unknown',
  );
  return hosts.map((host, i) => {
    const number = hosts.slice(0, i + 1).filter((one) => one === host).length;
    return number === 1 ? host : `${host} (${number})`;
  });
}

/** Null: nobody is told, or what is wrong with it was reported. */
export function buildHeartbeat(
  value: unknown,
  spot: Spot,
  context: HeartbeatContext,
): HeartbeatPlan | null {
  const yaml = parseVendor(context, heartbeatShape, { value, spot });
  if (yaml === null) return null;
  const services = (yaml.url ?? []).map((url) => ({ url, token: null, at: below(spot, 'url') }));
  const peers = (yaml.peers ?? []).map(({ url, token }, i) => ({
    url: new Secret(url),
    token,
    at: below(spot, 'peers', i, 'url'),
  }));
  const all = [...services, ...peers];
  for (const { url, at } of all) checkAddress(url.reveal(), at, context);
  const names = namesOf(all.map(({ url }) => url.reveal()));
  return {
    everyMs: yaml.every ?? EVERY_DEFAULT_MS,
    to: all.map(({ url, token }, i) => ({ name: names[i] ?? '', url, token })),
  };
}
