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
import { formatDuration } from '../lib/duration.ts';
import type { Finding } from '../contract/adapter.ts';
import type { Metrics } from './telemetry/metrics.ts';
import type { Setup } from './setup.ts';
import { examineTarget } from './vendors/doctor.ts';
import type { Untaken, UntakenNews, UntakenSince } from './vendors/untaken.ts';

export type ProvingOptions = Omit<
  ProofsOptions,
  'schedule' | 'targets' | 'examine' | 'isAlarmedAbout' | 'untakenSince' | 'reads'
> & {
  readonly metrics: Pick<Metrics, 'targetUntaken'>;
  readonly untaken: Untaken;
  /** Says it in the channel for alarms. */
  readonly say: (text: string) => void;
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

/** In whole minutes: what is told once is not about seconds. */
function minutesOf(ms: number): string {
  return formatDuration(Math.max(60_000, Math.round(ms / 60_000) * 60_000));
}

/** That a target takes nothing is a fault of it, whatever it answers when it is asked. */
function findingOf({ since, why }: UntakenSince, now: number): Finding {
  return {
    level: 'problem',
    what: `nothing that was sent there for ${minutesOf(now - since)} was taken (${why})`,
    hint: 'Look at the vendor, and at the way to it.',
  };
}

function wordsOf({ target, now, since, why }: UntakenNews, at: number): string {
  const lasted = minutesOf(at - since);
  switch (now) {
    case 'untaken':
      return `The target "${target}" has taken nothing of what was sent to it for ${lasted}: ${why}. What waits is tried again; a page goes to the next pager where there is one. See \`tocsin status\`.`;
    case 'taken':
      return `The target "${target}" takes what is sent to it again, after ${lasted}.`;
    case 'idle':
      return `Nothing waits any more for the target "${target}", which took nothing; whether it would is asked now: see \`tocsin status\`.`;
  }
}

/** Builds what proves the targets of the configuration in use. */
export function createProving({ setup, http, untaken, say, ...options }: ProvingOptions): Proofs {
  const { clock, metrics, redact } = options;
  let seen: { readonly of: Setup; readonly targets: readonly ProvableTarget[] } | null = null;
  const proofs = createProofs({
    ...options,
    untakenSince: (target) => untaken.of(target)?.since ?? null,
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
    examine: async (target, paced) => {
      const now = clock.now();
      const found = await examineTarget(setup(), target, {
        http: { ...http, scoped: (scope) => paced(http.scoped(scope)) },
        now,
      });
      const failing = untaken.of(target);
      return failing === null ? found : [...(found ?? []), findingOf(failing, now)];
    },
  });
  const tell = (one: UntakenNews): void => {
    say(redact(wordsOf(one, clock.now())));
    // It is shown, and a person is told where nobody was, by its proof.
    proofs.askSoon(one.target);
  };
  return {
    ...proofs,
    tick: () => {
      const now = clock.now();
      for (const target of Object.keys(setup().targets)) {
        const since = untaken.of(target)?.since ?? now;
        metrics.targetUntaken.set({ target }, (now - since) / 1000);
      }
      untaken.news().forEach(tell);
      proofs.tick();
    },
  };
}
