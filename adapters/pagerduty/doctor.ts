/** Looks at the account as the configuration uses it: token, user, services, users, policies, schedules. Pages nobody. */
import { z } from 'zod';
import { equalsText } from '../../src/contract/index.ts';
import type { DoctorPart, Finding, Io, ReadResult, Reason } from '../../src/contract/index.ts';
import { PAGES_MAX, read, readList } from './api.ts';
import { ringsBy } from './config.ts';
import { proveKey } from './events.ts';
import type { Config, Named, RingsBy } from './config.ts';
import { lacksOf } from './lacks.ts';

const loose = z.string().nullish().catch(null);

const userSchema = z.object({
  id: z.string(),
  name: loose,
  email: loose,
  contact_methods: z
    .array(z.object({ type: loose }))
    .nullish()
    .catch(null),
});

const serviceSchema = z.object({
  id: z.string(),
  name: loose,
  summary: loose,
  status: loose,
  integrations: z.array(z.object({ integration_key: loose })).catch([]),
  incident_urgency_rule: z.object({ type: loose, urgency: loose }).nullish().catch(null),
});

const plainSchema = z.object({ id: z.string(), name: loose, summary: loose });

function problem(what: string, hint: string): Finding {
  return { level: 'problem', what, hint };
}

function warning(what: string, hint: string): Finding {
  return { level: 'warning', what, hint };
}

function fine(what: string): Finding {
  return { level: 'ok', what, hint: '' };
}

function unanswered(what: string, result: Extract<ReadResult<never>, { ok: false }>): Finding {
  if (result.reason === 'not_found')
    return problem(
      `${what} does not exist at PagerDuty`,
      'Compare the id with its web address at PagerDuty.',
    );
  if (result.reason === 'unauthorized')
    return problem(
      `${what}: ${result.detail}`,
      'PagerDuty refused the token: create a REST API key and put it into this target.',
    );
  if (result.reason === 'network' || result.reason === 'timeout')
    return problem(
      `${what} could not be read: ${result.detail}`,
      'PagerDuty cannot be reached from here: no page would leave. Check base_url, DNS and the firewall.',
    );
  if (result.reason === 'server_error')
    return problem(
      `${what} could not be read: ${result.detail}`,
      'PagerDuty does not answer as it should: no page would be taken now. Look at its status page, and run doctor again.',
    );
  return warning(
    `${what} could not be read: ${result.detail}`,
    'Run doctor again; if it persists, check what the token may read.',
  );
}

function nameFinding(what: string, configured: Named, actual: string | null | undefined): Finding {
  if (actual == null || actual === configured.name) return fine(`${what} exists`);
  return warning(
    `${what} is called "${actual}" at PagerDuty`,
    `The id ${configured.id} counts: if it is the right one, write its new name into the configuration.`,
  );
}

/** Distinct by id. */
function distinct<T extends { readonly id: string }>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((one) => [one.id, one])).values()];
}

interface Callees {
  readonly users: readonly Named[];
  readonly policies: readonly Named[];
  readonly services: readonly Named[];
  readonly hasResponders: boolean;
}

function calleesOf(rings: readonly RingsBy[], config: Config): Callees {
  const responders = rings.flatMap((ring) => (ring.by === 'responder' ? [ring.responder] : []));
  return {
    users: distinct([
      ...rings.flatMap((ring) => (ring.by === 'user' ? [ring.user] : [])),
      ...responders.filter((one) => one.type === 'user'),
    ]),
    policies: distinct([
      ...rings.flatMap((ring) => (ring.by === 'policy' ? [ring.policy] : [])),
      ...responders.filter((one) => one.type === 'escalation_policy'),
    ]),
    services: distinct([
      ...rings.flatMap((ring) => ring.service ?? []),
      ...(config.people_service === undefined ? [] : [config.people_service]),
    ]),
    hasResponders: responders.length > 0,
  };
}

/** What the configuration alone shows. */
function configured(rings: readonly RingsBy[], config: Config): readonly Finding[] {
  const findings: Finding[] = [];
  if (config.token === undefined)
    findings.push(
      warning(
        'this target has no token: pages cannot be read back, and webhooks about them may not be recognised',
        'Give it `token_file` and `from`.',
      ),
    );
  const lacking = rings.flatMap((ring) => lacksOf(ring, config));
  for (const lack of new Set(lacking)) {
    const count = lacking.filter((one) => one === lack).length;
    const addresses = count === 1 ? 'one address cannot' : `${count} addresses cannot`;
    findings.push(problem(`${addresses} be rung: ${lack.what}`, lack.instead));
  }
  return findings;
}

