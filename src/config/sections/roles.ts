/** Groups, rotations, escalation policies and roles. */
import type {
  EscalationPolicy,
  EscalationStep,
  PageSource,
  Role,
  Rotation,
} from '../../core/model/policy.ts';
import type { z } from 'zod';
import type { escalationPolicy, group, role, rotation } from '../shape/people.ts';
import { WEEKDAYS } from '../words.ts';
import { below, keyOf, type Spot } from '../yaml-file.ts';
import { type Compiling, type Entry, isKnown, isLevel } from '../context.ts';
import {
  DEFAULT_POLICY,
  escalationOf,
  pageSource,
  sourcesOf,
  spotOfItem,
  stepPage,
} from './pages.ts';

function checkPeople(
  compiling: Compiling,
  people: readonly string[],
  spot: Spot,
): readonly string[] {
  const names = compiling.names.people;
  return people.filter((name, i) =>
    isKnown(compiling.report, { name, spot: below(spot, i) }, { kind: 'person', names }),
  );
}

/** Groups by name, each with the people in it. */
export function buildGroups(
  compiling: Compiling,
  groups: readonly Entry<z.output<typeof group>>[],
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    groups.map(({ name, value, spot }) => [name, checkPeople(compiling, value ?? [], spot)]),
  );
}

type RotationEntry = Entry<z.output<typeof rotation>>;

function buildRotation(
  compiling: Compiling,
  { name, value, spot }: RotationEntry,
): readonly Rotation[] {
  if (value === null) return [];
  const { every, handoff } = value;
  const day = below(spot, 'handoff', 'day');
  if (every.unit === 'week' && handoff.day === undefined)
    compiling.report.error(
      below(spot, 'handoff'),
      'a rotation by weeks has a weekday of hand-off',
      'Write handoff: {day: monday, at: "10:00"}.',
    );
  if (every.unit === 'day' && handoff.day !== undefined)
    compiling.report.error(
      day,
      'a rotation by days hands off every day',
      'Leave day out, or write every: 1w.',
    );
  return [
    {
      id: name,
      timezone: value.timezone ?? compiling.timezone,
      every,
      handoff: {
        weekday:
          handoff.day === undefined || every.unit === 'day'
            ? null
            : WEEKDAYS.indexOf(handoff.day) + 1,
        at: handoff.at,
      },
      starts: value.starts,
      people: checkPeople(compiling, value.people, below(spot, 'people')),
    },
  ];
}

/** Who is on call when, by turns. */
export function buildRotations(
  compiling: Compiling,
  entries: readonly RotationEntry[],
): Readonly<Record<string, Rotation>> {
  const rotations = entries.flatMap((entry) => buildRotation(compiling, entry));
  return Object.fromEntries(rotations.map((rotation) => [rotation.id, rotation]));
}

/** Used where nobody names a policy: ring, after five minutes ring the fallback, then the alarm. */
const DEFAULT_STEPS: readonly EscalationStep[] = [
  { page: { kind: 'own' }, waitMs: 5 * 60_000 },
  { page: { kind: 'fallback' }, waitMs: null },
];

type PolicyEntry = Entry<z.output<typeof escalationPolicy>>;

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

type RoleEntry = Entry<z.output<typeof role>>;

function pageOf(compiling: Compiling, { name, value, spot }: RoleEntry): PageSource | null {
  if (value === null) return null;
  const at = { vendorWalks: value.escalation === 'vendor', service: true };
  if (value.page !== undefined && value.rotation !== undefined) {
    compiling.report.error(
      keyOf(below(spot, 'rotation')),
      'page and rotation are both given',
      'Keep one of them.',
    );
    return null;
  }
  if (value.page !== undefined)
    return pageSource(compiling, value.page, { ...at, spot: below(spot, 'page') });
  // `rotation: x` of a role stands for `page: {rotation: x}`: what is wrong with it belongs to the role's own key.
  if (value.rotation !== undefined)
    return pageSource(compiling, { rotation: value.rotation }, { ...at, spot });
  compiling.report.error(
    keyOf(spot),
    `nobody is paged for the role ${name}`,
    'Write page: <name or address>, or rotation: <name>.',
  );
  return null;
}

function buildRole(compiling: Compiling, entry: RoleEntry): readonly Role[] {
  const { name, value, spot } = entry;
  const page = pageOf(compiling, entry);
  if (value === null) return [];
  const others = compiling.names.roles;
  const neverWith = (value.never_with ?? []).filter((other, i) => {
    const at = spotOfItem(below(spot, 'never_with'), i);
    if (other === name)
      compiling.report.error(at, 'a role cannot be kept apart from itself', 'Leave it out.');
    return isKnown(compiling.report, { name: other, spot: at }, { kind: 'role', names: others });
  });
  const escalation = escalationOf(compiling, value, { source: page, spot, key: 'page' });
  const fallback = sourcesOf(compiling, value.fallback ?? [], {
    spot: below(spot, 'fallback'),
    by: 'page',
  });
  return page === null
    ? []
    : [
        {
          id: name,
          page,
          escalation,
          fallback,
          neverWith,
          commands: value.commands ?? false,
        },
      ];
}

/** Who does what, and who is paged for it. */
export function buildRoles(
  compiling: Compiling,
  entries: readonly RoleEntry[],
): Readonly<Record<string, Role>> {
  const roles = entries.flatMap((entry) => buildRole(compiling, entry));
  checkCircles(compiling, roles, entries);
  return Object.fromEntries(roles.map((role) => [role.id, role]));
}

/** Roles that name each other lead to nobody. */
function checkCircles(
  compiling: Compiling,
  roles: readonly Role[],
  entries: readonly RoleEntry[],
): void {
  const next = new Map(
    roles.flatMap((role) =>
      role.page.kind === 'role' ? [[role.id, role.page.role] as const] : [],
    ),
  );
  for (const { name, spot } of entries) {
    const seen = new Set<string>();
    let at: string | undefined = name;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      at = next.get(at);
    }
    if (at === name)
      compiling.report.error(
        below(spot, 'page'),
        `the roles lead in a circle: ${[...seen, name].join(' -> ')}`,
        'Let one of them name a person, group, rotation or address.',
      );
  }
}
