/** What PagerDuty's stand-in does on writes of its REST API, and what it refuses. */
import { isoOf, isRecord, listOf, memberOf, asText } from '../../src/contract/index.ts';
import {
  answered,
  argumentsError,
  invalid,
  NO_SUCH_USER,
  notFound,
  refused,
} from './stand-in-answer.ts';
import type { Answered, Write } from './stand-in-answer.ts';
import {
  acknowledged,
  escalated,
  merged,
  opened,
  resolved,
  retriggered,
  serviceRings,
} from './stand-in-incident.ts';
import { asked, cancelled, responderJson } from './stand-in-responder.ts';
import { incidentJson, incidentsFor } from './stand-in-read.ts';
import {
  at,
  changed,
  entryIdOf,
  noteIdOf,
  referenceTo,
  tell,
  truly,
  trulyAt,
} from './stand-in-state.ts';
import type { Agent, Incident, State, Step } from './stand-in-state.ts';

function agentOf(write: Write): Agent {
  return { id: write.user, type: 'user' };
}

function withIncident(step: Step, id: string, status: number): Answered {
  const incident = step.state.incidents[id];
  if (incident === undefined) return notFound(step.state);
  return answered(step, status, { incident: incidentJson(step.state, incident, []) });
}

const TITLE_MAX = 1024;
const KEY_MAX = 255;

/** Body of POST /incidents: developer-docs REST-API/15-Incident-Creation-API.md */
function createErrors(state: State, incident: unknown): readonly string[] {
  if (!isRecord(incident)) return ['Incident is missing'];
  const { title, service, urgency, incident_key: key, body, assignments } = incident;
  const errors: string[] = [];
  if (incident['type'] !== 'incident') errors.push('Type must be incident');
  if (typeof title !== 'string' || title.trim() === '') errors.push('Title cannot be empty');
  else if ([...title].length > TITLE_MAX)
    errors.push(`Title is too long (maximum is ${TITLE_MAX} characters)`);
  const serviceId = asText(memberOf(service, 'id'));
  if (serviceId === null || memberOf(service, 'type') !== 'service_reference')
    errors.push('Service must be a service_reference');
  if (urgency !== undefined && urgency !== 'high' && urgency !== 'low')
    errors.push('Urgency must be high or low');
  if (key !== undefined && (typeof key !== 'string' || key.length > KEY_MAX))
    errors.push('Incident key is invalid');
  if (
    body !== undefined &&
    (memberOf(body, 'type') !== 'incident_body' || typeof memberOf(body, 'details') !== 'string')
  )
    errors.push('Body must be an incident_body with details as a text');
  if (assignments !== undefined && incident['escalation_policy'] !== undefined)
    errors.push('Assignments and escalation policy cannot be given together');
  return [...errors, ...assignmentErrors(state, assignments)];
}

function assignmentErrors(state: State, assignments: unknown): readonly string[] {
  if (assignments === undefined) return [];
  if (!Array.isArray(assignments) || assignments.length !== 1)
    return ['Only one assignee is supported'];
  const assignee = memberOf(assignments[0], 'assignee');
  const user = asText(memberOf(assignee, 'id')) ?? '';
  const isKnown =
    state.account.users[user] !== undefined && memberOf(assignee, 'type') === 'user_reference';
  return isKnown ? [] : [NO_SUCH_USER];
}

function calleeOf(
  incident: unknown,
): { readonly user: string } | { readonly policy: string } | null {
  const user = asText(
    memberOf(memberOf(listOf(memberOf(incident, 'assignments'))[0], 'assignee'), 'id'),
  );
  if (user !== null) return { user };
  const policy = asText(memberOf(memberOf(incident, 'escalation_policy'), 'id'));
  return policy === null ? null : { policy };
}

