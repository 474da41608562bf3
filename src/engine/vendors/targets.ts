/**
 * The targets that can be called. One that leaves the configuration stays here at least until no row of it can be unsettled
 * any more, so that a page which is on its way still arrives and an incident that rang there can still be closed there. It
 * is forgotten by the first reload after that.
 */
import { z } from 'zod';
import { delivered } from '../../contract/outcome.ts';
import type { Secret } from '../../contract/secret.ts';
import { CANARY } from '../../core/model/effect.ts';
import type { Mode, TargetPolicy } from '../../core/model/policy.ts';
import { ROW_LIFE_MAX_MS } from './backoff.ts';
import type { Setup, SetupPart } from '../setup.ts';

export interface Target {
  readonly part: SetupPart;
  readonly mode: Mode;
}

export interface Targets {
  /** Null: never configured since the start, or forgotten since it left. */
  get(name: string): Target | null;
  names(): readonly string[];
  /** What the `secret:...` references of addresses stand for; values of an earlier configuration only where there is no newer one. */
  secrets(): Readonly<Record<string, Secret>>;
  reload(setup: Setup, now: number): void;
}

/** Whether its pager can be asked what became of a page: its configuration may lack what that takes, and it may be switched off. */
export function canBeAskedNow({ part: { adapter, config }, mode }: Target): boolean {
  const isAble =
    adapter.pager?.find !== undefined && adapter.cannot?.(config).includes('pager.find') !== true;
  return isAble && (mode === 'live' || mode === 'draft');
}

/** Where canaries go: it takes pages as any pager does, by no request, and rings nobody. */
const NOBODY: Target = {
  mode: 'live',
  part: {
    name: CANARY,
    config: null,
    adapter: {
      name: CANARY,
      pager: {
        address: z.record(z.string(), z.unknown()),
        personAddress: () => null,
        trigger: async () => delivered('confirmed'),
        acknowledge: async () => delivered('confirmed'),
        resolve: async () => delivered('confirmed'),
      },
    },
  },
};

interface Retired extends Target {
  readonly since: number;
}

function modeOf(policy: TargetPolicy | undefined): Mode {
  return policy?.mode ?? 'live';
}

/** Starts with the targets of the configuration. */
export function createTargets(first: Setup): Targets {
  let setup = first;
  const retired = new Map<string, Retired>();
  let secrets: Readonly<Record<string, Secret>> = first.addressSecrets;
  const live = (name: string): Target | null => {
    const part = setup.targets[name];
    return part === undefined ? null : { part, mode: modeOf(setup.policy.targets[name]) };
  };
  return {
    get: (name) => (name === CANARY ? NOBODY : (live(name) ?? retired.get(name) ?? null)),
    names: () => [...new Set([...Object.keys(setup.targets), ...retired.keys()])],
    secrets: () => secrets,
    reload: (next, now) => {
      for (const [name, { since }] of retired)
        if (now - since > ROW_LIFE_MAX_MS) retired.delete(name);
      for (const name of Object.keys(setup.targets)) {
        const gone = Object.hasOwn(next.targets, name) ? null : live(name);
        if (gone !== null) retired.set(name, { ...gone, since: now });
      }
      for (const name of Object.keys(next.targets)) retired.delete(name);
      secrets = { ...secrets, ...next.addressSecrets };
      setup = next;
    },
  };
}
