/** The alerts of the Opsgenie stand-in: what an accepted request does once it is carried out. */
import { listOf, memberOf, asText } from '../../src/contract/index.ts';
import type { StandInStep, StandInWebhook, Truth } from '../../src/contract/index.ts';
import { knownResponder } from './stand-in-account.ts';
import type { Account, Responder } from './stand-in-account.ts';

export interface StoodAlert {
  readonly id: string;
  readonly alias: string;
  readonly message: string;
  readonly description: string;
  readonly priority: string;
  readonly tags: readonly string[];
  readonly details: Readonly<Record<string, string>>;
  readonly entity: string;
  readonly source: string;
  readonly responders: readonly Responder[];
  readonly status: 'open' | 'closed';
  readonly acknowledged: boolean;
  readonly count: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly acknowledgedBy: string;
  readonly acknowledgedAt: number;
  readonly closedBy: string;
  readonly closedAt: number;
  readonly notes: readonly StoodNote[];
}

interface StoodNote {
  readonly note: string;
  readonly owner: string;
  readonly createdAt: number;
}

export interface Accepted {
  readonly requestId: string;
  readonly dueAt: number;
  readonly action: string;
  readonly identifier: string;
  readonly identifierType: string;
  readonly body: unknown;
  /** It was accepted, and fails whatever it asks. */
  readonly isRefused: boolean;
}

export interface Processed {
  readonly action: string;
  readonly isSuccess: boolean;
  readonly status: string;
  readonly alertId: string;
  readonly alias: string;
  readonly processedAt: number;
}

export interface OpsgenieState {
  readonly account: Account;
  readonly alerts: readonly StoodAlert[];
  readonly waiting: readonly Accepted[];
  readonly processed: Readonly<Record<string, Processed>>;
  /** Number of the next id. */
  readonly next: number;
}

