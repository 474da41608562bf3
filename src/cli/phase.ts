/** `phase`: investigating, identified, monitoring; a new phase drafts a public post. */
import { type Command, InvalidArgumentError } from 'commander';
import type { ServerOptions } from './api.ts';
import type { Cli } from './cli.ts';
import { act, incidentCommand, incidentPath } from './incident-command.ts';

const PHASES = ['investigating', 'identified', 'monitoring'] as const;
type Phase = (typeof PHASES)[number];

function readPhase(text: string): Phase {
  const phase = PHASES.find((one) => one === text.toLowerCase());
  if (phase !== undefined) return phase;
  const instead = text === 'resolved' ? ' For the end there is `tocsin resolve`.' : '';
  throw new InvalidArgumentError(`A phase is ${PHASES.join(', ')}.${instead}`);
}

export function addPhase(program: Command, cli: Cli): void {
  incidentCommand(program, {
    name: 'phase',
    summary: 'Set the phase: investigating, identified or monitoring.',
    examples: ['tocsin phase 7 monitoring "the fix is deployed, errors are falling"'],
  })
    .argument('<phase>', 'investigating, identified or monitoring', readPhase)
    .argument('[text]', 'what the public may read about it')
    .action(
      (...[incident, phase, text, options]: [string, Phase, string | undefined, ServerOptions]) =>
        act(cli, options, {
          method: 'POST',
          path: incidentPath(incident, 'phase'),
          body: { phase, text },
          say: () => ({
            what: `${incident} is in ${phase}.`,
            next: phase === 'monitoring' ? `tocsin resolve ${incident}` : `tocsin show ${incident}`,
          }),
        }),
    );
}
