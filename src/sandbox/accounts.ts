/**
 * The accounts of a rehearsal: what an administrator of each vendor account would have set up for the configuration that
 * is rehearsed, and that configuration with every target pointed at the stand-ins.
 */
import { isRecord } from '../contract/json.ts';
import {
  addressesOf,
  componentsOf,
  recordsIn,
  schedulesNamed,
  SECRET_PREFIX,
  unique,
} from '../contract/named-there.ts';
import { Secret } from '../contract/secret.ts';
import type { AnyStandIn, StandInSeed } from '../contract/stand-in.ts';
import type { Policy } from '../core/model/policy.ts';
import type { SandboxAccount } from './world.ts';

/** What is taken from a loaded configuration. */
export interface Rehearsed {
  readonly policy: Policy;
  readonly targets: Readonly<
    Record<
      string,
      {
        readonly name: string;
        readonly adapter: { readonly name: string };
        readonly config: unknown;
      }
    >
  >;
  readonly sources: Readonly<
    Record<
      string,
      {
        readonly name: string;
        readonly adapter: { readonly name: string };
        readonly config: unknown;
      }
    >
  >;
  readonly addressSecrets: Readonly<Record<string, Secret>>;
  readonly contacts: readonly {
    readonly type: string;
    readonly targets: readonly string[];
    readonly contact: unknown;
  }[];
}

/** The value with secrets revealed: the vendor's side knows them. */
function revealed(value: unknown, secrets: Rehearsed['addressSecrets']): unknown {
  if (value instanceof Secret) return value.reveal();
  if (typeof value === 'string' && value.startsWith(SECRET_PREFIX))
    return secrets[value]?.reveal() ?? value;
  if (Array.isArray(value)) return value.map((one) => revealed(one, secrets));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, revealed(inner, secrets)]),
  );
}

function firstSecret(value: unknown): string | null {
  if (value instanceof Secret) return value.reveal();
  if (typeof value !== 'object' || value === null) return null;
  for (const inner of Object.values(value)) {
    const found = firstSecret(inner);
    if (found !== null) return found;
  }
  return null;
}

/** How the vendor was told to prove itself: the secret to sign with, and the header to send along. */
function credentialOf(config: unknown): Pick<StandInSeed, 'webhookSecret' | 'webhookHeaders'> {
  const secret = firstSecret(config);
  if (secret === null) return { webhookSecret: null, webhookHeaders: {} };
  const header =
    isRecord(config) && typeof config['header'] === 'string'
      ? config['header'].toLowerCase()
      : 'authorization';
  return {
    webhookSecret: secret,
    webhookHeaders: { [header]: header === 'authorization' ? `Bearer ${secret}` : secret },
  };
}

function seedOf(rehearsed: Rehearsed, target: string): StandInSeed {
  const { policy, targets, contacts } = rehearsed;
  const config = revealed(targets[target]?.config, rehearsed.addressSecrets);
  const source = sourceOf(rehearsed, target);
  const channels = recordsIn(
    policy,
    (one) => one['target'] === target && typeof one['channel'] === 'string',
  );
  return {
    target: isRecord(config) ? config : {},
    addresses: addressesOf(rehearsed.policy, target)
      .map((one) => revealed(one, rehearsed.addressSecrets))
      .filter(isRecord),
    contacts: unique(
      contacts
        .filter((one) => one.targets.includes(target))
        .map((one) => revealed(one.contact, rehearsed.addressSecrets)),
    ),
    components: componentsOf(rehearsed.policy, target),
    channels: unique(channels.map((one) => String(one['channel']))),
    schedules: schedulesNamed(rehearsed.policy, target),
    ...credentialOf(source === null ? null : rehearsed.sources[source]?.config),
  };
}

function sourceOf({ policy }: Rehearsed, target: string): string | null {
  return Object.values(policy.sources).find((source) => source.target === target)?.name ?? null;
}

/** One account for each target whose vendor has a stand-in. */
export function accountsOf(
  rehearsed: Rehearsed,
  options: { readonly standIns: readonly AnyStandIn[]; readonly tocsinUrl: string },
): readonly SandboxAccount[] {
  return Object.values(rehearsed.targets)
    .filter(({ adapter }) => options.standIns.some((standIn) => standIn.name === adapter.name))
    .map(({ name, adapter }) => {
      const source = sourceOf(rehearsed, name);
      return {
        target: name,
        standIn: adapter.name,
        seed: seedOf(rehearsed, name),
        webhookUrl:
          source === null ? null : `${options.tocsinUrl}/webhooks/${encodeURIComponent(source)}`,
      };
    });
}

/**
 * The configuration with every target pointed at its stand-in. A target in `shadow` is played live: nothing can leave
 * the machine, and a rehearsal that sends nothing would show nothing.
 */
export function pointedAt<T extends Pick<Rehearsed, 'policy' | 'targets'>>(
  loaded: T,
  urlsFor: (target: string) => Readonly<Record<string, string>>,
): T {
  const targets = Object.fromEntries(
    Object.entries(loaded.targets).map(([name, target]) => [
      name,
      {
        ...target,
        config: { ...(isRecord(target.config) ? target.config : {}), ...urlsFor(name) },
      },
    ]),
  );
  const modes = Object.fromEntries(
    Object.entries(loaded.policy.targets).map(([name, target]) => [
      name,
      target.mode === 'shadow' ? { ...target, mode: 'live' as const } : target,
    ]),
  );
  return { ...loaded, targets, policy: { ...loaded.policy, targets: modes } };
}
