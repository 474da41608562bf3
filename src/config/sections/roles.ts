/** Roles: who does what in an incident, and who is paged for it. */
import { z } from 'zod';
import type { Recipient, Role } from '../../core/model/policy.ts';
import { type Compiling, type Entry, isKnown } from '../context.ts';
import { oneOrMore, nonEmptyText } from '../words.ts';
import { below, keyOf } from '../yaml-file.ts';
import { escalatingShape, escalationOf, VENDOR_WALKS } from './escalation.ts';
import { pageShape, recipientOf, recipientsOf, spotOfItem } from './pages.ts';

export const roleShape = z.strictObject({
  page: pageShape.optional(),
  rotation: nonEmptyText('Short for `page: {rotation: ...}`.').optional(),
  ...escalatingShape,
  never_with: oneOrMore(
    nonEmptyText('A role.'),
    'Roles that the same person must not hold at once.',
  ).optional(),
  deputizes: nonEmptyText(
    'A role: whoever is paged for this one is rung when nothing is heard of whoever holds that one, and takes it over by answering.',
  ).optional(),
  commands: z.boolean().optional().meta({
    description:
      'True for the role that commands: filling it is the moment `commanded` of a level.',
  }),
  essential: z.boolean().optional().meta({
    description:
      'True: that nobody takes it rings people until somebody answers. Of a role that commands or is paged in triage that holds anyway; that any other is missing is said in chat and rings nobody.',
  }),
});

type RoleEntry = Entry<z.output<typeof roleShape>>;

function pageOf(compiling: Compiling, { name, value, spot }: RoleEntry): Recipient | null {
  if (value === null) return null;
  const at = { vendorWalks: value.escalation === VENDOR_WALKS, service: true };
  if (value.page !== undefined && value.rotation !== undefined) {
    compiling.report.error(
      keyOf(below(spot, 'rotation')),
      'page and rotation are both given',
      'Keep one of them.',
    );
    return null;
  }
  if (value.page !== undefined)
    return recipientOf(compiling, value.page, { ...at, spot: below(spot, 'page') });
  // `rotation: x` of a role stands for `page: {rotation: x}`: what is wrong with it belongs to the role's own key.
  if (value.rotation !== undefined)
    return recipientOf(compiling, { rotation: value.rotation }, { ...at, spot });
  compiling.report.error(
    keyOf(spot),
    `nobody is paged for the role ${name}`,
    'Write page: <name or address>, or rotation: <name>.',
  );
  return null;
}

/** The role for whose holder this one stands in. */
function deputizesOf(
  { report, names }: Compiling,
  { name, value, spot }: RoleEntry,
): string | null {
  const other = value?.deputizes;
  if (other === undefined) return null;
  const at = below(spot, 'deputizes');
  if (other === name)
    report.error(at, 'a role cannot deputize for itself', 'Name another role, or leave it out.');
  return isKnown(report, { name: other, spot: at }, { kind: 'role', names: names.roles })
    ? other
    : null;
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
  const escalation = escalationOf(compiling, value, { recipient: page, spot, key: 'page' });
  const fallback = recipientsOf(compiling, value.fallback ?? [], {
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
          deputizes: deputizesOf(compiling, entry),
          essential: value.essential ?? false,
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
