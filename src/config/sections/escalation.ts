/** Escalation: the policies, and what roles and services say about a page that nobody answers. */
import { z } from 'zod';
import type {
  EscalationChoice,
  EscalationPolicy,
  EscalationStep,
  Recipient,
  StepPage,
} from '../../core/model/policy.ts';
import { type Compiling, type Entry, isKnown, isLevel } from '../context.ts';
import { duration, oneOrMore, nonEmptyText } from '../words.ts';
import { below, keyOf, type Spot } from '../yaml-file.ts';
import { namedRecipient, pageShape, recipientOf, type PageYaml, SERVICE_ON_CALL } from './pages.ts';

export const escalationPolicyShape = z.strictObject({
  steps: z
    .array(
      z.strictObject({
        page: pageShape.meta({
          description:
            "Whom this step pages: `own` (or `rotation`: the role's or service's own page), `fallback`, `service.on_call`, or a name.",
          shape: 'page',
        }),
        wait: duration(
          'How long to wait for an acknowledgement before the next step; the last step needs none.',
        ).optional(),
      }),
    )
    .min(1, 'a policy has at least one step')
    .meta({
      description: 'Steps in order; behind the last one the alarm repeats until a person answers.',
    }),
  up_to: z.record(z.string(), z.int().min(1, 'at least the first step is walked')).optional().meta({
    description: 'Level -> number of steps that may be walked for it; a level not named: all.',
  }),
});

/** What roles and services say about a page that nobody answers. */
export const escalatingShape = {
  escalation: nonEmptyText(
    'Name of an escalation policy, or `vendor`: the pager walks its own steps, Tocsin acts only when they led nowhere. Never both.',
  ).optional(),
  unanswered: z
    .strictObject({
      after: duration("How long the vendor's own steps may take."),
      page: pageShape.meta({ description: 'Whom Tocsin pages then.', shape: 'page' }),
    })
    .optional()
    .meta({ description: 'With `escalation: vendor`: what to do when nobody answered there.' }),
  fallback: oneOrMore(
    nonEmptyText('A name.'),
    'Whom the step `fallback` pages: names of people, groups, rotations or roles.',
  ).optional(),
};

/** Words that a step knows beside names. */
export const STEP_WORDS: readonly string[] = ['own', 'rotation', 'fallback', SERVICE_ON_CALL];

/** Stands in the place of a policy's name: the pager walks its own steps. */
export const VENDOR_WALKS = 'vendor';

/** A step names `own` (or `rotation`), `fallback`, or a page. */
function stepPage(compiling: Compiling, page: PageYaml, spot: Spot): StepPage | null {
  if (page === 'own' || page === 'rotation') return { kind: 'own' };
  if (page === 'fallback') return { kind: 'fallback' };
  if (typeof page === 'string' && page !== SERVICE_ON_CALL) {
    const recipient = namedRecipient(compiling, { name: page, spot }, [
      'own',
      'fallback',
      SERVICE_ON_CALL,
    ]);
    if (recipient !== null) compiling.uses.push({ recipient, spot, by: 'page' });
    return recipient;
  }
  return recipientOf(compiling, page, { spot, vendorWalks: false, service: true });
}

/** The policy that holds where none is named; the user may define one of this name. */
const DEFAULT_POLICY = 'default';

/** Used where nobody names a policy: ring, after five minutes ring the fallback, then the alarm. */
const DEFAULT_STEPS: readonly EscalationStep[] = [
  { page: { kind: 'own' }, waitMs: 5 * 60_000 },
  { page: { kind: 'fallback' }, waitMs: null },
];

type PolicyEntry = Entry<z.output<typeof escalationPolicyShape>>;

function buildPolicy(compiling: Compiling, { name, value, spot }: PolicyEntry): EscalationPolicy {
  const upTo = Object.entries(value?.up_to ?? {}).filter(([level, steps]) => {
    const at = below(spot, 'up_to', level);
    const count = value?.steps.length ?? 0;
    if (steps > count)
      compiling.report.warning(
        at,
        `the policy has fewer steps: ${count}`,
        'Lower the number, or leave the level out for all steps.',
      );
    return isLevel(compiling, { name: level, spot: keyOf(at) });
  });
  const steps = (value?.steps ?? []).flatMap((step, i): readonly EscalationStep[] => {
    const at = below(spot, 'steps', i);
    const isLast = i === (value?.steps.length ?? 0) - 1;
    if (!isLast && step.wait === undefined)
      compiling.report.error(
        at,
        'it is not told how long this step waits',
        'Write wait: 5m; only the last step needs none.',
      );
    const page = stepPage(compiling, step.page, below(at, 'page'));
    return page === null ? [] : [{ page, waitMs: step.wait ?? null }];
  });
  return { id: name, steps, upTo: Object.fromEntries(upTo) };
}

/** The escalation policies of the file, and the one that holds where none is named. */
export function buildPolicies(
  compiling: Compiling,
  entries: readonly PolicyEntry[],
): Readonly<Record<string, EscalationPolicy>> {
  const built = entries.map((entry) => buildPolicy(compiling, entry));
  const own: EscalationPolicy = {
    id: DEFAULT_POLICY,
    steps: DEFAULT_STEPS,
    upTo: {},
  };
  return Object.fromEntries([own, ...built].map((policy) => [policy.id, policy]));
}

interface EscalatingYaml {
  readonly escalation?: string | undefined;
  readonly unanswered?: { readonly after: number; readonly page: PageYaml } | undefined;
}

/**
 * How a page that nobody answers goes on. Addresses at a vendor without a word on it are a warning: the vendor's own
 * escalation and ours would both run.
 */
export function escalationOf(
  compiling: Compiling,
  value: EscalatingYaml,
  paged: { readonly recipient: Recipient | null; readonly spot: Spot; readonly key: string },
): EscalationChoice {
  const { report, names } = compiling;
  const { recipient, spot } = paged;
  const at = below(spot, 'escalation');
  const unanswered = value.unanswered;
  const isVendor = value.escalation === VENDOR_WALKS;
  const after =
    unanswered === undefined
      ? null
      : recipientOf(compiling, unanswered.page, {
          spot: below(spot, 'unanswered', 'page'),
          vendorWalks: true,
          service: true,
        });
  if (unanswered !== undefined && !isVendor)
    report.error(
      keyOf(below(spot, 'unanswered')),
      'unanswered is for pages that the vendor escalates',
      'Write escalation: vendor, or a policy with the steps you want.',
    );
  if (isVendor) {
    if (recipient !== null && ['person', 'group', 'rotation', 'schedule'].includes(recipient.kind))
      report.error(
        at,
        `a ${recipient.kind} is paged by Tocsin, so no vendor walks any steps`,
        'Name an escalation policy, or page an address of the vendor.',
      );
    return {
      kind: 'vendor',
      unanswered:
        after === null || unanswered === undefined
          ? null
          : { afterMs: unanswered.after, page: after },
    };
  }
  if (value.escalation === undefined) {
    if (recipient?.kind === 'addresses')
      report.warning(
        below(spot, paged.key),
        'it is not told who escalates a page to this address',
        "Write escalation: vendor where the pager's own policy does, or name an escalation policy of this file where it does not. Never both.",
      );
    return { kind: 'policy', policy: DEFAULT_POLICY };
  }
  isKnown(
    report,
    { name: value.escalation, spot: at },
    { kind: 'escalation policy', names: [...names.escalationPolicies, VENDOR_WALKS] },
  );
  return { kind: 'policy', policy: value.escalation };
}
