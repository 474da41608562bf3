/**
 * What the engine runs on: the policy and, by name, the adapters that the configuration built. It is swapped as a whole
 * on reload; nothing in it changes in place.
 */
import type { AnyAdapter } from '../contract/adapter.ts';
import type { Secret } from '../contract/secret.ts';
import type { Policy } from '../core/model/policy.ts';
import type { Schedule } from '../lib/cron.ts';
import type { KeepBackups } from '../store/store.ts';

export interface SetupPart {
  readonly name: string;
  readonly adapter: AnyAdapter;
  /** Validated by the adapter's schema, secrets as `Secret`. */
  readonly config: unknown;
}

export interface Setup {
  readonly policy: Policy;
  readonly sources: Readonly<Record<string, SetupPart>>;
  readonly targets: Readonly<Record<string, SetupPart>>;
  /** What the `secret:...` references inside page addresses stand for. */
  readonly addressSecrets: Readonly<Record<string, Secret>>;
  readonly retention: {
    /** Decided bodies and settled rows older than this are deleted. */
    readonly bodiesMs: number;
    /** Incidents of which this is how long ago the last event was, and older ones, are moved to the archive; null: never. */
    readonly archiveMs: number | null;
    /** When that is done. */
    readonly sweep: Schedule;
  };
  /** Null: no backups are made. */
  readonly backup: {
    /** The folder, by its absolute path. */
    readonly to: string;
    readonly schedule: Schedule;
    readonly keep: KeepBackups;
  } | null;
  /** When all targets are asked whether they would work. */
  readonly proof: { readonly schedule: Schedule };
}
