/** Rules for the benchmarks: nine of ten ask for an alertname and a service, the tenth for the beginning of an alertname. */

export type RuleKind = 'usual' | 'patterns' | 'bare patterns';

const SERVICES = 500;

function matchOf(number: number, kind: RuleKind): string {
  // Nothing of a text that such a pattern takes is known before it is tried.
  if (kind === 'bare patterns') return `alertname=~"(?i)a${number}(slow|down)"`;
  if (kind === 'patterns') return `alertname=~"A${number}(Slow|Down)"`;
  const service = `service="s${number % SERVICES}"`;
  return number % 10 === 9
    ? `alertname=~"A${number}-.*",${service}`
    : `alertname="A${number}",${service}`;
}

/** So many rules of one team, as lines of its file. */
export function ruleLines(count: number, kind: RuleKind = 'usual'): string {
  return Array.from(
    { length: count },
    (_, i) => `  - {name: r${i}, match: '${matchOf(i, kind)}', severity: L1}\n`,
  ).join('');
}

/** The labels of an alert that the rule of this number takes. */
export function labelsFor(number: number, kind: RuleKind = 'usual'): Record<string, string> {
  const name = kind === 'usual' ? (number % 10 === 9 ? '-eu' : '') : 'Slow';
  return {
    alertname: `A${number}${name}`,
    service: `s${number % SERVICES}`,
    severity: 'critical',
    instance: `host-${number}:9100`,
    job: 'node',
    namespace: 'shop',
    cluster: 'eu-1',
  };
}
