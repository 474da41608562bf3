/** What a source expects and a rule names: it opens nothing, and whoever wrote the rule waits for a page in vain. */
import { whereText } from '../core/model/event-entry.ts';
import type { Condition, Policy } from '../core/model/policy.ts';
import { own } from '../core/model/own.ts';
import { holding } from '../core/routing/index-of-conditions.ts';
import { createCoverings, demandsOf } from './coverings.ts';
import type { Merged } from './merge.ts';
import type { Report } from './problem.ts';
import { namedBy, namesSomething } from './sections/conditions.ts';
import { below, type Spot } from './yaml-file.ts';

interface Named {
  readonly name: string;
  readonly when: Condition;
}

function serviceNamed(name: string): Condition {
  return { all: [{ label: 'service', operator: '=', value: name }], any: [], none: [] };
}

/** What rings for the alerts that it names: rules, and the services that alerts name themselves. */
function ringing({ teams, services }: Policy): readonly Named[] {
  const rules = Object.values(teams).flatMap((team) => team.rules);
  return [
    ...rules
      .filter(({ suppress }) => !suppress)
      .map(({ name, when, where }) => ({ name: `rule "${name}" (${whereText(where)})`, when })),
    ...Object.keys(services).map((name) => ({ name: `service ${name}`, when: serviceNamed(name) })),
  ];
}

/** A source that expects something particular; one that names nothing was refused. */
interface Expecting {
  readonly when: Condition;
  readonly spot: Spot;
}

function expecting(merged: Merged, { sources }: Policy): readonly Expecting[] {
  return merged.sources.flatMap(({ name, spot }) => {
    const expect = own(sources, name)?.expect;
    return expect === undefined || !namesSomething(expect.when)
      ? []
      : [{ when: expect.when, spot: below(spot, 'expect', 'match') }];
  });
}

/** For each that something rings for although it is expected: what rings for it. */
function takenBy(
  expected: readonly Expecting[],
  policy: Policy,
): ReadonlyMap<Expecting, readonly Named[]> {
  const coverings = createCoverings(expected.map(({ when }) => demandsOf(when)));
  for (const [place, { when }] of expected.entries()) coverings.add(place, demandsOf(when));
  const taken = new Map<Expecting, Named[]>();
  for (const one of expected.length === 0 ? [] : ringing(policy)) {
    const covering = coverings.covering(demandsOf(one.when)).flatMap((i) => expected[i] ?? []);
    const meeting = namedBy(one.when).flatMap((labels) => [...holding(expected, labels)]);
    for (const by of new Set([...covering, ...meeting])) {
      const known = taken.get(by);
      if (known === undefined) taken.set(by, [one]);
      else known.push(one);
    }
  }
  return taken;
}

/** Reports each source that expects what something rings for. */
export function checkSwallowed(report: Report, merged: Merged, policy: Policy): void {
  for (const [{ spot }, [first, ...more]] of takenBy(expecting(merged, policy), policy)) {
    const others = more.length === 0 ? '' : ` and ${more.length} more`;
    report.warning(
      spot,
      `it takes alerts of ${first?.name ?? ''}${others}, too: from this source they open nothing and ring nobody`,
      'Name only the alert that always fires, e.g. match: \'alertname="Watchdog"\'.',
    );
  }
}
