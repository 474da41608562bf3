/** Responder requests of PagerDuty's stand-in: https://support.pagerduty.com/main/docs/add-responders */
import { isoOf } from '../../src/contract/index.ts';
import { usersAt } from './stand-in-account.ts';
import { changed, referenceTo, tell, trulyAt } from './stand-in-state.ts';
import type { Responder, State, Step } from './stand-in-state.ts';

export interface Asking {
  readonly requester: string;
  readonly message: string;
  readonly targets: readonly { readonly id: string; readonly type: string }[];
}

/** `incidents_responders` of REST answers. */
export function responderJson(state: State, id: string, one: Responder): object {
  return {
    state: one.state,
    user: referenceTo(state, 'user', one.user),
    incident: referenceTo(state, 'incident', id),
    updated_at: isoOf(one.at),
    message: one.message,
    requester: referenceTo(state, 'user', one.requester),
    requested_at: isoOf(one.at),
  };
}

/** `data` of responder events: another object than the incident, which it only refers to. */
function webhookData(state: State, id: string, one: Responder): object {
  return {
    type: 'incident_responder',
    incident: referenceTo(state, 'incident', id),
    user: referenceTo(state, 'user', one.user),
    escalation_policy: one.target.type.startsWith('escalation_policy')
      ? referenceTo(state, 'escalation_policy', one.target.id)
      : null,
    message: one.message,
    state: one.state,
  };
}

function usersOf(state: State, target: Responder['target']): readonly string[] {
  const policy = state.account.policies[target.id];
  return policy === undefined ? [target.id] : usersAt(state.account, policy, 0);
}

/** Rings each target that was not asked before. */
export function asked(
  step: Step,
  id: string,
  { asking, now }: { readonly asking: Asking; readonly now: number },
): Step {
  let done = step;
  for (const target of asking.targets) {
    const incident = done.state.incidents[id];
    if (incident === undefined) continue;
    const { requester, message } = asking;
    const responders = usersOf(done.state, target).map((user): Responder => ({
      target,
      user,
      state: 'pending',
      requester,
      message,
      at: now,
    }));
    done = changed(done, id, { responders: [...incident.responders, ...responders] });
    for (const one of responders) {
      const data = webhookData(done.state, id, one);
      const agent = { id: requester, type: 'user' };
      done = tell(done, { type: 'incident.responder.added', incident: id, agent, data }, now);
    }
    done = trulyAt(done, target.id, { id, event: 'rang' });
  }
  return done;
}

/** A person accepts on the phone. */
export function accepted(
  step: Step,
  id: string,
  by: { readonly target: string; readonly user: string | null; readonly now: number },
): Step {
  const incident = step.state.incidents[id];
  const pending = incident?.responders.find(
    (one) => one.target.id === by.target && one.state === 'pending',
  );
  if (incident === undefined || pending === undefined) return step;
  const user = by.user ?? pending.user;
  const answer: Responder = { ...pending, user, state: 'accepted', at: by.now };
  const after = changed(step, id, {
    responders: incident.responders.map((one) => (one === pending ? answer : one)),
  });
  const data = webhookData(after.state, id, answer);
  const agent = { id: user, type: 'user' };
  const told = tell(
    after,
    { type: 'incident.responder.replied', incident: id, agent, data },
    by.now,
  );
  return trulyAt(told, by.target, { id, event: 'acknowledged' });
}

/** Takes the requests to these targets back. */
export function cancelled(
  step: Step,
  id: string,
  by: { readonly targets: readonly string[]; readonly now: number },
): Step {
  let done = step;
  for (const target of by.targets) {
    const responders = done.state.incidents[id]?.responders ?? [];
    const isMeant = (one: Responder): boolean =>
      one.target.id === target && one.state === 'pending';
    if (!responders.some(isMeant)) continue;
    const after = responders.map((one): Responder =>
      isMeant(one) ? { ...one, state: 'user_cancelled', at: by.now } : one,
    );
    done = trulyAt(changed(done, id, { responders: after }), target, { id, event: 'resolved' });
  }
  return done;
}