/** POST /incidents */
export function createIncident(write: Write): Answered {
  const { state, now } = write;
  const given = memberOf(write.body, 'incident');
  const errors = createErrors(state, given);
  if (errors.length > 0) return invalid(state, ...errors);
  const priority = asText(memberOf(memberOf(given, 'priority'), 'id'));
  if (priority !== null && !state.account.priorities.some((one) => one.id === priority))
    return refused(state, 400, { code: 1020, message: 'Invalid Priority' });
  const callee = calleeOf(given);
  if (callee !== null && 'policy' in callee && state.account.policies[callee.policy] === undefined)
    return invalid(state, 'Escalation policy not found');
  const service = asText(memberOf(memberOf(given, 'service'), 'id')) ?? '';
  if (state.account.services[service] === undefined)
    return argumentsError(state, 'Service not found');
  const key = asText(memberOf(given, 'incident_key'));
  const query = {
    'statuses[]': ['triggered', 'acknowledged'],
    'service_ids[]': service,
    date_range: 'all',
  };
  if (key !== null && incidentsFor(state, { ...query, incident_key: key }, now).length > 0)
    return argumentsError(
      state,
      'Open incident with matching dedup key already exists on this service',
    );
  // https://support.pagerduty.com/main/docs/maintenance-windows: no incident is created meanwhile.
  if (!serviceRings(state, service, now))
    return invalid(state, 'Service is disabled or in maintenance');
  const step = opened(
    at(state),
    {
      title: asText(memberOf(given, 'title')) ?? '',
      details: asText(memberOf(memberOf(given, 'body'), 'details')) ?? '',
      urgency: memberOf(given, 'urgency') === 'low' ? 'low' : 'high',
      service,
      priority,
      key: key ?? `generated${state.next}`,
      alerts: [],
      callee,
      agent: agentOf(write),
    },
    now,
  );
  return withIncident(step, step.id, 201);
}

/** A status that is set; on a resolved incident triggered and acknowledged reopen it (API reference, Update an Incident). */
function statusSet(step: Step, write: Write, status: string): Step | Answered {
  const { now } = write;
  const incident = step.state.incidents[write.id];
  const agent = agentOf(write);
  if (incident === undefined) return notFound(step.state);
  if (status === incident.status && status !== 'triggered') {
    const isResolved = status === 'resolved';
    const message = isResolved ? 'Incident Already Resolved' : 'Incident Already Acknowledged';
    return refused(step.state, 400, { code: isResolved ? 1001 : 1002, message });
  }
  if (status === 'resolved') return resolved(step, write.id, { agent, now });
  if (status === incident.status) return step;
  if (status === 'triggered' || incident.status === 'resolved') {
    const again = retriggered(step, write.id, { agent, now });
    return status === 'triggered'
      ? again
      : acknowledged(again, write.id, { user: write.user, now });
  }
  return acknowledged(step, write.id, { user: write.user, now });
}

function reassigned(step: Step, write: Write, given: unknown): Step {
  const callee = calleeOf(given);
  const { id, now } = write;
  const incident = step.state.incidents[id];
  if (callee === null || incident === undefined) return step;
  const agent = agentOf(write);
  const rings: Partial<Incident> =
    incident.status === 'triggered'
      ? {}
      : { status: 'triggered', changedAt: now, changedBy: agent };
  if ('user' in callee) {
    const after = changed(step, id, {
      assignees: [callee.user],
      walk: null,
      address: callee.user,
      ...rings,
    });
    const told = tell(
      after,
      { type: 'incident.reassigned', incident: id, agent, entry: 'assign_log_entry' },
      now,
    );
    return truly(told, id, 'rang');
  }
  const walk = { policy: callee.policy, level: -1, loop: 0, nextAt: null };
  const moved = changed(step, id, { walk, address: callee.policy, ...rings });
  const told = tell(
    moved,
    { type: 'incident.delegated', incident: id, agent, entry: 'delegate_log_entry' },
    now,
  );
  return escalated(told, id, { agent, now });
}

