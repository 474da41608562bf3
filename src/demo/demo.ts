/** One whole incident, told while it happens: a fresh Tocsin against the vendors' stand-ins, on a stepped clock. */
import { instantOf } from '../contract/instant.ts';
import type { SteppedClock } from '../sandbox/clock.ts';
import type { Sandbox } from '../sandbox/server.ts';
import type { Reads } from '../store/store.ts';
import { demoDocument, type DemoDocument } from './document.ts';
import { play, type DemoStage } from './play.ts';
import { readScenario, type Scenario } from './scenario.ts';

/** A running Tocsin that nobody else uses. */
export interface DemoApp {
  readonly url: string;
  readonly sandbox: Sandbox | null;
  readonly firstToken: string | null;
  readonly reads: Pick<Reads, 'listIncidents' | 'timeline'>;
  readonly loaded: {
    readonly generatedSecrets: readonly { readonly path: string; readonly value: string }[];
  };
  stop(): Promise<void>;
}

export interface DemoOptions {
  /** One JSON document at the end instead of the story. */
  readonly json: boolean;
  /** The scenario's file, as text. */
  readonly scenario: string;
  /** A stepped clock that begins at the instant, epoch milliseconds. */
  readonly clockAt: (start: number) => SteppedClock;
  /** Starts Tocsin on fresh data, with a sandbox. */
  readonly start: (clock: SteppedClock) => Promise<DemoApp>;
  readonly out: (text: string) => void;
  /** Real time between two lines of the story. */
  readonly pause: () => Promise<void>;
  readonly http: DemoStage['http'];
}

async function documentOf(app: DemoApp, sandbox: Sandbox): Promise<DemoDocument> {
  const rows = await app.reads.listIncidents({ open: null, limit: 100, before: null });
  const chains = await Promise.all(rows.map((row) => app.reads.timeline(row.id)));
  return demoDocument(
    sandbox.truth(),
    rows.flatMap((row) => row.state ?? []),
    chains.flat().map((link) => link.event),
  );
}

function closingLine({ pages, posts, severities, timeline }: DemoDocument): string {
  const rings = pages.filter((page) => page.event === 'rang').length;
  return `\n${rings} rings, ${posts.length} public posts, ${severities.length} severities, ${timeline.length} lines of timeline. The same as JSON: npm run demo -- --json\n`;
}

async function tellAll(
  app: DemoApp,
  { clock, scenario, options }: { clock: SteppedClock; scenario: Scenario; options: DemoOptions },
): Promise<void> {
  const { json, out, pause, http } = options;
  const { sandbox, firstToken } = app;
  if (sandbox === null || firstToken === null)
    throw new Error('the demo runs on a fresh sandbox only');
  const tell = async (line: string): Promise<void> => {
    if (json) return;
    out(`${line}\n`);
    await pause();
  };
  const sourceHeaders = (source: string): Readonly<Record<string, string>> => {
    const { generatedSecrets } = app.loaded;
    const secret = generatedSecrets.find(({ path }) => path.startsWith(`sources.${source}.`));
    return { authorization: `Bearer ${secret?.value ?? ''}` };
  };
  await tell(
    `Tocsin plays one incident against local stand-ins of the vendors. Time is stepped; every request is real HTTP.\nWatch it on ${sandbox.url}/ while it runs.`,
  );
  const { url, reads } = app;
  await play(
    { url, adminToken: firstToken, sandbox, clock, reads, sourceHeaders, http, tell },
    scenario,
  );
  const document = await documentOf(app, sandbox);
  out(json ? `${JSON.stringify(document, null, 2)}\n` : closingLine(document));
}

/** Plays the scenario from its beginning to its end, and stops what it started. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const scenario = readScenario(options.scenario);
  const clock = options.clockAt(instantOf(scenario.starts) ?? 0);
  const app = await options.start(clock);
  try {
    await tellAll(app, { clock, scenario, options });
  } finally {
    await app.stop();
  }
}
