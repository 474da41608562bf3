/** Bodies as monitoring and paging tools send them, with as little in them as a story has to say. */
import { isoOf } from '../../src/contract/index.ts';

export interface AlertWords {
  readonly alertname: string;
  readonly status?: 'firing' | 'resolved';
  /** Beside `alertname`. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly summary?: string;
  readonly description?: string;
  /** ISO 8601; identical from fire to resolve at a real Alertmanager. */
  readonly startsAt?: string;
  readonly endsAt?: string;
}

const NOT_ENDED = '0001-01-01T00:00:00Z';

/** Alertmanager's webhook, version 4: the alerts of one group. */
export function alertmanagerBody(...alerts: readonly AlertWords[]): object {
  const [first] = alerts;
  const isFiring = alerts.some(({ status = 'firing' }) => status === 'firing');
  const group = { alertname: first?.alertname ?? 'None' };
  return {
    version: '4',
    groupKey: `{}:{alertname="${group.alertname}"}`,
    truncatedAlerts: 0,
    status: isFiring ? 'firing' : 'resolved',
    receiver: 'tocsin',
    groupLabels: group,
    commonLabels: group,
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example.com',
    alerts: alerts.map(alertmanagerAlert),
  };
}

function alertmanagerAlert(words: AlertWords): object {
  const { alertname, status = 'firing', labels = {}, summary, description } = words;
  const all: Readonly<Record<string, string>> = { alertname, ...labels };
  const names = Object.keys(all).toSorted();
  return {
    status,
    labels: all,
    annotations: {
      summary: summary ?? `${alertname} is firing`,
      ...(description === undefined ? {} : { description }),
    },
    startsAt: words.startsAt ?? '2026-01-01T00:00:00Z',
    endsAt: words.endsAt ?? NOT_ENDED,
    generatorURL: 'http://prometheus.example.com/graph',
    fingerprint: names.map((name) => `${name}=${all[name] ?? ''}`).join(','),
  };
}

export interface VendorWords {
  /** The vendor's id of its incident. */
  readonly ref: string;
  readonly title: string;
  /** Epoch ms at which it happened. */
  readonly at: number;
  /** The vendor's dedup key or alias. */
  readonly key?: string;
  /** Vendor ids of the people who are rung, and of the one who acts. */
  readonly assignees?: readonly string[];
  readonly by?: string;
  readonly priority?: string;
}

function reference(id: string, type: string): object {
  return { id, type: `${type}_reference`, summary: id };
}

/** PagerDuty's webhook v3 about an incident. @param type without its first word: `triggered`, `acknowledged`, ... */
export function pagerdutyBody(
  type: string,
  words: VendorWords & { readonly service: string },
): object {
  const { ref, title, at, key = ref, assignees = [], by, service, priority } = words;
  return {
    event: {
      id: `${ref}-${type}-${at}`,
      event_type: `incident.${type}`,
      resource_type: 'incident',
      occurred_at: isoOf(at),
      agent: by === undefined ? reference(service, 'service') : reference(by, 'user'),
      client: null,
      data: {
        id: ref,
        type: 'incident',
        html_url: `https://example.pagerduty.com/incidents/${ref}`,
        number: 1,
        status: type,
        incident_key: key,
        created_at: isoOf(at),
        title,
        service: reference(service, 'service'),
        assignees: assignees.map((id) => reference(id, 'user')),
        escalation_policy: reference('PEP0000', 'escalation_policy'),
        teams: [],
        priority:
          priority === undefined ? null : { ...reference(priority, 'priority'), summary: priority },
        urgency: 'high',
        conference_bridge: null,
        resolve_reason: null,
      },
    },
  };
}

/** Opsgenie's outgoing webhook. @param action as Opsgenie spells it: `Create`, `Acknowledge`, `Close`, ... */
export function opsgenieBody(
  action: string,
  words: VendorWords & {
    readonly details?: Readonly<Record<string, string>>;
    readonly tags?: readonly string[];
    readonly entity?: string;
  },
): object {
  const { ref, title, at, key = ref, assignees = [], by, priority = 'P3', details = {} } = words;
  const { tags = [], entity = '' } = words;
  return {
    source: { name: '', type: by === undefined ? 'API' : 'web' },
    alert: {
      alertId: ref,
      alias: key,
      tinyId: '1',
      message: title,
      description: '',
      username: by ?? 'Alert API',
      userId: '',
      priority,
      details,
      tags,
      entity,
      teams: [],
      recipients: assignees,
      responders: [],
      createdAt: at,
      updatedAt: at * 1_000_000,
    },
    action,
    integrationId: '00000000-0000-4000-8000-000000000000',
    integrationName: 'Tocsin',
  };
}