function prioritySet(step: Step, write: Write, priority: unknown): Step | Answered {
  if (priority === undefined) return step;
  const name = asText(priority) ?? asText(memberOf(priority, 'id'));
  const found = step.state.account.priorities.find((one) => one.id === name || one.name === name);
  if (found === undefined)
    return refused(step.state, 400, { code: 1020, message: 'Invalid Priority' });
  const after = changed(step, write.id, { priority: found.id });
  const told = {
    type: 'incident.priority_updated',
    incident: write.id,
    agent: agentOf(write),
    entry: 'priority_change_log_entry',
  };
  return tell(after, told, write.now);
}

function isAnswered(step: Step | Answered): step is Answered {
  return 'response' in step;
}

function applied(write: Write, given: unknown): Step | Answered {
  const { state } = write;
  if (!['incident', 'incident_reference'].includes(asText(memberOf(given, 'type')) ?? ''))
    return invalid(state, 'Type must be incident or incident_reference');
  const errors = assignmentErrors(state, memberOf(given, 'assignments'));
  if (errors.length > 0) return invalid(state, ...errors);
  const title = asText(memberOf(given, 'title'));
  const urgency = memberOf(given, 'urgency');
  const step = changed(at(state), write.id, {
    ...(title === null ? {} : { title }),
    ...(urgency === 'high' || urgency === 'low' ? { urgency } : {}),
  });
  const withPriority = prioritySet(step, write, memberOf(given, 'priority'));
  if (isAnswered(withPriority)) return withPriority;
  const moved = reassigned(withPriority, write, given);
  const isEscalated = memberOf(given, 'escalation_level') !== undefined;
  const climbed = isEscalated
    ? escalated(moved, write.id, { agent: agentOf(write), now: write.now })
    : moved;
  if (memberOf(given, 'status') === undefined) return climbed;
  const status = asText(memberOf(given, 'status')) ?? '';
  if (!['triggered', 'acknowledged', 'resolved'].includes(status))
    return invalid(state, 'Status is invalid');
  return statusSet(climbed, write, status);
}

/** PUT /incidents/{id} */
export function updateIncident(write: Write): Answered {
  if (write.state.incidents[write.id] === undefined) return notFound(write.state);
  const step = applied(write, memberOf(write.body, 'incident'));
  return isAnswered(step) ? step : withIncident(step, write.id, 200);
}

const BULK_MAX = 250;

/** PUT /incidents: all or, at the first that is refused, none. */
export function updateIncidents(write: Write): Answered {
  const given = memberOf(write.body, 'incidents');
  if (!Array.isArray(given)) return invalid(write.state, 'Incidents must be a list');
  if (given.length > BULK_MAX)
    return refused(write.state, 413, { code: 2001, message: 'Too many incidents' });
  let done = at(write.state);
  const ids: string[] = [];
  for (const one of listOf(given)) {
    const id = asText(memberOf(one, 'id')) ?? '';
    if (done.state.incidents[id] === undefined) return notFound(write.state);
    const step = applied({ ...write, state: done.state, id }, one);
    if (isAnswered(step)) return { ...step, ...at(write.state) };
    done = {
      state: step.state,
      truth: [...done.truth, ...step.truth],
      webhooks: [...done.webhooks, ...step.webhooks],
    };
    ids.push(id);
  }
  const incidents = ids.flatMap((id) => done.state.incidents[id] ?? []);
  return answered(done, 200, {
    incidents: incidents.map((one) => incidentJson(done.state, one, [])),
  });
}

/** POST /incidents/{id}/notes: answered 200, not 201. */
export function createNote(write: Write): Answered {
  const { state, id, now } = write;
  const incident = state.incidents[id];
  const content = asText(memberOf(memberOf(write.body, 'note'), 'content'));
  if (incident === undefined) return notFound(state);
  if (content === null) return invalid(state, 'Note content cannot be empty');
  const note = {
    id: noteIdOf(entryIdOf(state)),
    content,
    created_at: isoOf(now),
    user: referenceTo(state, 'user', write.user),
  };
  const data = {
    id: note.id,
    type: 'incident_note',
    incident: referenceTo(state, 'incident', id),
    content,
    trimmed: false,
  };
  const told = {
    type: 'incident.annotated',
    incident: id,
    agent: agentOf(write),
    data,
    entry: 'annotate_log_entry',
    note: content,
  };
  const noted = trulyAt(at(state), incident.address, { id, event: 'noted', note: content });
  return answered(tell(noted, told, now), 200, { note });
}

