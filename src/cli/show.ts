/** `show`: everything about one incident, for the person who was just woken. */
import type { Command } from 'commander';
import { z } from 'zod';
import { unknownIncident } from '../core/model/unknown-incident.ts';
import type { IncidentView } from '../read/shapes.ts';
import { call } from './api.ts';
import { type Cli, CommandError } from './cli.ts';
import { commandOf, incidentPath, printJson } from './incident-command.ts';
import { readIncident } from './read-arguments.ts';
import { readView, readingOf, type ReadOptions, reads } from './read.ts';
import { showText } from './show-text.ts';

/** @throws CommandError: the database knows no such incident */
export function found<T>(value: T | null, incident: string): T {
  if (value === null) throw new CommandError(unknownIncident(incident).message, '');
  return value;
}

const Whoami = z.looseObject({ owner: z.object({ kind: z.string(), id: z.string() }) });

/** The person whose token it is; null: a machine's, or nobody can tell. Nothing is withheld for it. */
async function readerOf(cli: Cli, options: ReadOptions): Promise<string | null> {
  const answer = await call(cli, options, { method: 'GET', path: '/whoami' }).catch(() => null);
  const read = Whoami.safeParse(answer);
  return read.success && read.data.owner.kind === 'person' ? read.data.owner.id : null;
}

async function show(cli: Cli, incident: string, options: ReadOptions): Promise<void> {
  const view = await readView<IncidentView>(cli, options, {
    path: incidentPath(incident),
    offline: async (opened) => found(await opened.show(incident), incident),
  });
  if (options.json === true) return printJson(cli, view);
  // Who reads it matters only to whose answer is awaited; a database beside it is asked without a server.
  const isAwaited = options.data === undefined && view.pages.some(({ state }) => state === 'open');
  const reader = isAwaited ? await readerOf(cli, options) : null;
  cli.print(showText(view, readingOf(cli), reader));
}

export function addShow(program: Command, cli: Cli): void {
  reads(
    commandOf(program, {
      name: 'show',
      summary: 'Show one incident: what it is, why, who was rung, what is owed next.',
      examples: ['tocsin show 7', 'tocsin show 7 --json'],
    }),
  )
    .argument('<incident>', 'its id: 7 or inc-7', readIncident)
    .action((incident: string, options: ReadOptions) => show(cli, incident, options));
}
