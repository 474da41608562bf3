/** Verbs on the course of an incident: declaring, its phase, its end. */
import { toPage } from '../people/role-choice.ts';
import { z } from 'zod';
import { declare } from '../command/declaring.ts';
import { close, resolve, rootCauseFound, setPhase } from '../resolving/resolving.ts';
import { setFlags } from '../severity/flags.ts';
import { whyNotByMachine } from '../severity/machines.ts';
import { changeLevel, knownEvidence, unknownLevel } from '../severity/severity.ts';
import { reopen } from '../opening/reopening.ts';
import { type Declaration, openByPerson } from '../opening/starting.ts';
import { isOver } from '../model/incident.ts';
import { spokenForBy } from '../publishing/public-page.ts';
import {
  automationPause,
  emit,
  levelNamed,
  levelOf,
  type Refusal,
  type Decision,
} from '../model/decision.ts';
import { isDeclared, noCauseYet, notDeclared, notOver } from './guards.ts';
import { argument, name, option, optional, options, text, verb, type After } from './verb.ts';

const PHASES = ['investigating', 'identified', 'monitoring'] as const;

function declareTriaged(
  decision: Decision,
  given: Pick<Declaration, 'level' | 'title' | 'text' | 'flags'>,
): Refusal | null {
  const level = levelNamed(decision.policy, given.level);
  const { id } = decision.state;
  if (given.level !== null && level === null)
    return unknownLevel(
      decision.policy,
      given.level,
      `tocsin declare --incident ${id} --level LEVEL`,
    );
  if (level !== null && level.rank > (levelOf(decision)?.rank ?? Infinity))
    return {
      code: 'lowering_needs_reason',
      message: `${level.id} is below ${decision.state.level ?? ''}. Declare it first: \`tocsin declare --incident ${id}\`; then lower it: \`tocsin severity ${id} ${level.id} --reason "..."\`.`,
    };
  const { policy, input } = decision;
  const to = level ?? levelOf(decision);
  const command = `tocsin declare --incident ${id} --level LEVEL`;
  const barred =
    to === null
      ? null
      : whyNotByMachine(
          { actor: input.actor, policy, pause: automationPause(decision) },
          { to, isDeclared: true, command },
        );
  if (barred !== null) return barred;
  if (level !== null)
    changeLevel(decision, {
      to: level,
      cause: { kind: 'person' },
      because: `declared so by a ${input.actor.kind === 'person' ? 'person' : 'machine'}`,
      where: null,
      spent: knownEvidence(decision),
    });
  const refused = setFlags(decision, given.flags, `tocsin declare --incident ${id} --flag FLAG`);
  if (refused !== null) return refused;
  declare(decision, 'person', { title: given.title, text: given.text });
  return null;
}

export const Declare = verb({
  name: 'declare',
  subject: 'incident',
  summary: 'Declare an incident: pages the roles of its level and starts the public clocks',
  scope: 'act',
  fields: {
    title: argument(optional(name), 'what is wrong, in a few words'),
    level: option(
      optional(name),
      'a level of the configuration or its alias; without: pending more information',
    ),
    service: option(optional(name), 'the service that fails'),
    team: option(optional(name), 'the team that answers; without: the one of the service'),
    text: option(optional(text), 'what is known so far'),
    flags: options(
      'flag',
      'a flag of the configuration that holds, set before anything is said in public',
    ),
  },
  opens: { path: 'incidents', asks: ['title'], decide: openByPerson },
  acts: {
    path: 'declare',
    guards: [notOver, notDeclared],
    without: ['service', 'team'],
    decide: declareTriaged,
  },
  said: (_given, incident, { isNew, level }) => {
    const isPending = isNew && level === null;
    return {
      what: `${incident} is declared${isPending ? ', its level pending more information' : ''}; those whom its level names are paged.`,
      next: isPending ? `tocsin severity ${incident} LEVEL` : `tocsin show ${incident}`,
    };
  },
  // A level that was asked for and is not there: a machine asked, during a pause of automation.
  remark: ({ level }, { state }) =>
    level !== null && state?.level === null
      ? `It is taken and rung without ${level}: automation is paused, and a person decides how bad it is.`
      : null,
  examples: [
    'tocsin declare --level LEVEL --service SERVICE "Nobody can pay"',
    'tocsin declare --incident 7 --flag FLAG',
  ],
});

export const AddNote = verb({
  name: 'note',
  subject: 'incident',
  summary: 'Write a note into the timeline',
  scope: 'act',
  fields: { text: argument(text, 'the note') },
  acts: {
    path: 'notes',
    guards: [],
    decide: (decision, given) => {
      emit(decision, { type: 'NoteAdded', text: given.text });
      return null;
    },
  },
  said: (_given, incident) => ({
    what: `Noted in the timeline of ${incident}.`,
    next: `tocsin timeline ${incident}`,
  }),
  examples: ['tocsin note 7 "restarted the workers"'],
});

