/** Plays a scenario against a running Tocsin and its sandbox, over HTTP only, and tells what happens as it happens. */
import type { Reads } from '../store/store.ts';
import type { Incident } from '../core/model/incident.ts';
import type { SteppedClock } from '../sandbox/clock.ts';
import type { Sandbox } from '../sandbox/server.ts';
import type { TruthEntry } from '../sandbox/truth.ts';
import { joinPage } from './join.ts';
import type { Scenario, Step } from './scenario.ts';

export interface DemoStage {
  readonly url: string;
  readonly adminToken: string;
  readonly sandbox: Sandbox;
  readonly clock: SteppedClock;
  /** Beside the outcome, nothing is read but what a person could ask the API for. */
  readonly reads: Pick<Reads, 'listIncidents' | 'timeline'>;
  /** Header with which each source authenticates, as its sender was told. */
  readonly sourceHeaders: (source: string) => Readonly<Record<string, string>>;
  readonly http: (
    url: string,
    request: { method: string; headers: Record<string, string>; body?: string },
  ) => Promise<{ status: number; text: string }>;
  /** One line of the story. */
  readonly tell: (line: string) => Promise<void>;
}

async function must(
  stage: DemoStage,
  url: string,
  request: { method: string; headers: Record<string, string>; body?: string },
): Promise<unknown> {
  const answer = await stage.http(url, request);
  if (answer.status >= 300)
    throw new Error(`${request.method} ${url} answered ${answer.status}: ${answer.text}`);
  return answer.text === '' ? null : (JSON.parse(answer.text) as unknown);
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** Tokens of the persons who act, made as an administrator would. */
async function tokensFor(
  stage: DemoStage,
  scenario: Scenario,
): Promise<ReadonlyMap<string, string>> {
  const people = new Set(
    scenario.steps.flatMap((step) => step.request?.as ?? step.approve?.as ?? []),
  );
  const tokens = new Map<string, string>();
  for (const person of people) {
    const made = await must(stage, `${stage.url}/api/v1/tokens`, {
      method: 'POST',
      headers: { ...JSON_TYPE, authorization: `Bearer ${stage.adminToken}` },
      body: JSON.stringify({
        owner: { kind: 'person', id: person },
        scopes: ['read', 'act', 'approve'],
      }),
    });
    if (
      typeof made === 'object' &&
      made !== null &&
      'token' in made &&
      typeof made.token === 'string'
    )
      tokens.set(person, made.token);
  }
  return tokens;
}

async function incidentsOf(stage: Pick<DemoStage, 'reads'>): Promise<readonly Incident[]> {
  const rows = await stage.reads.listIncidents({ open: null, limit: 100, before: null });
  return rows.flatMap((row) => row.state ?? []);
}

async function first(stage: DemoStage): Promise<Incident> {
  const oldest = (await incidentsOf(stage)).at(-1);
  if (oldest === undefined) throw new Error('no incident was opened');
  return oldest;
}

async function act(
  stage: DemoStage,
  step: Step,
  tokens: ReadonlyMap<string, string>,
): Promise<void> {
  const as = (person: string): Record<string, string> => ({
    ...JSON_TYPE,
    authorization: `Bearer ${tokens.get(person) ?? ''}`,
  });
  if (step.webhook !== undefined) {
    const { source, body } = step.webhook;
    await must(stage, `${stage.url}/webhooks/${source}`, {
      method: 'POST',
      headers: { ...JSON_TYPE, ...stage.sourceHeaders(source) },
      body: JSON.stringify(body),
    });
  }
  if (step.answer !== undefined) {
    const { by, ...answer } = step.answer;
    await must(stage, `${stage.sandbox.url}/answer`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify(by === undefined ? answer : { ...answer, by }),
    });
  }
  if (step.fault !== undefined)
    await must(stage, `${stage.sandbox.url}/faults`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify(step.fault),
    });
  if (step.request !== undefined) {
    const incident = await first(stage);
    await must(stage, `${stage.url}/api/v1/incidents/${incident.id}/${step.request.path}`, {
      method: 'POST',
      headers: as(step.request.as),
      body: JSON.stringify(step.request.body),
    });
  }
  if (step.approve !== undefined) {
    const incident = await first(stage);
    for (const draft of Object.values(incident.drafts).filter((one) => one.state === 'waiting'))
      await must(stage, `${stage.url}/api/v1/incidents/${incident.id}/posts/${draft.id}/approve`, {
        method: 'POST',
        headers: as(step.approve.as),
        body: '{}',
      });
  }
}

const MARKS = {
  rang: 'PHONE RINGS ',
  repeated: 'phone silent',
  noted: 'note beside ',
  acknowledged: 'answered    ',
  resolved: 'phone quiet ',
} as const;

function lineOf(entry: TruthEntry, incidents: readonly Incident[]): string | null {
  const time = entry.time.slice(11, 19);
  if (entry.kind === 'post') {
    const components = Object.entries(entry.components).map(([name, state]) => `${name}: ${state}`);
    return `  ${time}  STATUS PAGE   ${entry.status.toUpperCase()}: ${entry.body}${components.length === 0 ? '' : ` [${components.join(', ')}]`}`;
  }
  if (entry.kind === 'page') {
    const joined = joinPage(entry, incidents);
    const who = joined.person ?? entry.address;
    return `  ${time}  ${MARKS[entry.event]}  ${who} as ${joined.role ?? 'on call'} (${entry.vendor} ${entry.address}, ${entry.urgency} urgency)`;
  }
  return entry.event === 'pinned' || entry.event === 'topic_set'
    ? null
    : `  ${time}  ${entry.event.padEnd(12, ' ')}  ${entry.channel}: ${entry.text.split('\n')[0]?.slice(0, 160) ?? ''}`;
}

/** Plays the whole scenario; afterwards everything the vendors and we remember can be read. */
export async function play(stage: DemoStage, scenario: Scenario): Promise<void> {
  const { clock, sandbox } = stage;
  const start = clock.now();
  const heard: TruthEntry[] = [];
  const stop = sandbox.watch((entry) => void heard.push(entry));
  const report = async (): Promise<void> => {
    const incidents = await incidentsOf(stage);
    for (const entry of heard.splice(0)) {
      const line = lineOf(entry, incidents);
      if (line !== null) await stage.tell(line);
    }
  };
  const tokens = await tokensFor(stage, scenario);
  for (const step of scenario.steps) {
    await clock.advanceTo(start + step.at);
    await report();
    if (step.say !== undefined) await stage.tell(`\n${step.say}`);
    await act(stage, step, tokens);
    await clock.settle();
    await report();
  }
  await clock.advanceBy(2_000);
  await report();
  stop();
}
