/**
 * Incidents of PagerDuty's stand-in: how they open, ring, escalate, are answered, merged and closed.
 * https://support.pagerduty.com/main/docs/incidents
 */
import { isInMaintenance, usersAt } from './stand-in-account.ts';
import type { Account } from './stand-in-account.ts';
import { changed, serial, tell, truly, trulyAt } from './stand-in-state.ts';
import type { Agent, Incident, State, Step, Walk } from './stand-in-state.ts';

export interface Opening {
  readonly title: string;
  readonly details: string;
  readonly urgency: 'high' | 'low';
  readonly service: string;
  readonly priority: string | null;
  readonly key: string | null;
  readonly alerts: Incident['alerts'];
  /** One user, an escalation policy, or null: the service's own policy. */
  readonly callee: { readonly user: string } | { readonly policy: string } | null;
  /** Who asks: a user of the REST API, or an integration. */
  readonly agent: Agent | null;
}

/** When the level is left if nobody answers; null: it was the last, and the policy is not repeated again. */
function nextAtOf(account: Account, walk: Omit<Walk, 'nextAt'>, now: number): number | null {
  const policy = account.policies[walk.policy];
  const step = policy?.steps[walk.level];
  if (policy === undefined || step === undefined) return null;
  const isLast = walk.level + 1 >= policy.steps.length && walk.loop >= policy.loops;
  return isLast ? null : now + step.delayMs;
}

function walkOf(account: Account, policy: string, now: number): Walk {
  const first = { policy, level: 0, loop: 0 };
  return { ...first, nextAt: nextAtOf(account, first, now) };
}

export function serviceRings(state: State, service: string, now: number): boolean {
  const found = state.account.services[service];
  return found !== undefined && !found.isDisabled && !isInMaintenance(state.account, service, now);
}

/** Opens an incident; the service exists. It rings, unless it is assigned to the very user who asks. */
export function opened(step: Step, opening: Opening, now: number): Step & { readonly id: string } {
  const { account, next, incidents } = step.state;
  const { callee, agent, ...content } = opening;
  const id = serial('Q', next);
  const isUser = callee !== null && 'user' in callee;
  const policy =
    callee !== null && 'policy' in callee
      ? callee.policy
      : account.services[opening.service]?.policy;
  const walk = isUser || policy === undefined ? null : walkOf(account, policy, now);
  const route = policy === undefined ? undefined : account.policies[policy];
  const people = route === undefined ? [] : usersAt(account, route, 0);
  const incident: Incident = {
    ...content,
    id,
    number: Object.keys(incidents).length + 1,
    status: 'triggered',
    address: isUser ? callee.user : callee === null ? opening.service : callee.policy,
    walk,
    assignees: isUser ? [callee.user] : people,
    acknowledgements: [],
    responders: [],
    createdAt: now,
    changedAt: now,
    changedBy: agent,
    mergedInto: null,
  };
  const state = { ...step.state, next: next + 1, incidents: { ...incidents, [id]: incident } };
  const stored = tell(
    { ...step, state },
    { type: 'incident.triggered', incident: id, agent, entry: 'trigger_log_entry' },
    now,
  );
  // developer-docs REST-API/15-Incident-Creation-API.md: assigned to oneself, nobody is notified.
  const isOwn = isUser && agent?.type === 'user' && agent.id === callee.user;
  const rung = isOwn
    ? acknowledged(stored, id, { user: callee.user, now, isSilent: true })
    : truly(stored, id, 'rang');
  return { ...rung, id };
}

export function acknowledged(
  step: Step,
  id: string,
  by: {
    readonly user: string | null;
    readonly now: number;
    readonly agent?: Agent;
    readonly isSilent?: boolean;
  },
): Step {
  const incident = step.state.incidents[id];
  if (incident === undefined) return step;
  const agent = by.agent ?? (by.user === null ? null : { id: by.user, type: 'user' });
  const acknowledgements =
    by.user === null
      ? incident.acknowledgements
      : [...incident.acknowledgements, { user: by.user, at: by.now }];
  const after = changed(step, id, {
    status: 'acknowledged',
    acknowledgements,
    assignees: by.user === null ? incident.assignees : [by.user],
    walk: incident.walk === null ? null : { ...incident.walk, nextAt: null },
    changedAt: by.now,
    changedBy: agent,
  });
  const told = tell(
    after,
    { type: 'incident.acknowledged', incident: id, agent, entry: 'acknowledge_log_entry' },
    by.now,
  );
  return by.isSilent === true ? told : truly(told, id, 'acknowledged');
}

