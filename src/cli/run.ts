/** The command line: arguments in, exit code out. It is handed everything and never touches the process. */
import { Command, CommanderError } from 'commander';
import { addCheck } from './check.ts';
import { type Cli, messageOf } from './cli.ts';
import { addDemo } from './demo.ts';
import { addCheckpoint } from './checkpoint.ts';
import { addDoctor } from './doctor.ts';
import { addExport } from './export.ts';
import { addExplain } from './explain.ts';
import { addInit } from './init.ts';
import { addList } from './list.ts';
import { meantBy } from './meant.ts';
import { addRecover } from './recover.ts';
import { addRestore } from './restore.ts';
import { addSandbox } from './sandbox.ts';
import { addServe } from './serve.ts';
import type { Backends } from './backends.ts';
import { addShow } from './show.ts';
import { addStatus } from './status.ts';
import { addTimeline } from './timeline.ts';
import { addTokens } from './token.ts';
import { addIncidentVerbs, addInstallationVerbs } from './verbs.ts';
import { addVerify } from './verify.ts';
import { WIDTH } from './words.ts';

export interface RunOptions {
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly stdin: NodeJS.ReadableStream;
  readonly cwd: string;
  readonly backends: Backends;
}

type Add = (program: Command, cli: Cli) => void;

const GROUPS: readonly (readonly [string, readonly Add[]])[] = [
  ['Run it:', [addDemo, addServe, addSandbox, addRecover, addRestore]],
  ['Configure it:', [addInit, addCheck, addDoctor, addExplain]],
  ['See:', [addStatus, addList, addShow, addTimeline, addExport, addVerify, addCheckpoint]],
  ['Act on an incident:', [addIncidentVerbs]],
  ['Rule it:', [addTokens, addInstallationVerbs]],
];

/** Exit code of a command line that was not understood. */
const EXIT_USAGE = 2;

const ENVIRONMENT = `
Example:
  tocsin demo

Environment:
  TOCSIN_URL         server that commands speak to (http://127.0.0.1:8080)
  TOCSIN_TOKEN       your API token; TOCSIN_TOKEN_FILE names a file with it
  TOCSIN_LISTEN      where serve listens, HOST:PORT, instead of what the file says

An incident is written 7 or inc-7. Help of one command: tocsin COMMAND --help
In the folder of its clone, \`tocsin\` is \`npx tocsin\`.`;

/** What the parser of the command line complains about, as every other error reads. */
function inOurWords(text: string): string {
  return text
    .replace(
      /^error: command-argument value '(.*)' is invalid for argument '(.*?)'\./su,
      "error: $2 cannot be '$1'.",
    )
    .replace(/^error: option '(.*?)' argument '(.*)' is invalid\./su, "error: $1 cannot be '$2'.")
    .replace(/^error: /u, 'tocsin: ');
}

function programOf(options: RunOptions, cli: Cli): Command {
  const program = new Command('tocsin');
  program
    .description('Incident response connector: alerts in, the right people paged, the public told.')
    .version(options.backends.version, '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: options.stdout,
      writeErr: options.stderr,
      outputError: (text, write) => write(inOurWords(text)),
      getOutHelpWidth: () => WIDTH,
      getErrHelpWidth: () => WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({
      subcommandTerm: (command) => command.name(),
      optionDescription: (option) =>
        option.mandatory ? `${option.description} (required)` : option.description,
    })
    .showHelpAfterError('(tocsin --help lists the commands)')
    .helpCommand('help [command]', 'Show how a command is written.')
    .addHelpText('after', ENVIRONMENT);
  for (const [heading, adds] of GROUPS) {
    program.commandsGroup(heading);
    for (const add of adds) add(program, cli);
  }
  return program;
}

function complainAbout(error: unknown, cli: Cli): number {
  // Commander has printed what it has to say.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  const hint = error instanceof Error && 'hint' in error ? error.hint : '';
  // What is wrong with a configuration ends with a line break, as every line of it does.
  const message = messageOf(error).trimEnd();
  cli.complain(`tocsin: ${message}${/[.!?]$/.test(message) ? '' : '.'}`);
  if (typeof hint === 'string' && hint !== '') cli.complain(`  ${hint}`);
  // These two are never about what a person typed.
  if (error instanceof TypeError || error instanceof ReferenceError)
    cli.complain(`  This is a defect of Tocsin; please report it with:\n${error.stack ?? ''}`);
  return 1;
}

/**
 * Runs one command line and resolves with the exit code: 0 done, 1 refused or failed, 2 not understood. Never throws.
 * An error of a service with a `hint` is printed with it.
 */
export async function runCli(options: RunOptions): Promise<number> {
  let code = 0;
  const cli: Cli = {
    backends: options.backends,
    env: options.env,
    stdin: options.stdin,
    cwd: options.cwd,
    print: (text) => options.stdout(`${options.backends.redact(text)}\n`),
    complain: (text) => options.stderr(`${options.backends.redact(text)}\n`),
    end: (next) => {
      code = next;
    },
  };
  const meant = meantBy(options.argv[0]);
  if (meant !== null) {
    cli.complain(`tocsin: unknown command '${options.argv[0] ?? ''}'\n  ${meant}`);
    return EXIT_USAGE;
  }
  try {
    await programOf(options, cli).parseAsync([...options.argv], { from: 'user' });
    return code;
  } catch (error) {
    return complainAbout(error, cli);
  }
}
