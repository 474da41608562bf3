/** How a rehearsal changes the stand-in's account, as an administrator would by REST. */
import { instantOf, isoOf, listOf, memberOf, asText } from '../../src/contract/index.ts';
import { answered, invalid, notFound } from './stand-in-answer.ts';
import type { Answered, Write } from './stand-in-answer.ts';
import { policyJson, serviceJson } from './stand-in-read.ts';
import { at } from './stand-in-state.ts';

/** PUT /services/{id}: only what a rehearsal needs, the service's status. */
export function updateService(write: Write): Answered {
  const { state, id, now } = write;
  const service = state.account.services[id];
  if (service === undefined) return notFound(state);
  const status = memberOf(memberOf(write.body, 'service'), 'status');
  const next = {
    ...service,
    isDisabled: status === undefined ? service.isDisabled : status === 'disabled',
  };
  const account = { ...state.account, services: { ...state.account.services, [id]: next } };
  const after = { ...state, account };
  return answered(at(after), 200, { service: serviceJson(after, next, now) });
}

/** PUT /escalation_policies/{id}: how a rehearsal gives a policy several levels. */
export function updatePolicy(write: Write): Answered {
  const { state, id } = write;
  const policy = state.account.policies[id];
  if (policy === undefined) return notFound(state);
  const given = memberOf(write.body, 'escalation_policy');
  const rules = listOf(memberOf(given, 'escalation_rules'));
  const steps = rules.flatMap((rule) => {
    const minutes = memberOf(rule, 'escalation_delay_in_minutes');
    const targets = listOf(memberOf(rule, 'targets')).flatMap((one) => {
      const target = {
        id: asText(memberOf(one, 'id')) ?? '',
        type: asText(memberOf(one, 'type')) ?? '',
      };
      const isKnown = state.account.users[target.id] ?? state.account.schedules[target.id];
      return isKnown === undefined ? [] : [target];
    });
    return typeof minutes !== 'number' || minutes < 1 || targets.length === 0
      ? []
      : [{ delayMs: minutes * 60_000, targets }];
  });
  if (steps.length === 0 || steps.length !== rules.length)
    return invalid(state, 'Escalation rules are invalid');
  const loops = memberOf(given, 'num_loops');
  const next = { ...policy, steps, loops: typeof loops === 'number' ? loops : 0 };
  const account = { ...state.account, policies: { ...state.account.policies, [id]: next } };
  const after = { ...state, account };
  return answered(at(after), 200, { escalation_policy: policyJson(after, id) });
}

/** POST /maintenance_windows */
export function createMaintenance(write: Write): Answered {
  const { state } = write;
  const given = memberOf(write.body, 'maintenance_window');
  const from = instantOf(memberOf(given, 'start_time'));
  const to = instantOf(memberOf(given, 'end_time'));
  const services = listOf(memberOf(given, 'services')).flatMap(
    (one) => asText(memberOf(one, 'id')) ?? [],
  );
  if (from === null || to === null || to <= from || services.length === 0)
    return invalid(state, 'A maintenance window needs start_time, end_time and services');
  const window = { id: `PMW${state.next}`, services, from, to };
  const account = { ...state.account, maintenance: [...state.account.maintenance, window] };
  const after = { ...state, account, next: state.next + 1 };
  return answered(at(after), 201, {
    maintenance_window: {
      id: window.id,
      type: 'maintenance_window',
      start_time: isoOf(from),
      end_time: isoOf(to),
    },
  });
}