export function resolved(
  step: Step,
  id: string,
  by: { readonly agent: Agent | null; readonly now: number; readonly mergedInto?: string },
): Step {
  const incident = step.state.incidents[id];
  if (incident === undefined) return step;
  const after = changed(step, id, {
    status: 'resolved',
    assignees: [],
    acknowledgements: [],
    walk: incident.walk === null ? null : { ...incident.walk, nextAt: null },
    changedAt: by.now,
    changedBy: by.agent,
    mergedInto: by.mergedInto ?? null,
  });
  const told = tell(
    after,
    { type: 'incident.resolved', incident: id, agent: by.agent, entry: 'resolve_log_entry' },
    by.now,
  );
  const waiting = incident.responders.filter((one) => one.state === 'pending');
  return waiting.reduce(
    (done, one) => trulyAt(done, one.target.id, { id, event: 'resolved' }),
    truly(told, id, 'resolved'),
  );
}

/** Rings again: reopened, or the acknowledgement was taken back. */
export function retriggered(
  step: Step,
  id: string,
  by: { readonly agent: Agent; readonly now: number },
): Step {
  const incident = step.state.incidents[id];
  if (incident === undefined) return step;
  const { account } = step.state;
  const wasResolved = incident.status === 'resolved';
  const walk = incident.walk === null ? null : walkOf(account, incident.walk.policy, by.now);
  const policy = walk === null ? undefined : account.policies[walk.policy];
  const assignees = policy === undefined ? [incident.address] : usersAt(account, policy, 0);
  const after = changed(step, id, {
    status: 'triggered',
    assignees,
    acknowledgements: [],
    walk,
    mergedInto: null,
    changedAt: by.now,
    changedBy: by.agent,
  });
  const type = wasResolved ? 'incident.reopened' : 'incident.unacknowledged';
  const entry = wasResolved ? 'reopen_log_entry' : 'unacknowledge_log_entry';
  return truly(tell(after, { type, incident: id, agent: by.agent, entry }, by.now), id, 'rang');
}

/** The vendor's own escalation: the next level of the policy rings. */
export function escalated(
  step: Step,
  id: string,
  by: { readonly agent: Agent | null; readonly now: number },
): Step {
  const incident = step.state.incidents[id];
  const walk = incident?.walk ?? null;
  const policy = walk === null ? undefined : step.state.account.policies[walk.policy];
  if (walk === null || policy === undefined) return step;
  const isEnd = walk.level + 1 >= policy.steps.length;
  const to = {
    policy: walk.policy,
    level: isEnd ? 0 : walk.level + 1,
    loop: isEnd ? walk.loop + 1 : walk.loop,
  };
  const after = changed(step, id, {
    walk: { ...to, nextAt: nextAtOf(step.state.account, to, by.now) },
    assignees: usersAt(step.state.account, policy, to.level),
  });
  const told = tell(
    after,
    { type: 'incident.escalated', incident: id, agent: by.agent, entry: 'escalate_log_entry' },
    by.now,
  );
  return truly(told, id, 'rang');
}

/** The sources end as resolved by merge, and their alerts move: https://support.pagerduty.com/main/docs/merge-incidents */
export function merged(
  step: Step,
  into: string,
  by: { readonly sources: readonly string[]; readonly agent: Agent; readonly now: number },
): Step {
  let done = step;
  for (const id of by.sources) {
    const source = done.state.incidents[id];
    const target = done.state.incidents[into];
    if (source === undefined || target === undefined) continue;
    done = resolved(done, id, { agent: by.agent, now: by.now, mergedInto: into });
    done = changed(done, id, { alerts: [] });
    done = changed(done, into, { alerts: [...target.alerts, ...source.alerts] });
  }
  return done;
}
