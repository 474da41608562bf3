/** What a source expects and a rule names: it opens nothing, and whoever wrote the rule waits for a page in vain. */
import { whereText } from '../core/model/event-entry.ts';
import type { Condition, Policy } from '../core/model/policy.ts';
import { whyNot } from '../core/routing/match.ts';
import type { Merged } from './merge.ts';
import type { Report } from './problem.ts';
import { covers, namedBy, namesSomething } from './sections/conditions.ts';
import { below } from './yaml-file.ts';

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

function takes(expected: Condition, { when }: Named): boolean {
  return (
    covers(expected, when) || namedBy(when).some((labels) => whyNot(expected, labels) === null)
  );
}

/** Reports each source that expects what something rings for. */
export function checkSwallowed(report: Report, merged: Merged, policy: Policy): void {
  for (const { name, expect } of Object.values(policy.sources)) {
    const entry = merged.sources.find((one) => one.name === name);
    // One that names nothing was refused.
    if (expect === undefined || entry === undefined || !namesSomething(expect.when)) continue;
    const [first, ...more] = ringing(policy).filter((one) => takes(expect.when, one));
    if (first === undefined) continue;
    const others = more.length === 0 ? '' : ` and ${more.length} more`;
    report.warning(
      below(entry.spot, 'expect', 'match'),
      `it takes alerts of ${first.name}${others}, too: from this source they open nothing and ring nobody`,
      'Name only the alert that always fires, e.g. match: \'alertname="Watchdog"\'.',
    );
  }
}
