/**
 * What the experiments with real processes share: a live configuration of many services with a phone each, deliveries as
 * Alertmanager makes them, and what the vendors' stand-ins saw. They are the judge, never Tocsin's own word.
 */
import type { MessageEntry, PageEntry } from '../../src/sandbox/truth.ts';
import {
  ALERTMANAGER_TOKEN,
  deliver,
  type Finishing,
  realWorld,
  type RealWorld,
  until,
} from '../support/real.ts';

const BERTHS = 40;
/** Only these are on the status page: it takes one request per second. */
const PUBLIC_BERTHS = 4;

const berths = Array.from({ length: BERTHS }, (_, index) => index);

export const berthOf = (n: number): string => `berth-${n}`;
/** Address of its phone at PagerDuty. */
export const phoneOf = (n: number): string => `PBERTH${n}`;
export const isPublic = (n: number): boolean => n < PUBLIC_BERTHS;
export const berthNumbers: readonly number[] = berths;

const routingKey = (n: number): string => String(n).padStart(32, '0');
/** Of its second phone, at Opsgenie. */
export const teamIdOf = (n: number): string =>
  `8f2c1d3e-0001-4b6a-9a55-${String(n).padStart(12, '0')}`;

/** Who is rung about Tocsin itself where the ordinary path cannot be gone; the on-call of the default route. */
export const NORA = 'PNORA01';
export const OLAV = 'POLAV01';
export const PETRA = 'PPETR01';
const ALARMS = 'bridge';

const secrets: Readonly<Record<string, string>> = {
  ALERTMANAGER_TOKEN,
  PD_TOKEN: 'pagerduty-rest-token-0001',
  OG_KEY: 'opsgenie-api-key-0001',
  STATUS_KEY: 'statuspage-key-0001',
  SLACK_TOKEN: 'xoxb-slack-token-0001',
  ...Object.fromEntries(berths.map((n) => [`BERTH_${n}`, routingKey(n)])),
};

type UrlsFor = (target: string) => Readonly<Record<string, string>>;

function serviceText(n: number): string {
  const components = `, components: {page: [{name: Berth ${n}, id: cmpberth${String(n).padStart(4, '0')}}]}`;
  return `  ${berthOf(n)}:
    on_call:
      - {via: pd, service: {name: Berth ${n}, id: ${phoneOf(n)}}, key: "\${BERTH_${n}}"}
      - {via: og, team: {name: Berth ${n}, id: ${teamIdOf(n)}}}
    escalation: vendor${isPublic(n) ? components.replace(', ', '\n    ') : ''}
`;
}

function configText(urlsFor: UrlsFor): string {
  const at = (target: string): string =>
    Object.entries(urlsFor(target))
      .map(([key, url]) => `, ${key}: "${url}"`)
      .join('');
  return `
server: {allow_private_hosts: ["127.0.0.1"]}
sources:
  prom: {type: alertmanager, token: "\${ALERTMANAGER_TOKEN}", severity_map: {critical: bad, warning: mild}}
targets:
  pd: {type: pagerduty, mode: live, token: "\${PD_TOKEN}", from: tocsin@example.com, people_service: {name: People, id: PPEOPLE}${at('pd')}}
  og: {type: opsgenie, mode: live, api_key: "\${OG_KEY}"${at('og')}}
  page: {type: statuspage, mode: live, page_id: examplepage01, api_key: "\${STATUS_KEY}"${at('page')}}
  slack: {type: slack, mode: live, bot_token: "\${SLACK_TOKEN}"${at('slack')}}
people:
  nora: {pagerduty: {name: Nora, id: ${NORA}}, opsgenie: nora@example.com}
  olav: {pagerduty: {name: Olav, id: ${OLAV}}, opsgenie: olav@example.com}
  petra: {pagerduty: {name: Petra, id: ${PETRA}}, opsgenie: petra@example.com}
routes: [{default: true, team: harbour, severity: mild}]
severities:
  worst: {criteria: Everything stands still., urgency: high, page: {triage: [watch], declared: [watch]}}
  bad:
    criteria: Customers notice.
    urgency: high
    declare: {by: [person, acknowledgement, trusted_rule]}
    page: {triage: [watch], declared: [watch]}
    updates: {public: {first_within: 5m, every: 30m, approval: none}}
    soak: {for: 30m}
  mild: {criteria: Nobody notices., urgency: high, declare: {by: [person]}, page: {triage: [watch], declared: [watch]}, soak: {for: 1m, then: resolve}}
roles:
  watch: {page: service.on_call, escalation: vendor}
escalation_policies:
  ladder: {steps: [{page: own, wait: 5m}, {page: fallback, wait: 10m}, {page: petra, wait: 15m}]}
automation: {ceiling: bad, alarms: {page: petra, chat: {via: slack, channel: "#${ALARMS}"}, every: 10m}}
team: harbour
on_call: nora
chat: {via: slack, channel: "#harbour"}
services:
  crane: {on_call: nora, fallback: olav, escalation: ladder}
${berths.map(serviceText).join('')}rules:
  - {name: noticed, match: 'severity="critical"', severity: bad, group_by: [service], trusted: true}
  - {name: slow, match: 'severity="warning"', severity: mild, group_by: [service]}
`;
}

