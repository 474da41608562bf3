/** Verbs on how bad it is: the level, and what triggers watch. */
import { toPage } from '../people/role-choice.ts';
import { z } from 'zod';
import type { ImpactMeasure, Level, Policy } from '../model/policy.ts';
import { setFlag } from '../severity/flags.ts';
import { whyNotByMachine, whyNotLoweredByMachine } from '../severity/machines.ts';
import { askTriggers, changeLevel, knownEvidence, unknownLevel } from '../severity/severity.ts';
import { kindOf } from '../severity/trigger-kinds.ts';
import {
  automationPause,
  emit,
  levelNamed,
  levelOf,
  type Refusal,
  type Decision,
} from '../model/decision.ts';
import { nameOf, notClosed, notOver } from './guards.ts';
import { argument, name, option, optional, pair, text, verb } from './verb.ts';
import type { Fields, Given } from './verb.ts';

/** In triage a machine raises as a rule does: who declares it is still to come. */
function barred(decision: Decision, to: Level): Refusal | null {
  const { state, policy, input } = decision;
  return whyNotByMachine(
    { actor: input.actor, policy, pause: automationPause(decision) },
    {
      to,
      isDeclared: state.declaredAt !== null,
      command: `tocsin severity ${state.id} LEVEL`,
    },
  );
}

function changed(
  decision: Decision,
  given: { readonly level: string; readonly reason: string | null },
): Refusal | null {
  const to = levelNamed(decision.policy, given.level);
  const { id } = decision.state;
  if (to === null) return unknownLevel(decision.policy, given.level, `tocsin severity ${id} LEVEL`);
  const from = levelOf(decision);
  if (from?.id === to.id)
    return {
      code: 'same_level',
      message: `${id} is ${to.id} already. For another one: \`tocsin severity ${id} LEVEL\`; to ring somebody again: ${toPage(decision)}.`,
    };
  const isLowering = from !== null && to.rank > from.rank;
  const refused = isLowering
    ? whyNotLoweredByMachine(decision.input.actor, id)
    : barred(decision, to);
  if (refused !== null) return refused;
  if (isLowering && (given.reason ?? '').trim() === '')
    return {
      code: 'reason_needed',
      message: `Lowering the severity needs a reason: \`tocsin severity ${id} ${to.id} --reason "..."\`.`,
      about: { kind: 'field', field: 'reason' },
    };
  changeLevel(decision, {
    to,
    cause: { kind: 'person' },
    because: given.reason ?? `set by ${nameOf(decision)}`,
    where: null,
    spent: knownEvidence(decision),
  });
  return null;
}

export const ChangeSeverity = verb({
  name: 'severity',
  subject: 'incident',
  summary: 'Raise or lower the level; a raise rings, lowering needs a reason',
  scope: 'act',
  fields: {
    level: argument(name, 'a level of the configuration, or its alias'),
    reason: option(optional(text), 'why; required to lower it'),
  },
  acts: { path: 'severity', guards: [notOver], decide: changed },
  said: (given, incident, { level }) => ({
    // What was typed may be an alias of it.
    what: `${incident} is ${level ?? given.level} now.`,
    next: `tocsin show ${incident} shows who is rung for it, and when it is declared`,
  }),
  examples: [
    'tocsin severity 7 LEVEL',
    'tocsin severity 7 LEVEL --reason "one region only, failover holds"',
  ],
});

const amount = z.number().nonnegative('It must be a number of 0 or more.');
const ABOUT_IMPACT = 'what you know; measures not named stay as they are';

const IMPACT = {
  users: pair(optional(amount), ABOUT_IMPACT),
  percent: pair(optional(amount.max(100, 'It must be at most 100.')), ABOUT_IMPACT),
  components: pair(optional(amount), ABOUT_IMPACT),
  regions: pair(optional(amount), ABOUT_IMPACT),
  revenue_per_minute: pair(optional(amount), ABOUT_IMPACT),
} satisfies Fields & Readonly<Record<ImpactMeasure, unknown>>;

const MEASURES = Object.keys(IMPACT) as readonly (keyof typeof IMPACT)[];