function targetsOf(
  targets: unknown,
): readonly { readonly id: string; readonly type: string }[] | null {
  if (!Array.isArray(targets) || targets.length === 0) return null;
  const read = listOf(targets).map((one) => ({
    id: asText(memberOf(one, 'id')),
    type: asText(memberOf(one, 'type')),
  }));
  const good = read.flatMap(({ id, type }) =>
    id !== null && (type === 'user_reference' || type === 'escalation_policy_reference')
      ? [{ id, type }]
      : [],
  );
  return good.length === read.length ? good : null;
}

function exists(
  state: State,
  { id, type }: { readonly id: string; readonly type: string },
): boolean {
  return type === 'user_reference'
    ? state.account.users[id] !== undefined
    : state.account.policies[id] !== undefined;
}

/** POST /incidents/{id}/responder_requests: each target wrapped; a requester instead of `From`. */
export function requestResponders(write: Write): Answered {
  const { state, id, now, body } = write;
  if (state.incidents[id] === undefined) return notFound(state);
  const requester = asText(memberOf(body, 'requester_id')) ?? '';
  const message = asText(memberOf(body, 'message'));
  const wrapped = memberOf(body, 'responder_request_targets');
  const inner = Array.isArray(wrapped)
    ? listOf(wrapped).map((one) => memberOf(one, 'responder_request_target'))
    : null;
  const targets = targetsOf(inner);
  if (state.account.users[requester] === undefined)
    return invalid(state, 'Requester must be a user');
  if (message === null) return invalid(state, 'Message cannot be empty');
  if (targets === null)
    return invalid(state, 'Responder request targets must be a list of wrapped references');
  if (!targets.every((target) => exists(state, target))) return notFound(state);
  const step = asked(at(state), id, { asking: { requester, message, targets }, now });
  const incident = step.state.incidents[id];
  const responders = incident?.responders.map((one) => responderJson(step.state, id, one)) ?? [];
  return answered(step, 200, {
    responder_request: {
      incident: referenceTo(step.state, 'incident', id),
      requester: referenceTo(step.state, 'user', requester),
      requested_at: isoOf(now),
      message,
      responder_request_targets: responders,
    },
  });
}

/** PUT /incidents/{id}/responder_requests/cancel: targets not wrapped. */
export function cancelResponders(write: Write): Answered {
  const { state, id, now, body } = write;
  const targets = targetsOf(memberOf(body, 'responder_request_targets'));
  if (state.incidents[id] === undefined) return notFound(state);
  if (targets === null)
    return invalid(state, 'Responder request targets must be a list of references');
  const step = cancelled(at(state), id, { targets: targets.map((one) => one.id), now });
  return answered(step, 200, {
    responder_request_targets: targets.map((one) => ({ ...one, state: 'user_cancelled' })),
  });
}

/** PUT /incidents/{id}/merge */
export function mergeIncidents(write: Write): Answered {
  const { state, id, now } = write;
  const sources = listOf(memberOf(write.body, 'source_incidents'));
  const ids = sources.map((one) => asText(memberOf(one, 'id')) ?? '');
  if (state.incidents[id] === undefined || ids.some((one) => state.incidents[one] === undefined))
    return notFound(state);
  if (ids.length === 0 || sources.some((one) => memberOf(one, 'type') !== 'incident_reference'))
    return invalid(state, 'Source incidents must be incident_references');
  const isGone = (incident: Incident | undefined): boolean => incident?.mergedInto != null;
  if (ids.some((one) => isGone(state.incidents[one])))
    return refused(state, 400, { code: 1019, message: 'Incident Already Merged' });
  return withIncident(merged(at(state), id, { sources: ids, agent: agentOf(write), now }), id, 200);
}
