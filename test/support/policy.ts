/** A small policy for core tests, in levels and roles of its own; each test changes what it is about. */
import type {
  Cadence,
  EscalationPolicy,
  Level,
  PageAddress,
  Person,
  Policy,
  PublicCadence,
  Role,
  Service,
  Trigger,
} from '../../src/core/model/policy.ts';
import type { When } from '../../src/core/severity/trigger-kinds.ts';
import { deepFreeze } from './freeze.ts';

const where = { file: 'test.yaml', line: 1, column: 1 };
const MINUTE = 60_000;

export function address(target: string, user: string): PageAddress {
  return { target, address: { user }, label: `${target} ${user}` };
}

export function person(id: string, targets: readonly string[] = ['pd', 'og']): Person {
  return {
    id,
    name: id.charAt(0).toUpperCase() + id.slice(1),
    addresses: targets.map((target) => address(target, id)),
    chat: { chat: `U-${id}` },
    email: `${id}@example.com`,
    vendorIds: { pagerduty: [`p-${id}`] },
  };
}

const nothing: Cadence = { firstWithinMs: null, everyMs: null, slower: null, topOfHour: false };

export function publicCadence(
  every: number | null,
  change: Partial<PublicCadence> = {},
): PublicCadence {
  return {
    ...nothing,
    firstWithinMs: 5 * MINUTE,
    everyMs: every,
    approval: {
      investigating: 'none',
      identified: 'none',
      monitoring: 'none',
      resolved: 'none',
      unchanged: 'none',
    },
    by: 'voice',
    ...change,
  };
}

export function level(id: string, rank: number, change: Partial<Level> = {}): Level {
  return {
    id,
    rank,
    name: `Level ${id}`,
    aliases: [],
    criteria: `criteria of ${id}`,
    urgency: 'high',
    declare: { by: ['person', 'acknowledgement'], orAfterMs: null },
    respond: { acknowledgeMs: null, engageMs: null },
    page: {
      triage: ['expert'],
      declared: ['commander', 'voice'],
      commanded: ['writer'],
      onRequest: ['deputy'],
    },
    notify: [],
    public: publicCadence(30 * MINUTE),
    audiences: [],
    componentsUpTo: 'degraded_performance',
    soak: { forMs: 10 * MINUTE, then: 'propose' },
    postmortemWithinMs: null,
    room: false,
    note: null,
    ...change,
  };
}

export function role(id: string, change: Partial<Role> = {}): Role {
  return {
    id,
    page: { kind: 'person', person: id },
    escalation: { kind: 'policy', policy: 'standard' },
    fallback: [],
    neverWith: [],
    commands: false,
    deputizes: null,
    essential: false,
    ...change,
  };
}

export function service(id: string, change: Partial<Service> = {}): Service {
  return {
    id,
    team: 'shop',
    onCall: { kind: 'person', person: 'ada' },
    escalation: { kind: 'policy', policy: 'standard' },
    fallback: [{ kind: 'person', person: 'ben' }],
    followsRole: false,
    dependsOn: [],
    components: [{ target: 'page', name: 'Basket', id: 'c1' }],
    ...change,
  };
}

export function escalation(
  steps: EscalationPolicy['steps'],
  change: Partial<EscalationPolicy> = {},
): EscalationPolicy {
  return { id: 'standard', steps, upTo: {}, ...change };
}

export function trigger(name: string, when: When, then: Trigger['then']): Trigger {
  return { name, when, then, where };
}

