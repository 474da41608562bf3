/** `pause`: holds something for a while, with an author, a reason and an end. */
import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import type { Pausable } from '../core/model/lookups.ts';
import { formatDuration } from '../lib/duration.ts';
import { type ServerOptions, speaksToServer } from './api.ts';
import type { Cli } from './cli.ts';
import { act, commandOf } from './incident-command.ts';
import { readDuration } from './read-arguments.ts';

const HELD: Readonly<Record<Pausable, string>> = {
  public: 'No public post is sent',
  paging: 'NOBODY IS RUNG',
  automation: 'No trigger raises a level and nothing is declared or resolved by itself',
};

const PAUSED = Object.keys(HELD) as readonly Pausable[];

export function readPausable(text: string): Pausable {
  const what = PAUSED.find((one) => one === text.toLowerCase());
  if (what !== undefined) return what;
  throw new InvalidArgumentError(`There are ${PAUSED.join(', ')}.`);
}

function readWhy(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('Say why in a few words: others read it.');
}

interface PauseOptions extends ServerOptions {
  readonly why: string;
  readonly shorten?: boolean;
}

const Paused = z.looseObject({ remark: z.string().nullable().default(null) });

/** What gave way to the pause, as the server says it. */
function remarkOf(answer: unknown): string {
  const { data } = Paused.safeParse(answer);
  return data?.remark == null ? '' : ` ${data.remark}`;
}

export function addPause(program: Command, cli: Cli): void {
  speaksToServer(
    commandOf(program, {
      name: 'pause',
      summary: 'Hold public posts, paging or automation for a while; it ends by itself.',
      examples: [
        'tocsin pause public 30m --why "lawyers read every word now"',
        'tocsin pause public 5m --shorten --why "they have read it"',
      ],
    }),
  )
    .argument('<what>', PAUSED.join(', '), readPausable)
    .argument('<for>', 'how long, 7d at most: 30m, 2h', readDuration)
    .requiredOption('--why <reason>', 'why; others are told', readWhy)
    .option('--shorten', 'end a pause earlier that is open for longer')
    .action((what: Pausable, forMs: number, options: PauseOptions) =>
      act(cli, options, {
        method: 'POST',
        path: '/pauses',
        body: {
          what,
          for: formatDuration(forMs),
          why: options.why,
          ...(options.shorten === true ? { shorten: true } : {}),
        },
        say: (answer) => ({
          what: `${HELD[what]} for ${formatDuration(forMs)}; what is held leaves at the end.${remarkOf(answer)}`,
          next: `tocsin resume ${what} ends it earlier`,
        }),
      }),
    );
}
