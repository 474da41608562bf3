/** `init`: five questions, and a commented configuration to start from. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import type { InitAnswers, Question } from '../config/init.ts';
import { type Cli, CommandError } from './cli.ts';
import { pathOf, shownPath, writeNew } from './files.ts';
import { commandOf } from './incident-command.ts';

const FILE_DEFAULT = 'tocsin.yaml';

type Lines = AsyncIterator<string>;

function promptOf({ ask, choices, fallback }: Question): string {
  const among = choices.length === 0 ? '' : ` (${choices.join(', ')})`;
  return `${ask}${among} [${fallback}]`;
}

/** Asks until the answer will do; an empty one takes the fallback. */
async function answerTo(cli: Cli, lines: Lines, question: Question): Promise<string> {
  for (;;) {
    cli.print(promptOf(question));
    const line = await lines.next();
    if (line.done === true)
      throw new CommandError(
        'the input ended before the last question; nothing was written',
        'Answer five questions, one a line; an empty line takes what stands in brackets.',
      );
    const answer = line.value.trim() === '' ? question.fallback : line.value.trim();
    const fault = question.check(answer);
    if (fault === null) return answer;
    cli.print(fault);
  }
}

async function answersOf(cli: Cli): Promise<InitAnswers> {
  const input = createInterface({ input: cli.stdin });
  const lines = input[Symbol.asyncIterator]();
  const answers = new Map<keyof InitAnswers, string>();
  try {
    for (const question of cli.backends.init.questions)
      answers.set(question.key, await answerTo(cli, lines, question));
  } finally {
    input.close();
  }
  const of = (key: keyof InitAnswers): string => answers.get(key) ?? '';
  return {
    team: of('team'),
    service: of('service'),
    source: of('source'),
    pager: of('pager'),
    people: of('people'),
  };
}

async function init(cli: Cli, file: string): Promise<void> {
  if (existsSync(pathOf(cli, file)))
    throw new CommandError(
      `${file} is there already`,
      'Name another file, or move it away; nothing was changed.',
    );
  const folder = dirname(pathOf(cli, file));
  if (!existsSync(folder))
    throw new CommandError(
      `the folder of ${file} is not there`,
      `Make it first: mkdir -p ${shownPath(cli, folder)}`,
    );
  writeNew(cli, file, cli.backends.init.initConfig(await answersOf(cli)));
  cli.print(`Wrote ${file}. Every target is in shadow: decided and recorded, nothing sent.`);
  cli.print(`Next: tocsin check --sandbox ${file} && tocsin serve --sandbox --config ${file}`);
}

export function addInit(program: Command, cli: Cli): void {
  commandOf(program, {
    name: 'init',
    summary: 'Ask five questions and write a commented configuration to start from.',
    examples: ['tocsin init', 'tocsin init /etc/tocsin/tocsin.yaml'],
  })
    .argument('[file]', 'where to write it; never overwrites', FILE_DEFAULT)
    .action((file: string) => init(cli, file));
}