async function checkFrom(callees: Callees, io: Io<Config>): Promise<readonly Finding[]> {
  const { from, requester } = io.config;
  if (from === undefined) return [];
  const schema = z.object({ users: z.array(userSchema) });
  const found = await read(io, { method: 'GET', path: '/users', query: [['query', from]] }, schema);
  if (!found.ok) return [unanswered(`user ${from}`, found)];
  const user = found.data.users.find((one) => one.email?.toLowerCase() === from.toLowerCase());
  if (user === undefined)
    return [
      problem(
        `\`from\`: no PagerDuty user has the e-mail ${from}`,
        'PagerDuty refuses every page by REST: name the e-mail of an existing user.',
      ),
    ];
  const findings = [fine(`\`from\` is ${user.name ?? user.id}`)];
  if (callees.users.some((one) => one.id === user.id))
    findings.push(
      problem(
        `${user.name ?? user.id} is rung by this target and is also its \`from\``,
        'PagerDuty does not notify a user of an incident it assigns to itself: give Tocsin a PagerDuty user of its own.',
      ),
    );
  if (requester === undefined)
    findings.push(
      warning(
        "Tocsin's own acknowledgements cannot be told from those of people",
        `PagerDuty's webhooks name users by id: give the target \`requester: {name: ${user.name ?? 'Tocsin'}, id: ${user.id}}\`.`,
      ),
    );
  else if (requester.id !== user.id)
    findings.push(
      problem(
        `\`requester\` ${requester.id} is not the user of \`from\` (${user.id})`,
        'Name the same user in both, or the requester is rung with every responder.',
      ),
    );
  return findings;
}

function urgencyFinding(
  what: string,
  rule: z.infer<typeof serviceSchema>['incident_urgency_rule'],
): readonly Finding[] {
  if (rule?.type !== 'constant' || rule.urgency === 'severity_based') return [];
  return [
    warning(
      `${what} rings with ${rule.urgency ?? 'one'} urgency whatever the severity`,
      'In its settings choose "Dynamic notifications based on alert severity", so that low-urgency pages stay low.',
    ),
  ];
}

const STATES: Readonly<Record<string, (what: string) => Finding>> = {
  disabled: (what) =>
    problem(
      `${what} is disabled: it rings nobody`,
      'Enable it at PagerDuty, or page another service.',
    ),
  maintenance: (what) =>
    warning(
      `${what} is in maintenance: it rings nobody now`,
      'End its maintenance window at PagerDuty if it is over.',
    ),
};

async function checkService(
  service: Named,
  keys: readonly string[],
  io: Io<Config>,
): Promise<readonly Finding[]> {
  const what = `service ${service.name}`;
  const schema = z.object({ service: serviceSchema });
  const path = `/services/${encodeURIComponent(service.id)}`;
  const found = await read(
    io,
    { method: 'GET', path, query: [['include[]', 'integrations']] },
    schema,
  );
  if (!found.ok) return [unanswered(what, found)];
  const actual = found.data.service;
  const findings = [nameFinding(what, service, actual.name ?? actual.summary)];
  const state = Object.hasOwn(STATES, actual.status ?? '')
    ? STATES[actual.status ?? '']
    : undefined;
  if (state !== undefined) findings.push(state(what));
  const known = actual.integrations.flatMap((one) => one.integration_key ?? []);
  const isForeign = (key: string): boolean => !known.some((one) => equalsText(one, key));
  // Keys that start with R belong to an event orchestration, which picks the service by its own rules.
  if (known.length > 0 && keys.some((key) => !key.startsWith('R') && isForeign(key)))
    findings.push(
      problem(
        `the integration key of ${what} is not one of its integrations`,
        'Copy the key from its "Events API v2" integration: this page may ring other people.',
      ),
    );
  if (keys.length > 0) findings.push(...urgencyFinding(what, actual.incident_urgency_rule));
  return findings;
}

/** https://developer.pagerduty.com/api-reference (contact methods): a phone, a text message or a push rings; a mail does not. */
const LOUD = [
  'phone_contact_method',
  'sms_contact_method',
  'push_notification_contact_method',
  'whats_app_contact_method',
];

async function checkUser(user: Named, io: Io<Config>): Promise<readonly Finding[]> {
  const what = `user ${user.name}`;
  const schema = z.object({ user: userSchema });
  const path = `/users/${encodeURIComponent(user.id)}`;
  const found = await read(
    io,
    { method: 'GET', path, query: [['include[]', 'contact_methods']] },
    schema,
  );
  if (!found.ok) return [unanswered(what, found)];
  const findings = [nameFinding(what, user, found.data.user.name)];
  const methods = found.data.user.contact_methods?.map((one) =>
    (one.type ?? '').replace(/_reference$/, ''),
  );
  if (methods !== undefined && !methods.some((method) => LOUD.includes(method)))
    findings.push(
      warning(
        `${what} has no phone, text message or push at PagerDuty`,
        'Only mail would arrive: let them add a contact method and a notification rule.',
      ),
    );
  return findings;
}

async function checkPlain(
  thing: Named,
  place: { readonly what: string; readonly folder: string; readonly key: string },
  io: Io<Config>,
): Promise<Finding> {
  const what = `${place.what} ${thing.name}`;
  const schema = z.record(z.string(), z.unknown());
  const found = await read(
    io,
    { method: 'GET', path: `/${place.folder}/${encodeURIComponent(thing.id)}` },
    schema,
  );
  if (!found.ok) return unanswered(what, found);
  const parsed = plainSchema.safeParse(found.data[place.key]);
  return nameFinding(
    what,
    thing,
    parsed.success ? (parsed.data.name ?? parsed.data.summary) : null,
  );
}