export interface Living {
  /** Its data folder; absent: one beside the configuration. */
  readonly data?: string;
  /** What stands under `server.heartbeat`, in one line; absent: no heartbeats are sent. */
  readonly heartbeat?: string;
}

export function liveWorld(test: Finishing, { data, heartbeat }: Living = {}): Promise<RealWorld> {
  const config = (urlsFor: UrlsFor): string =>
    heartbeat === undefined
      ? configText(urlsFor)
      : configText(urlsFor).replace('"]}', `"], heartbeat: ${heartbeat}}`);
  return realWorld(test, { config, secrets, ...(data === undefined ? {} : { data }) });
}

export interface Fire {
  readonly service: string;
  /** Identifies the alert. */
  readonly name: string;
  readonly severity?: 'critical' | 'warning';
  readonly status?: 'firing' | 'resolved';
  /** What is written beside it. */
  readonly text?: string;
}

/** A delivery of this alert alone, of a group of its own at the sender. */
export function bodyOf(fire: Fire): Readonly<Record<string, unknown>> {
  const { service, name, severity = 'warning', status = 'firing', text = '' } = fire;
  return {
    version: '4',
    groupKey: `{}:{alertname="${name}"}`,
    status,
    truncatedAlerts: 0,
    alerts: [
      {
        status,
        fingerprint: name,
        startsAt: '2026-03-02T09:00:00Z',
        endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : '2026-03-02T09:10:00Z',
        labels: { alertname: name, service, severity },
        annotations: { summary: `${name} at ${service}`, description: text },
      },
    ],
  };
}

/** Sends it. Null: no answer came. */
export function send(url: string, fire: Fire): Promise<number | null> {
  return deliver(url, bodyOf(fire));
}

export const isTaken = (status: number | null): boolean =>
  status !== null && status >= 200 && status < 300;

export const pause = (ms: number): Promise<void> =>
  new Promise((done) => void setTimeout(done, ms));

export function ringsAt(world: RealWorld, address: string): readonly PageEntry[] {
  return world.pages().filter((page) => page.event === 'rang' && page.address === address);
}

/** What rang more than once under one key: a phone that rings again for what it has rung for. */
export function rangAgain(world: RealWorld): readonly string[] {
  const rings = world
    .pages()
    .filter(({ event }) => event === 'rang')
    .map(({ target, address, key, title }) => `${address} at ${target} (${key}): ${title}`);
  const again = rings.filter((one, index) => rings.indexOf(one) !== index);
  return [...new Set(again)].map((one) => `rang twice: ${one}`);
}

/** The same sentence twice, or one incident of ours twice on the status page. */
export function publicTwice(world: RealWorld): readonly string[] {
  const sentences = world.posts().map(({ ref, status, body }) => `${ref} ${status}: ${body}`);
  const byName = new Map<string, Set<string>>();
  for (const { name, components, ref } of world.posts()) {
    const about = [name, ...Object.keys(components)].join(' / ');
    byName.set(about, (byName.get(about) ?? new Set()).add(ref));
  }
  return [
    ...sentences
      .filter((one, index) => sentences.indexOf(one) !== index)
      .map((one) => `public twice: ${one}`),
    ...[...byName]
      .filter(([, refs]) => refs.size > 1)
      .map(([name, refs]) => `${refs.size} incidents on the page: ${name}`),
  ];
}

/** Sends it until it is taken, as Alertmanager does; at most so often. */
export async function sendUntilTaken(url: string, fire: Fire): Promise<void> {
  await until(`${fire.name} is taken`, async () => isTaken(await send(url, fire)));
}

/** What became of pages about Tocsin itself that were rung by the direct path. */
export function directPages(world: RealWorld): readonly PageEntry[] {
  return world.pages().filter(({ key }) => key?.includes('/direct/'));
}

/** What the channel for alarms was told. */
export function toldIn(world: RealWorld): readonly string[] {
  return world.sandbox
    .truth()
    .filter((entry): entry is MessageEntry => entry.kind === 'message')
    .filter(({ event, channel }) => event === 'posted' && channel === ALARMS)
    .map(({ text }) => text);
}