/** What becomes of words for the public where another incident speaks for it; null: it speaks for itself. */
function whereSaid(phase: string, words: string | null, { state, policy }: After): string | null {
  const parent = state === null || words === null ? null : spokenForBy({ state, policy });
  return parent === null
    ? null
    : `${parent} speaks for it in public: \`tocsin phase ${parent} ${phase} "..."\`.`;
}

export const SetPhase = verb({
  name: 'phase',
  subject: 'incident',
  summary:
    'Set the phase (investigating, identified, monitoring), or tell news of the one it is in',
  scope: 'act',
  fields: {
    phase: argument(
      z.enum(PHASES, {
        error: `A phase is ${PHASES.join(', ')}. For the end there is \`tocsin resolve\`.`,
      }),
      PHASES.join(', '),
    ),
    text: argument(
      optional(text),
      'what is known; the words of a person are for the public too, once they are approved',
    ),
  },
  acts: {
    path: 'phase',
    guards: [notOver, isDeclared],
    decide: (decision, given) => setPhase(decision, given.phase, given.text),
  },
  said: ({ phase, text: words }, incident) => {
    const next = phase === 'monitoring' ? `tocsin resolve ${incident}` : `tocsin show ${incident}`;
    return {
      what: `${incident} is in ${phase}.`,
      next:
        words === null
          ? next
          : `tocsin show ${incident} tells what the public reads, and whether a post waits for approval`,
    };
  },
  remark: ({ phase, text: words }, after) => whereSaid(phase, words, after),
  examples: ['tocsin phase 7 monitoring "the fix is deployed, errors are falling"'],
});

export const RootCauseFound = verb({
  name: 'root-cause',
  subject: 'incident',
  summary: 'Say that the root cause is found, and what it is',
  scope: 'act',
  fields: { text: argument(text, 'the cause, in a sentence') },
  acts: {
    path: 'root-cause',
    guards: [notOver, isDeclared, noCauseYet],
    decide: (decision, given) => {
      rootCauseFound(decision, given.text);
      return null;
    },
  },
  said: (_given, incident) => ({
    what: `${incident}: the root cause is noted.`,
    next: `tocsin phase ${incident} monitoring "..." once the fix is in`,
  }),
  examples: ['tocsin root-cause 7 "deploy 4711 leaks connections"'],
});

export const Resolve = verb({
  name: 'resolve',
  subject: 'incident',
  answers: true,
  summary: 'Resolve an incident: closes its pages everywhere and drafts the last public post',
  scope: 'act',
  fields: {
    text: argument(
      optional(text),
      'what ended it; the words of a person are for the public too, once they are approved',
    ),
  },
  acts: {
    path: 'resolve',
    guards: [notOver],
    decide: (decision, given) => {
      resolve(decision, { text: given.text, automatic: false });
      return null;
    },
  },
  said: (_given, incident) => ({
    what: `${incident} is resolved.`,
    next: `tocsin show ${incident} tells what the public reads, and whether a post waits for approval`,
  }),
  remark: ({ text: words }, after) => whereSaid('PHASE', words, after),
  examples: ['tocsin resolve 7 "rolled back deploy 4711"'],
});

export const MarkFalsePositive = verb({
  name: 'false-positive',
  subject: 'incident',
  summary: 'Close an incident that is none; in triage nothing was public, and nothing will be',
  scope: 'act',
  fields: { reason: option(text, 'why it is none') },
  acts: {
    path: 'false-positive',
    guards: [notOver],
    decide: (decision, given) => {
      close(decision, 'false_positive', given.reason);
      return null;
    },
  },
  said: (_given, incident) => ({
    what: `${incident} is closed as a false positive.`,
    next: `tocsin reopen ${incident} --reason "..." if it was one after all`,
  }),
  examples: ['tocsin false-positive 7 --reason "load test"'],
});

export const Reopen = verb({
  name: 'reopen',
  subject: 'incident',
  summary: 'Reopen an incident that was resolved or closed',
  scope: 'act',
  fields: { reason: option(text, 'why') },
  acts: {
    path: 'reopen',
    guards: [
      (asking) =>
        isOver(asking.state)
          ? null
          : {
              code: 'not_over',
              message: `${asking.state.id} is ${asking.state.phase}, so there is nothing to reopen. To go back a phase: \`tocsin phase ${asking.state.id} investigating\`; to ring somebody again: ${toPage(asking)}.`,
            },
    ],
    decide: (decision, given) => {
      reopen(decision, given.reason);
      return null;
    },
  },
  said: (_given, incident) => ({
    what: `${incident} is open again.`,
    next: `tocsin show ${incident}`,
  }),
  examples: ['tocsin reopen 7 --reason "errors are back"'],
});