/** Each integration key is asked by itself: events have a host and credentials of their own. */
async function checkKeys(rings: readonly RingsBy[], io: Io<Config>): Promise<readonly Finding[]> {
  const services = new Map(
    rings.flatMap((ring) => (ring.by === 'events' ? [[ring.key, ring.service] as const] : [])),
  );
  const findings: Finding[] = [];
  for (const [key, service] of services) {
    const outcome = await proveKey(key, io);
    const what = `the integration key of service ${service.name}`;
    if (outcome.verb === 'delivered') findings.push(fine(`${what} is taken`));
    else if (outcome.verb === 'reject')
      findings.push(problem(`${what} is refused: ${outcome.detail}`, outcome.hint));
    else if (outcome.reason === 'rate_limited')
      findings.push(warning(`${what} could not be tried: ${outcome.detail}`, 'Run doctor again.'));
    else
      findings.push(
        problem(
          `${what} could not be tried: ${outcome.detail}`,
          'Events do not reach PagerDuty from here: no page by this key would leave. Check base_url, DNS and the firewall.',
        ),
      );
    // Where one key reaches nothing, none does.
    if (outcome.verb === 'retry' && outcome.reason !== 'rate_limited') break;
  }
  return findings;
}

async function checkPriorities(io: Io<Config>): Promise<readonly Finding[]> {
  const configuredOnes = Object.entries(io.config.priorities);
  if (configuredOnes.length === 0) return [];
  const listed = await readList(io, {
    path: '/priorities',
    query: [],
    list: 'priorities',
    pagesMax: PAGES_MAX,
  });
  if (!listed.ok) return [unanswered('the list of priorities', listed)];
  const known = listed.data.items.flatMap((item) => plainSchema.safeParse(item).data ?? []);
  return configuredOnes.map(([level, priority]) => {
    const what = `priority ${priority.name} of level ${level}`;
    const found = known.find((one) => one.id === priority.id);
    if (found === undefined)
      return problem(
        `${what} does not exist at PagerDuty`,
        `It has: ${known.map((one) => `${one.name ?? one.summary ?? '?'} (${one.id})`).join(', ') || 'none'}.`,
      );
    return nameFinding(what, priority, found.name ?? found.summary);
  });
}

/** Refusals after which every further question would only repeat the finding. */
const HOPELESS: readonly Reason[] = [
  'unauthorized',
  'timeout',
  'network',
  'server_error',
  'forbidden_address',
];

interface FirstLook {
  readonly findings: readonly Finding[];
  readonly goesOn: boolean;
}

async function checkToken(callees: Callees, io: Io<Config>): Promise<FirstLook> {
  const schema = z.object({ abilities: z.array(z.string()) });
  const found = await read(io, { method: 'GET', path: '/abilities' }, schema);
  if (!found.ok)
    return { findings: [unanswered('the token', found)], goesOn: !HOPELESS.includes(found.reason) };
  const findings = [fine('the token is valid')];
  if (callees.hasResponders && !found.data.abilities.includes('coordinated_responding'))
    findings.push(
      problem(
        'the account cannot request responders',
        'Its plan lacks coordinated responding: address these people by `user` instead.',
      ),
    );
  return { findings, goesOn: true };
}

const POLICY = {
  what: 'escalation policy',
  folder: 'escalation_policies',
  key: 'escalation_policy',
};
const SCHEDULE = { what: 'schedule', folder: 'schedules', key: 'schedule' };

async function checkAccount(
  subject: Parameters<DoctorPart<Config>['check']>[0],
  rings: readonly RingsBy[],
  io: Io<Config>,
): Promise<readonly Finding[]> {
  const callees = calleesOf(rings, io.config);
  const token = await checkToken(callees, io);
  const findings = [...token.findings];
  if (!token.goesOn) return findings;
  findings.push(...(await checkFrom(callees, io)));
  for (const service of callees.services) {
    const keys = rings.flatMap((ring) =>
      ring.by === 'events' && ring.service.id === service.id ? [ring.key] : [],
    );
    findings.push(...(await checkService(service, keys, io)));
  }
  for (const user of callees.users) findings.push(...(await checkUser(user, io)));
  for (const policy of callees.policies) findings.push(await checkPlain(policy, POLICY, io));
  for (const schedule of subject.schedules) findings.push(await checkPlain(schedule, SCHEDULE, io));
  findings.push(...(await checkPriorities(io)));
  return findings;
}

export const doctor: DoctorPart<Config> = {
  async check(subject, io) {
    const rings = subject.addresses.map(ringsBy).filter((ring) => ring !== null);
    const hasToken = io.config.token !== undefined;
    return [
      ...configured(rings, io.config),
      ...(hasToken ? await checkAccount(subject, rings, io) : []),
      ...(await checkKeys(rings, io)),
    ];
  },
};
