/** Checks the key, the names and ids, disabled schedules and users, and running maintenance, without ringing anyone. */
import { listOf, memberOf, asText } from '../../src/contract/index.ts';
import type { DoctorPart, Finding, ReadResult } from '../../src/contract/index.ts';
import { pathOf, read } from './api.ts';
import type { OpsgenieIo } from './api.ts';
import { pageAddress, apiUrlOf } from './config.ts';
import type { TargetConfig } from './config.ts';

interface Subject {
  readonly kind: 'team' | 'schedule' | 'escalation' | 'user';
  readonly id: string;
  readonly name: string;
}

const COLLECTIONS = {
  team: 'teams',
  schedule: 'schedules',
  escalation: 'escalations',
  user: 'users',
} as const;

function subjectsOf(
  addresses: readonly unknown[],
  schedules: readonly { id: string; name: string }[],
): readonly Subject[] {
  const subjects = new Map<string, Subject>();
  const add = (subject: Subject): void =>
    void subjects.set(`${subject.kind} ${subject.id}`, subject);
  for (const given of addresses) {
    const { data: address } = pageAddress.safeParse(given);
    if (address?.team !== undefined) add({ kind: 'team', ...address.team });
    if (address?.schedule !== undefined) add({ kind: 'schedule', ...address.schedule });
    if (address?.escalation !== undefined) add({ kind: 'escalation', ...address.escalation });
    if (address?.user !== undefined) add({ kind: 'user', id: address.user, name: address.user });
  }
  for (const { id, name } of schedules) add({ kind: 'schedule', id, name });
  return [...subjects.values()];
}

function problem(what: string, hint: string): Finding {
  return { level: 'problem', what, hint };
}

function warning(what: string, hint: string): Finding {
  return { level: 'warning', what, hint };
}

function unreadable(what: string, answer: Extract<ReadResult<unknown>, { ok: false }>): Finding {
  if (answer.reason === 'forbidden')
    return warning(
      `${what} cannot be checked: the key may not read the configuration`,
      'Give the API integration read and configuration access to have this checked.',
    );
  return warning(
    `${what} cannot be checked: ${answer.detail}`,
    'Run doctor again when Opsgenie answers.',
  );
}

async function checkKey(io: OpsgenieIo): Promise<Finding> {
  const answer = await read(io, '/v2/alerts', { limit: '1' });
  if (answer.ok)
    return { level: 'ok', what: 'the API key is accepted and may read alerts', hint: '' };
  if (answer.reason === 'unauthorized')
    return problem(
      'the API key is refused',
      'Use the key of an enabled API integration and check the region (accounts in the EU: region: eu).',
    );
  if (answer.reason === 'forbidden')
    return problem(
      'the API key may not read alerts',
      'Give the API integration read access: without it a page that no webhook confirms within 60 s rings elsewhere as well, and answers are learnt by webhook alone.',
    );
  if (answer.reason === 'not_found')
    return warning(
      'this host shows no alerts to an integration key (Jira Service Management)',
      'Pages work; set up the webhook, for acknowledgements cannot be read back.',
    );
  return problem(
    `the alerts cannot be read: ${answer.detail}`,
    'Check base_url and the network, then run doctor again.',
  );
}

async function checkSubject(subject: Subject, io: OpsgenieIo): Promise<Finding> {
  const what = `${subject.kind} ${subject.name === subject.id ? subject.id : `${subject.name} (${subject.id})`}`;
  const query = subject.kind === 'user' ? {} : { identifierType: 'id' };
  const answer = await read(io, pathOf('v2', COLLECTIONS[subject.kind], subject.id), query);
  if (!answer.ok && answer.reason === 'not_found')
    return problem(
      `${what} does not exist at Opsgenie`,
      'Compare its id with the address of its page in Opsgenie.',
    );
  if (!answer.ok) return unreadable(what, answer);
  if (memberOf(answer.data, 'enabled') === false)
    return problem(
      `${what} is disabled`,
      'Enable it in Opsgenie, or page somebody else: nobody rings.',
    );
  if (memberOf(answer.data, 'blocked') === true)
    return problem(`${what} is blocked`, 'Unblock the user in Opsgenie, or page somebody else.');
  if (memberOf(answer.data, 'verified') === false)
    return warning(
      `${what} has not verified their account`,
      'Ask them to accept the invitation: until then no phone rings.',
    );
  const name = asText(memberOf(answer.data, 'name'));
  if (subject.kind !== 'user' && name !== null && name !== subject.name)
    return warning(
      `${what} is called ${name} at Opsgenie`,
      `Write name: ${name} if it is still the one you mean.`,
    );
  return { level: 'ok', what: `${what} exists`, hint: '' };
}

async function checkMaintenance(io: OpsgenieIo): Promise<readonly Finding[]> {
  const answer = await read(io, '/v1/maintenance', { type: 'non-expired' });
  if (!answer.ok) return [unreadable('maintenance', answer)];
  return listOf(answer.data)
    .filter((maintenance) => memberOf(maintenance, 'status') === 'active')
    .map((maintenance) => {
      const name =
        asText(memberOf(maintenance, 'description')) ??
        asText(memberOf(maintenance, 'id')) ??
        'without a name';
      return warning(
        `maintenance is running at Opsgenie: ${name}`,
        'Its rules may silence pages; end it or know what it covers.',
      );
    });
}

export const doctor: DoctorPart<TargetConfig> = {
  check: async (subject, io) => {
    const key = await checkKey(io);
    if (key.level === 'problem') return [key];
    const findings: Finding[] = [key];
    for (const one of subjectsOf(subject.addresses, subject.schedules))
      findings.push(await checkSubject(one, io));
    findings.push(...(await checkMaintenance(io)));
    if (apiUrlOf(io.config).includes('opsgenie.com'))
      findings.push(
        warning(
          'Opsgenie ends on 2027-04-05',
          'After migrating to Jira Service Management set base_url: https://api.atlassian.com/jsm/ops/integration.',
        ),
      );
    return findings;
  },
};