export type Step = StandInStep<OpsgenieState>;
export function uuid(number: number): string {
  return `0a5e9e1e-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** An alias names an open alert only. https://docs.opsgenie.com/docs/alerts-search-query-help */
export function lookedUp(
  state: OpsgenieState,
  identifier: string,
  type: string,
): StoodAlert | undefined {
  if (type === 'alias')
    return state.alerts.find((alert) => alert.alias === identifier && alert.status === 'open');
  return state.alerts.find((alert) => alert.id === identifier);
}

function truthOf(
  alert: StoodAlert,
  event: 'rang' | 'repeated' | 'noted' | 'acknowledged' | 'resolved',
  note?: string,
): readonly Truth[] {
  const urgency = alert.priority === 'P1' || alert.priority === 'P2' ? 'high' : 'low';
  return alert.responders.map(({ id }) => ({
    kind: 'page',
    event,
    address: id,
    urgency,
    key: alert.alias,
    ref: alert.id,
    title: alert.message,
    ...(note === undefined ? {} : { note }),
  }));
}

/** Body of the Webhook integration; `updatedAt` in nanoseconds, as the vendor sends it. */
export function webhookOf(
  state: OpsgenieState,
  alert: StoodAlert,
  told: { action: string; by: string; source: object; more?: object },
): StandInWebhook {
  const body = {
    source: told.source,
    alert: {
      alertId: alert.id,
      alias: alert.alias,
      message: alert.message,
      tags: alert.tags,
      entity: alert.entity,
      source: alert.source,
      priority: alert.priority,
      createdAt: alert.createdAt,
      updatedAt: alert.updatedAt * 1_000_000,
      username: told.by,
      ...(told.by.includes('@') ? { userId: told.by } : {}),
      responders: alert.responders,
      ...told.more,
    },
    action: told.action,
    integrationName: 'Webhook',
  };
  return {
    headers: { 'content-type': 'application/json', ...state.account.webhookHeaders },
    body: JSON.stringify(body),
  };
}

function created(state: OpsgenieState, request: Accepted, now: number): StoodAlert {
  const field = (name: string): string => asText(memberOf(request.body, name)) ?? '';
  const id = `${uuid(state.next)}-${now}`;
  return {
    id,
    alias: request.identifier === '' ? id : request.identifier,
    message: field('message'),
    description: field('description'),
    priority: field('priority') === '' ? 'P3' : field('priority'),
    tags: listOf(memberOf(request.body, 'tags')).map(String),
    details: (memberOf(request.body, 'details') ?? {}) as Readonly<Record<string, string>>,
    entity: field('entity'),
    source: field('source'),
    responders: listOf(memberOf(request.body, 'responders'))
      .map((responder) => knownResponder(state.account, responder))
      .filter((responder) => responder !== null),
    status: 'open',
    acknowledged: false,
    count: 1,
    createdAt: now,
    updatedAt: now,
    acknowledgedBy: '',
    acknowledgedAt: 0,
    closedBy: '',
    closedAt: 0,
    notes: [],
  };
}

interface Change {
  readonly alert: StoodAlert;
  readonly truth: readonly Truth[];
  readonly status: string;
  readonly tells: boolean;
}

function createdOrCounted(state: OpsgenieState, request: Accepted, now: number): Change {
  const open = lookedUp(state, request.identifier, 'alias');
  if (request.identifier !== '' && open !== undefined) {
    const alert = { ...open, count: open.count + 1, updatedAt: now };
    return {
      alert,
      truth: truthOf(alert, 'repeated'),
      status: 'Alert count is increased',
      tells: false,
    };
  }
  const alert = created(state, request, now);
  return { alert, truth: truthOf(alert, 'rang'), status: 'Created alert', tells: true };
}

/** What an action does to an alert; a reason when it does nothing. */
export function changed(
  alert: StoodAlert,
  action: string,
  told: { by: string; now: number; note?: string },
): Change | string {
  const { by, now, note = '' } = told;
  const base = { ...alert, updatedAt: now };
  if (action === 'AddNote') {
    const truth = truthOf(base, 'noted', note);
    const notes = [...alert.notes, { note, owner: by, createdAt: now }];
    return { alert: { ...base, notes }, truth, status: 'Added note', tells: true };
  }
  if (alert.status === 'closed') return 'Alert is already closed';
  if (action === 'Close') {
    const closed: StoodAlert = { ...base, status: 'closed', closedBy: by, closedAt: now };
    return {
      alert: closed,
      truth: truthOf(closed, 'resolved'),
      status: 'Closed alert',
      tells: true,
    };
  }
  const wanted = action === 'Acknowledge';
  if (alert.acknowledged === wanted) return `Alert is ${wanted ? 'already' : 'not'} acknowledged`;
  const who = { acknowledgedBy: wanted ? by : '', acknowledgedAt: wanted ? now : 0 };
  const next: StoodAlert = { ...base, acknowledged: wanted, ...who };
  return {
    alert: next,
    truth: truthOf(next, wanted ? 'acknowledged' : 'rang'),
    status: `${action}d alert`,
    tells: true,
  };
}

export function stored(state: OpsgenieState, alert: StoodAlert): OpsgenieState {
  const isNew = !state.alerts.some((one) => one.id === alert.id);
  const alerts = isNew
    ? [...state.alerts, alert]
    : state.alerts.map((one) => (one.id === alert.id ? alert : one));
  return { ...state, alerts, next: state.next + (isNew ? 1 : 0) };
}

function carriedOut(state: OpsgenieState, request: Accepted): Step {
  const now = request.dueAt;
  const by = asText(memberOf(request.body, 'user')) ?? 'Alert API';
  const note = asText(memberOf(request.body, 'note'));
  const target =
    request.action === 'Create'
      ? undefined
      : lookedUp(state, request.identifier, request.identifierType);
  const change = request.isRefused
    ? request.action === 'Create'
      ? 'No responder of the request was found'
      : 'Request could not be processed'
    : request.action === 'Create'
      ? createdOrCounted(state, request, now)
      : target === undefined
        ? 'Alert does not exist'
        : changed(target, request.action, { by, now, note: note ?? '' });
  const failed = typeof change === 'string';
  const processed: Processed = {
    action: request.action,
    isSuccess: !failed,
    status: failed ? change : change.status,
    alertId: failed ? (target?.id ?? '') : change.alert.id,
    alias: failed ? (target?.alias ?? '') : change.alert.alias,
    processedAt: now,
  };
  const next = { ...state, processed: { ...state.processed, [request.requestId]: processed } };
  if (failed) return { state: next, truth: [], webhooks: [] };
  const source = { name: asText(memberOf(request.body, 'source')) ?? '', type: 'API' };
  const told = { action: request.action, by, source, ...(note === null ? {} : { more: { note } }) };
  const webhooks = change.tells ? [webhookOf(state, change.alert, told)] : [];
  return { state: stored(next, change.alert), truth: change.truth, webhooks };
}

/** Carries out what is due, in the order of arrival. */
export function advanced(state: OpsgenieState, now: number): Step {
  const due = state.waiting.filter((request) => request.dueAt <= now);
  let step: Step = {
    state: { ...state, waiting: state.waiting.filter((request) => request.dueAt > now) },
    truth: [],
    webhooks: [],
  };
  for (const request of due) {
    const one = carriedOut(step.state, request);
    step = {
      state: one.state,
      truth: [...step.truth, ...one.truth],
      webhooks: [...step.webhooks, ...one.webhooks],
    };
  }
  return step;
}
