/** Alertmanager bodies for the benchmarks: one alert each, about 900 bytes. */

/** @param groups how many incidents of one service the alerts fall into; 0: each its own, of a service of its own */
export function bodyOf(number: number, options: { readonly groups: number }): string {
  const group = options.groups === 0 ? number : number % options.groups;
  const labels = {
    alertname: 'BenchAlert',
    service: options.groups === 0 ? `bench-${number}` : 'bench',
    group: `g${group}`,
    instance: `host-${number}:9100`,
    severity: 'critical',
    job: 'node',
  };
  const annotations = {
    summary: `bench ${number} in group ${group}`,
    description:
      'The error rate of the service is above its objective for five minutes and rising; see the dashboard.',
  };
  return JSON.stringify({
    version: '4',
    groupKey: `{}:{group="g${group}"}`,
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'tocsin',
    groupLabels: { group: `g${group}` },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: 'http://alertmanager.example.com',
    alerts: [
      {
        status: 'firing',
        labels,
        annotations,
        startsAt: '2026-01-20T02:00:00Z',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'http://prometheus.example.com/graph',
        fingerprint: number.toString(16).padStart(16, '0'),
      },
    ],
  });
}

/** What is sent again and again: how many alerts at once, and which group and which alert of it the n-th one is. */
interface Traffic {
  readonly alerts: number;
  readonly group: (n: number) => number;
  readonly alert: (n: number) => number;
}

export const TRAFFIC: Readonly<Record<string, Traffic>> = {
  'the same alert': { alerts: 1, group: () => 0, alert: () => 0 },
  'a new alert in one group': { alerts: 1, group: () => 0, alert: (n) => n },
  'a new group each': { alerts: 1, group: (n) => n, alert: (n) => n },
  '50 alerts per body': { alerts: 50, group: (n) => Math.floor(n / 50) % 200, alert: (n) => n },
};

/** One request of the traffic. @param to Alertmanager's API takes the alerts alone */
export function trafficBody(name: string, number: number, to: 'tocsin' | 'alertmanager'): string {
  const traffic = TRAFFIC[name];
  if (traffic === undefined) throw new Error(`there is no traffic "${name}"`);
  const alerts = Array.from({ length: traffic.alerts }, (_, index) => {
    const n = number * traffic.alerts + index;
    const { alerts: one } = JSON.parse(bodyOf(traffic.alert(n), { groups: 1 })) as {
      alerts: { labels: object; annotations: object; generatorURL: string; startsAt: string }[];
    };
    const [alert] = one;
    if (alert === undefined) throw new Error('a body has an alert');
    const labels = { ...alert.labels, group: `g${traffic.group(n)}` };
    const { annotations, generatorURL } = alert;
    if (to === 'tocsin') return { ...alert, labels };
    return { labels, annotations, generatorURL, startsAt: new Date().toISOString() };
  });
  if (to === 'alertmanager') return JSON.stringify(alerts);
  const whole = JSON.parse(bodyOf(number, { groups: 1 })) as object;
  return JSON.stringify({ ...whole, alerts });
}
