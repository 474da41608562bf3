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
