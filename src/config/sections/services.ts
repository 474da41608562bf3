/** Services: what is owned and monitored, who is on call for it, and what the public sees of it. */
import { z } from 'zod';
import type { ComponentRef, Recipient, Service } from '../../core/model/policy.ts';
import { type Compiling, type Entry, isKnown, type Item, targetWith } from '../context.ts';
import { oneOrMore, nonEmptyText } from '../words.ts';
import { below, keyOf } from '../yaml-file.ts';
import { escalatingShape, escalationOf, VENDOR_WALKS } from './escalation.ts';
import { pageShape, recipientOf, type PageYaml, recipientsOf, spotOfItem } from './pages.ts';

const componentShape = z.union([
  nonEmptyText('Name of a component whose id another service gives.'),
  z.strictObject({
    name: nonEmptyText('Name of the component; a changed name is a warning of `tocsin doctor`.'),
    id: nonEmptyText('Id of the component at the vendor.'),
  }),
]);

export const serviceShape = z
  .strictObject({
    on_call: pageShape.optional().meta({
      description: "Whom to page for it; the team's `on_call` when left out.",
      shape: 'page',
    }),
    ...escalatingShape,
    depends_on: oneOrMore(nonEmptyText('A service.'), 'Services it needs.').optional(),
    components: z
      .record(z.string(), oneOrMore(componentShape, 'Components of that status page.'))
      .optional()
      .meta({
        description:
          'Status page target -> components that the public sees when this service fails.',
      }),
  })
  .meta({ description: 'Something that is owned and monitored.' });

type ServiceEntry = Entry<z.output<typeof serviceShape>>;
type OnCallItem = Item<PageYaml>;

/** Component names with the ids that some service gives them: `<target>|<name>`. */
type ComponentIds = ReadonlyMap<string, string>;

function componentIds(compiling: Compiling, services: readonly ServiceEntry[]): ComponentIds {
  const ids = new Map<string, string>();
  const given = services.flatMap(({ value, spot }) =>
    Object.entries(value?.components ?? {}).flatMap(([target, components]) =>
      components.map((component, i) => ({
        target,
        component,
        spot: spotOfItem(below(spot, 'components', target), i),
      })),
    ),
  );
  for (const { target, component, spot } of given) {
    if (typeof component === 'string') continue;
    const key = `${target}|${component.name}`;
    const known = ids.get(key);
    if (known !== undefined && known !== component.id)
      compiling.report.error(
        below(spot, 'id'),
        `component ${component.name} has another id elsewhere: ${known}`,
        'Correct one of the two.',
      );
    ids.set(key, known ?? component.id);
  }
  return ids;
}

function componentsOf(
  compiling: Compiling,
  { value, spot }: ServiceEntry,
  ids: ComponentIds,
): readonly ComponentRef[] {
  return Object.entries(value?.components ?? {}).flatMap(([name, components]) => {
    const at = below(spot, 'components', name);
    if (targetWith(compiling, { name, spot: keyOf(at) }, 'statusPage') === null) return [];
    return components.flatMap((component, i) => {
      if (typeof component !== 'string')
        return [{ target: name, name: component.name, id: component.id }];
      const id = ids.get(`${name}|${component}`);
      if (id !== undefined) return [{ target: name, name: component, id }];
      compiling.report.error(
        spotOfItem(at, i),
        `the id of component ${component} is given nowhere`,
        `Write {name: ${component}, id: <id at the status page>} here or at another service; tocsin doctor lists them.`,
      );
      return [];
    });
  });
}

function serviceOnCall(
  compiling: Compiling,
  { name, value, team, spot }: ServiceEntry,
  onCalls: readonly OnCallItem[],
): Recipient | null {
  const at = { vendorWalks: value?.escalation === VENDOR_WALKS, service: false };
  if (value?.on_call !== undefined)
    return recipientOf(compiling, value.on_call, { ...at, spot: below(spot, 'on_call') });
  const shared = onCalls.find((item) => item.team === team);
  if (shared !== undefined)
    return shared.value === null
      ? null
      : recipientOf(compiling, shared.value, { ...at, spot: shared.spot });
  compiling.report.error(
    keyOf(spot),
    `nobody is on call for ${name}`,
    `Write on_call: <name or address> here, or for the whole team at the top of the file.`,
  );
  return null;
}

function buildService(
  compiling: Compiling,
  entry: ServiceEntry,
  { ids, onCalls }: { readonly ids: ComponentIds; readonly onCalls: readonly OnCallItem[] },
): readonly Service[] {
  const { name, value, team, spot } = entry;
  if (value === null) return [];
  const onCall = serviceOnCall(compiling, entry, onCalls);
  const known = compiling.names.services;
  const dependsOn = (value.depends_on ?? []).filter((other, i) => {
    const at = spotOfItem(below(spot, 'depends_on'), i);
    if (other === name)
      compiling.report.error(at, 'a service cannot depend on itself', 'Leave it out.');
    return isKnown(compiling.report, { name: other, spot: at }, { kind: 'service', names: known });
  });
  const escalation = escalationOf(compiling, value, { recipient: onCall, spot, key: 'on_call' });
  const fallback = recipientsOf(compiling, value.fallback ?? [], {
    spot: below(spot, 'fallback'),
    by: 'page',
  });
  const components = componentsOf(compiling, entry, ids);
  if (onCall === null || team === null) return [];
  return [
    {
      id: name,
      team,
      onCall,
      escalation,
      followsRole: value.escalation === undefined,
      fallback,
      dependsOn,
      components,
    },
  ];
}

/** What is owned and monitored; `onCalls` are the teams' own, which hold where a service says nothing. */
export function buildServices(
  compiling: Compiling,
  entries: readonly ServiceEntry[],
  onCalls: readonly OnCallItem[],
): Readonly<Record<string, Service>> {
  const ids = componentIds(compiling, entries);
  const services = entries.flatMap((entry) => buildService(compiling, entry, { ids, onCalls }));
  return Object.fromEntries(services.map((service) => [service.id, service]));
}