function knownOf(given: Given<typeof IMPACT>): readonly (readonly [string, number])[] {
  return MEASURES.flatMap((measure) => {
    const value = given[measure];
    return value === null ? [] : [[measure, value] as const];
  });
}

export const ReportImpact = verb({
  name: 'impact',
  subject: 'incident',
  summary: `Report the impact: ${MEASURES.join(', ')}`,
  scope: 'act',
  fields: IMPACT,
  acts: {
    path: 'impact',
    guards: [notOver],
    decide: (decision, given) => {
      const known = knownOf(given);
      if (known.length === 0)
        return {
          code: 'measure_needed',
          message: `Name at least one measure: \`tocsin impact ${decision.state.id} ${MEASURES[0]}=NUMBER\`. Measures: ${MEASURES.join(', ')}.`,
          about: { kind: 'field', field: null },
        };
      emit(decision, { type: 'ImpactReported', impact: Object.fromEntries(known) });
      askTriggers(decision);
      return null;
    },
  },
  said: (given, incident) => ({
    what: `${incident}: impact ${knownOf(given)
      .map(([measure, value]) => `${measure} ${value}`)
      .join(', ')}.`,
    next: `tocsin show ${incident} shows whether a trigger raised the level`,
  }),
  examples: ['tocsin impact 7 users=1200 percent=8 revenue_per_minute=300'],
});

export const SetFlag = verb({
  name: 'flag',
  subject: 'incident',
  summary:
    'Set a flag of the configuration, for example one that keeps the incident from the public',
  scope: 'act',
  fields: {
    flag: argument(name, 'a name under `flags:` or in a trigger of the configuration'),
  },
  // Also after the resolution: its last public post may still wait, and must be stoppable.
  acts: {
    path: 'flags',
    guards: [notClosed],
    decide: (decision, { flag }) =>
      setFlag(decision, flag, `tocsin flag ${decision.state.id} FLAG`),
  },
  said: ({ flag }, incident) => ({
    what: `${incident} carries the flag ${flag}.`,
    next: `tocsin show ${incident} shows what it changed`,
  }),
  examples: ['tocsin flag 7 data_integrity'],
});

/** The tiers that triggers count; null: some trigger counts any. */
function tiersOf({ triggers }: Pick<Policy, 'triggers'>): readonly string[] | null {
  const tiers = triggers.flatMap(({ when }) => {
    const kind = kindOf(when);
    return kind.countsReportsOf === undefined ? [] : [kind.countsReportsOf(when.given)];
  });
  return tiers.includes(null) ? null : tiers.filter((tier) => tier !== null);
}

/** As a trigger spells it, whatever the case in which it is reported. */
function spelled(tier: string, policy: Pick<Policy, 'triggers'>): string {
  const known = tiersOf(policy) ?? [];
  return known.find((one) => one.toLowerCase() === tier.toLowerCase()) ?? tier;
}

export const ReportFromCustomer = verb({
  name: 'customer',
  subject: 'incident',
  summary: 'Record that a customer reported it',
  scope: 'act',
  fields: {
    text: argument(optional(text), 'what they said'),
    account: option(name, 'who reported it'),
    tier: option(name, 'their tier, as the triggers of the configuration name it, in any case'),
  },
  acts: {
    path: 'customer-reports',
    guards: [notOver],
    decide: (decision, { account, tier, text: said }) => {
      const counted = spelled(tier, decision.policy);
      emit(decision, { type: 'CustomerReported', account, tier: counted, text: said });
      askTriggers(decision);
      return null;
    },
  },
  said: ({ account, tier }, incident) => ({
    what: `${incident}: the report of ${account} (${tier}) is recorded.`,
    next: `tocsin impact ${incident} users=... if you know how many are affected`,
  }),
  remark: ({ tier }, { policy }) => {
    const known = tiersOf(policy);
    if (known === null || known.length === 0 || known.includes(spelled(tier, policy))) return null;
    return `No trigger counts the tier ${tier}; triggers count ${[...new Set(known)].join(', ')}.`;
  },
  examples: ['tocsin customer 7 --account acme --tier paying "the shop hangs"'],
});