const base: Policy = {
  hash: 'policy-1',
  levels: [
    level('L1', 0, {
      public: publicCadence(15 * MINUTE, {
        approval: {
          investigating: 'required',
          identified: 'required',
          monitoring: 'required',
          resolved: 'required',
          unchanged: 'required',
        },
      }),
    }),
    level('L2', 1),
    level('L3', 2, {
      public: null,
      urgency: 'low',
      page: { triage: ['expert'], declared: ['commander'], commanded: [], onRequest: [] },
    }),
    level('L4', 3, {
      public: null,
      urgency: 'low',
      page: { triage: [], declared: [], commanded: [], onRequest: [] },
      note: { target: 'chat', channel: 'notes' },
    }),
  ],
  people: Object.fromEntries(
    ['ada', 'ben', 'cleo', 'dev', 'eve', 'finn', 'gus'].map((id) => [id, person(id)]),
  ),
  groups: { managers: ['eve'], directors: ['finn'] },
  rotations: {},
  escalationPolicies: {
    standard: escalation([
      { page: { kind: 'own' }, waitMs: 5 * MINUTE },
      { page: { kind: 'fallback' }, waitMs: 10 * MINUTE },
      { page: { kind: 'group', group: 'managers' }, waitMs: 15 * MINUTE },
      { page: { kind: 'group', group: 'directors' }, waitMs: null },
    ]),
  },
  roles: {
    expert: role('expert', { page: { kind: 'service_on_call' } }),
    commander: role('commander', {
      page: { kind: 'person', person: 'cleo' },
      commands: true,
      neverWith: ['expert', 'voice'],
    }),
    voice: role('voice', { page: { kind: 'person', person: 'dev' } }),
    writer: role('writer', { page: { kind: 'person', person: 'gus' } }),
    deputy: role('deputy', {
      page: { kind: 'person', person: 'finn' },
      deputizes: 'commander',
    }),
  },
  services: { basket: service('basket') },
  teams: {
    shop: {
      id: 'shop',
      rules: [],
      onCall: { kind: 'person', person: 'ada' },
      chat: { target: 'chat', channel: 'shop' },
    },
  },
  routes: [
    {
      when: { all: [], any: [], none: [] },
      isDefault: true,
      team: { kind: 'fixed', team: 'shop' },
      severity: 'L3',
      cap: null,
      public: 'allowed',
      suppress: false,
      continue: false,
      where,
    },
  ],
  triggers: [],
  sources: {
    prom: {
      name: 'prom',
      type: 'alertmanager',
      severityMap: { critical: 'L2' },
      target: null,
      repeats: true,
      staleAfterMs: 12 * 3_600_000,
    },
    hooks: {
      name: 'hooks',
      type: 'pagerduty',
      severityMap: {},
      target: 'pd',
      repeats: false,
      staleAfterMs: null,
    },
  },
  targets: {
    pd: {
      type: 'pagerduty',
      mode: 'live',
      can: ['pager.trigger', 'pager.acknowledge', 'pager.resolve'],
    },
    og: {
      type: 'opsgenie',
      mode: 'live',
      can: ['pager.trigger', 'pager.acknowledge', 'pager.resolve', 'pager.find', 'pager.note'],
    },
    page: {
      type: 'statuspage',
      mode: 'live',
      can: ['statusPage.publish', 'statusPage.find'],
    },
    chat: { type: 'slack', mode: 'live', can: ['chat.post'] },
  },
  flags: {
    leak: { public: 'never' },
    corrupt: { public: 'allowed' },
  },
  automation: {
    ceiling: 'L1',
    raiseAtMost: null,
    storm: null,
    alarmEveryMs: 10 * MINUTE,
    alarm: { page: { kind: 'person', person: 'eve' }, chat: { target: 'chat', channel: 'alarms' } },
  },
  room: null,
  texts: {},
  // Stories of other things are not about who fell asleep.
  presence: { high: 7 * 24 * 60 * MINUTE, low: 7 * 24 * 60 * MINUTE },
  timezone: 'UTC',
  publicUrl: null,
};

export function policy(change: Partial<Policy> = {}): Policy {
  return deepFreeze({ ...base, ...change });
}

/** The base policy with one level changed. */
export function withLevel(id: string, change: Partial<Level>, more: Partial<Policy> = {}): Policy {
  return policy({
    ...more,
    levels: (more.levels ?? base.levels).map((one) =>
      one.id === id ? { ...one, ...change } : one,
    ),
  });
}
