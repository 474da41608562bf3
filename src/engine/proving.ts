/** Which targets are proved, and by what: the configuration in use, and what `doctor` asks. */
import { subjectOf } from '../contract/named-there.ts';
import type { Incident } from '../core/model/incident.ts';
import { Secret } from '../contract/secret.ts';
import { sha256 } from '../lib/hash.ts';
import {
  createProofs,
  type Proofs,
  type ProofsOptions,
  type ProvableTarget,
} from './jobs/proofs.ts';
import type { HttpClient } from './outgoing/http-client.ts';
import type { Reads } from '../store/store.ts';
import type { Setup } from './setup.ts';
import { examineTarget } from './vendors/doctor.ts';

export type ProvingOptions = Omit<
  ProofsOptions,
  'schedule' | 'targets' | 'examine' | 'isAlarmedAbout' | 'reads'
> & {
  readonly reads: Pick<Reads, 'metas' | 'listIncidents'>;
  readonly setup: () => Setup;
  readonly http: HttpClient;
};

/** Differs where anything differs that a target is asked about or by, secrets too; it is never stored. */
function versionOf(setup: Setup, name: string): string {
  const about = [setup.targets[name]?.config, subjectOf(setup, name)];
  // Not by `value`: a secret has become a word of its own by then.
  const text = JSON.stringify(about, function reveal(this: Record<string, unknown>, key, value) {
    const given = this[key];
    return given instanceof Secret ? given.reveal() : (value as unknown);
  });
  return sha256(text);
}

function provableIn(setup: Setup): readonly ProvableTarget[] {
  return Object.values(setup.targets).flatMap(({ name, adapter }) =>
    adapter.doctor === undefined
      ? []
      : [
          {
            name,
            type: adapter.name,
            mode: setup.policy.targets[name]?.mode ?? 'live',
            version: versionOf(setup, name),
          },
        ],
  );
}

/** Incidents alarm after their end, too; those that do so for days are few. */
const NEWEST = 200;

/** Whether the incident has told people that the target does not take its posts or its pages. */
function hasTold({ alarms, pages, publicPages }: Incident, target: string): boolean {
  if ((publicPages[target]?.failure ?? null) !== null) return true;
  return Object.values(alarms).some(({ key }) => {
    if (key.kind === 'public') return key.target === target;
    if (key.kind !== 'page') return false;
    return pages[key.page]?.rings.some((ring) => ring.target === target) === true;
  });
}

/** Builds what proves the targets of the configuration in use. */
export function createProving({ setup, http, ...options }: ProvingOptions): Proofs {
  let seen: { readonly of: Setup; readonly targets: readonly ProvableTarget[] } | null = null;
  return createProofs({
    ...options,
    schedule: () => setup().proof.schedule,
    // Computed once for each configuration: it is asked for again and again.
    targets: () => {
      const of = setup();
      if (seen?.of !== of) seen = { of, targets: provableIn(of) };
      return seen.targets;
    },
    isAlarmedAbout: async (target) => {
      const query = { open: null, limit: NEWEST, before: null };
      const rows = await options.reads.listIncidents(query);
      return rows.some(({ state }) => state !== null && hasTold(state, target));
    },
    examine: (target, paced) =>
      examineTarget(setup(), target, {
        http: { ...http, scoped: (scope) => paced(http.scoped(scope)) },
        now: options.clock.now(),
      }),
  });
}
