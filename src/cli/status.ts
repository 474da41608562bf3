/** `status`: how the server is, on one screen. Ends with 1 where something wants a look. */
import type { Command } from 'commander';
import { z } from 'zod';
import { call, type ServerOptions, speaksToServer } from './api.ts';
import type { Cli } from './cli.ts';
import { commandOf, printJson } from './incident-command.ts';
import { harmless } from '../core/model/plain.ts';
import { roughly, wrap } from './words.ts';
import { countOf } from '../lib/count.ts';

const instant = z.number();

/** What of the server's health is printed. */
const Health = z.looseObject({
  version: z.string(),
  startedAt: instant,
  mode: z.string(),
  store: z.looseObject({ condition: z.string(), problem: z.string().nullable() }),
  undecided: z.number(),
  oldestDueMs: z.number(),
  oldestTurnMs: z.number(),
  openIncidents: z.number(),
  clockAheadMs: z.number(),
  pauses: z.record(
    z.string(),
    z.looseObject({ until: instant, by: z.string(), why: z.string() }).optional(),
  ),
  unreachable: z.array(z.looseObject({ incident: z.string(), since: instant })),
  missing: z.array(z.looseObject({ incident: z.string(), what: z.string() })),
  targets: z.array(
    z.looseObject({
      name: z.string(),
      mode: z.string(),
      provedAt: instant.nullable(),
      failingSince: instant.nullable(),
      problems: z.array(z.string()),
    }),
  ),
  jobs: z.array(
    z.looseObject({
      name: z.string(),
      nextAt: instant.nullable(),
      isRunning: z.boolean(),
      succeededAt: instant.nullable(),
      failures: z.number(),
      lastRun: z.looseObject({ said: z.string().nullable() }).nullable(),
    }),
  ),
});
type Health = z.output<typeof Health>;

interface Line {
  readonly text: string;
  readonly isBad: boolean;
}

const LATE_MS = 60_000;
const NAME_WIDTH = 11;

function line(name: string, text: string, isBad = false): Line {
  return { text: `${name.padEnd(NAME_WIDTH)}${text}`, isBad };
}

function agoOf(at: number | null, now: number): string {
  return at === null ? 'never' : `${roughly(Math.max(0, now - at))} ago`;
}

function workOf(health: Health): readonly Line[] {
  const { store, undecided, oldestDueMs, oldestTurnMs, clockAheadMs } = health;
  const isReady = store.condition === 'ok' && oldestTurnMs < LATE_MS;
  const waits = undecided === 0 ? 'nothing waits' : `${undecided} deliveries wait`;
  const late = oldestDueMs === 0 ? 'nothing is late' : `the oldest is ${roughly(oldestDueMs)} late`;
  return [
    line(
      'Ready',
      isReady ? 'yes' : `NO: ${store.problem ?? 'what is due is not decided'}`,
      !isReady,
    ),
    line('Backlog', `${waits}, ${late}`, oldestDueMs >= LATE_MS),
    line('Incidents', `${countOf(health.openIncidents, 'open one', 'open ones')}`),
    ...health.unreachable.map(({ incident }) =>
      line('', `NO PAGER TAKES A PAGE of ${incident}: tocsin show ${incident}`, true),
    ),
    ...health.missing.map(({ incident, what }) =>
      line('', `MISSING in ${incident}: ${what}`, true),
    ),
    clockAheadMs === 0
      ? line('Clock', 'as the machine’s')
      : line('Clock', `AHEAD of the machine’s by ${roughly(clockAheadMs)}: it was set back`, true),
  ];
}

function pausesOf({ pauses }: Health, now: number): readonly Line[] {
  const lines = Object.entries(pauses).flatMap(([what, pause]) =>
    pause === undefined
      ? []
      : [
          line(
            '',
            `${what.toUpperCase()} for ${roughly(pause.until - now)} more, by ${pause.by}: ${pause.why}`,
          ),
        ],
  );
  return [line('Pauses', lines.length === 0 ? 'none' : ''), ...lines];
}

function targetsOf({ targets }: Health, now: number): readonly Line[] {
  const lines = targets.flatMap(({ name, mode, provedAt, failingSince, problems }) => {
    if (mode === 'off') return [line('', `${name} (off)`)];
    const proved = `proved ${agoOf(provedAt, now)}`;
    if (failingSince === null) return [line('', `${name} (${mode}): ${proved}`)];
    const since = `WOULD NOT WORK, for ${roughly(now - failingSince)}; ${proved}`;
    const isBad = mode !== 'shadow';
    return [
      line('', `${name} (${mode}): ${since}`, isBad),
      ...problems.map((one) => line('', `  ${one}`)),
    ];
  });
  return [line('Targets', lines.length === 0 ? 'none' : ''), ...lines];
}

function jobsOf({ jobs }: Health, now: number): readonly Line[] {
  const lines = jobs.map(({ name, nextAt, isRunning, succeededAt, failures, lastRun }) => {
    const next =
      nextAt === null ? 'not configured' : `next in ${roughly(Math.max(0, nextAt - now))}`;
    const state = isRunning ? 'running' : next;
    const isBad = failures > 0 && !isRunning;
    const failed = isBad
      ? `; FAILED ${countOf(failures, 'time')}: ${lastRun?.said ?? 'its process ended in it'}`
      : '';
    return line('', `${name}: ${state}, done ${agoOf(succeededAt, now)}${failed}`, isBad);
  });
  return [line('Jobs', lines.length === 0 ? 'none' : ''), ...lines];
}

async function status(cli: Cli, options: ServerOptions): Promise<void> {
  const answer = await call(cli, options, { method: 'GET', path: '/health' });
  const health = Health.parse(answer);
  const now = cli.backends.now() + health.clockAheadMs;
  const up = roughly(Math.max(0, now - health.startedAt));
  const lines = [
    line('Tocsin', `${health.version}, ${health.mode}, up for ${up}`),
    ...workOf(health),
    ...pausesOf(health, now),
    ...targetsOf(health, now),
    ...jobsOf(health, now),
  ];
  if (lines.some(({ isBad }) => isBad)) cli.end(1);
  if (options.json === true) return printJson(cli, answer);
  for (const { text } of lines)
    cli.print(
      wrap(harmless(text.slice(NAME_WIDTH)), {
        first: text.slice(0, NAME_WIDTH),
        rest: ' '.repeat(NAME_WIDTH + 2),
      }),
    );
}

export function addStatus(program: Command, cli: Cli): void {
  speaksToServer(
    commandOf(program, {
      name: 'status',
      summary: 'Show on one screen how the server is: backlog, pauses, targets, jobs, clock.',
      examples: ['tocsin status'],
    }),
  ).action((options: ServerOptions) => status(cli, options));
}
