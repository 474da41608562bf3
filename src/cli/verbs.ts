/** The commands of the table of verbs: one request each, then what happened and the next command that makes sense. */
import type { Command } from 'commander';
import type {
  Field,
  Fields,
  IncidentVerb,
  InstallationVerb,
  Said,
  Verb,
} from '../core/verbs/verb.ts';
import { type ServerOptions, speaksToServer } from './api.ts';
import { type Cli, CommandError } from './cli.ts';
import { act, answered, commandOf, incidentPath } from './incident-command.ts';
import { readIncident } from './read-arguments.ts';
import {
  addFields,
  addressed,
  type FieldMap,
  givenOf,
  isRequired,
  type Typed,
  typedIn,
  written,
} from './verb-fields.ts';

/** The verbs of one command: at most one that opens an incident and one that acts on one. */
interface Group {
  readonly name: string;
  readonly acts: IncidentVerb | null;
  readonly opens: IncidentVerb | null;
  readonly fields: FieldMap;
}

function groupsOf(verbs: readonly IncidentVerb[]): readonly Group[] {
  const names = [...new Set(verbs.map(({ name }) => name))];
  return names.map((name) => {
    const group = verbs.filter((one) => one.name === name);
    return {
      name,
      acts: group.find(({ acts }) => acts !== null) ?? null,
      opens: group.find(({ opens }) => opens !== null) ?? null,
      fields: new Map(group.flatMap(({ fields }) => Object.entries(fields))),
    };
  });
}

const verbsOf = ({ acts, opens }: Group): readonly IncidentVerb[] =>
  [...new Set([acts, opens])].filter((one) => one !== null);

/** An incident that need not be named stands in its place, unless a word of the opening would be taken for it. */
function howIncident({ acts, opens }: Group): 'argument' | 'optional' | 'option' | 'none' {
  if (acts === null) return 'none';
  if (opens === null) return 'argument';
  const hasWords = Object.values(opens.fields).some(({ as }) => as === 'argument');
  return hasWords ? 'option' : 'optional';
}

const ABOUT_INCIDENT = 'its id: 7 or inc-7';

function addIncident(command: Command, group: Group): void {
  const how = howIncident(group);
  if (how === 'argument') command.argument('<incident>', ABOUT_INCIDENT, readIncident);
  if (how === 'optional') command.argument('[incident]', ABOUT_INCIDENT, readIncident);
  if (how === 'option')
    command.option('--incident <inc>', 'this one, which exists already', readIncident);
}

const wordsOf = (command: Command): readonly unknown[] =>
  command.processedArgs as readonly unknown[];

/** What was typed, by field, and the incident where one was named. */
function typedAt(
  command: Command,
  group: Group,
): { readonly incident: string | null; readonly typed: Typed } {
  const how = howIncident(group);
  const words = [...wordsOf(command)];
  const named =
    how === 'option' ? command.opts<Typed>()['incident'] : how === 'none' ? null : words.shift();
  return {
    incident: typeof named === 'string' ? named : null,
    typed: typedIn(command, group.fields, words),
  };
}

interface Asked {
  readonly typed: Typed;
  /** Fields that are not for this request, and what it is about. */
  readonly without?: readonly string[];
  readonly what?: string;
  readonly asks?: readonly string[];
  readonly examples: readonly string[];
}

/** The fields that this request needs are there, and no other. @param all of the command */
function check(all: FieldMap, fields: Fields, asked: Asked): void {
  const { typed, without = [], what = '', asks = [], examples } = asked;
  const hint = `Write: ${examples.join('\n    or: ')}`;
  for (const name of Object.keys(typed))
    if (!Object.hasOwn(fields, name) || without.includes(name))
      throw new CommandError(`${written(name, all.get(name))} is not for ${what}`, hint);
  for (const [name, field] of Object.entries(fields)) {
    const isMissing = (isRequired(field) || asks.includes(name)) && typed[name] === undefined;
    if (isMissing)
      throw new CommandError(`${written(name, field)} is missing: ${field.about}`, hint);
  }
}

/** The verb that is asked for: the command is for one that opens and for one that acts. */
function asked(group: Group, incident: string | null): IncidentVerb {
  const verb = incident === null ? group.opens : group.acts;
  if (verb !== null) return verb;
  throw new CommandError(
    incident === null ? 'which incident is missing' : `${group.name} opens an incident of its own`,
    `See tocsin ${group.name} --help.`,
  );
}

function actAtIncident(cli: Cli, group: Group, command: Command): Promise<unknown> {
  const { incident, typed } = typedAt(command, group);
  const verb = asked(group, incident);
  const { opens, acts, fields } = verb;
  const isNew = incident === null;
  check(group.fields, fields, {
    typed,
    what: isNew ? 'a new incident' : 'an incident that exists',
    without: isNew ? [] : (acts?.without ?? []),
    asks: isNew ? (opens?.asks ?? []) : [],
    examples: examplesOf(verbsOf(group)),
  });
  const { path, body } = addressed((isNew ? opens : acts)?.path ?? '', typed);
  const given = givenOf(fields, typed);
  return act(cli, command.opts<ServerOptions>(), {
    method: 'POST',
    path: isNew ? `/${path}` : `${incidentPath(incident)}/${path}`,
    body,
    say: (answer) => {
      const { incident: id, level, waitsFor, remark } = answered(answer);
      const said = verb.said(given, id, { isNew, level, waitsFor });
      return remark === null ? said : { ...said, what: `${said.what} ${remark}` };
    },
  });
}

/** Of a command that is for several verbs: "Page a role on request; or page one person as a test". */
function summaryOf(verbs: readonly Verb[]): string {
  const [first = '', ...others] = verbs.map(({ summary }) => summary);
  const more = others.map((one) => `; or ${one.slice(0, 1).toLowerCase()}${one.slice(1)}`);
  return `${first}${more.join('')}.`;
}

const examplesOf = (verbs: readonly Verb[]): readonly string[] =>
  verbs.flatMap(({ examples }) => examples);

/** Adds the command of each verb about incidents, in the order of the table. */
export function addIncidentVerbs(program: Command, cli: Cli): void {
  const verbs = Object.values(cli.backends.verbs);
  for (const group of groupsOf(verbs.filter((verb) => verb.subject === 'incident'))) {
    const { name, fields, acts, opens } = group;
    const own = verbsOf(group);
    const command = speaksToServer(
      commandOf(program, { name, summary: summaryOf(own), examples: examplesOf(own) }),
    );
    const isSure = acts === null || opens === null;
    addIncident(command, group);
    addFields(command, fields, (field) => isSure && isRequired(field));
    command.action(async () => {
      await actAtIncident(cli, group, command);
    });
  }
}

async function actAtInstallation(
  cli: Cli,
  verb: InstallationVerb,
  command: Command,
): Promise<void> {
  const { fields, examples, reply, method, path } = verb;
  const all = new Map(Object.entries(fields));
  const typed = typedIn(command, all, wordsOf(command));
  check(all, fields, { typed, examples });
  const { path: address, body } = addressed(path, typed);
  const given = givenOf(fields, typed);
  const answer = await act(cli, command.opts<ServerOptions>(), {
    method: method === 'post' ? 'POST' : 'DELETE',
    path: address.startsWith('/') ? address : `/${address}`,
    ...(Object.keys(body).length === 0 ? {} : { body }),
    say: (said): Said => verb.said(given, readAnswer(reply, said)),
  });
  const undone = verb.undone?.(readAnswer(reply, answer)) ?? null;
  if (undone !== null) throw new CommandError(undone.what, undone.hint);
}

/** What the answer brings of what the reply is to have. */
function readAnswer(reply: InstallationVerb['reply'], answer: unknown): object {
  return reply?.partial().safeParse(answer).data ?? {};
}

/** The command below which a verb of two words stands: there already, or made of its verbs. */
function above(program: Command, word: string, verbs: readonly Verb[]): Command {
  const own = verbs.filter(({ name }) => name.startsWith(`${word} `));
  return (
    program.commands.find((one) => one.name() === word) ??
    commandOf(program, { name: word, summary: summaryOf(own), examples: examplesOf(own) })
  );
}

/** Adds the command of each verb about the installation, in the order of the table. */
export function addInstallationVerbs(program: Command, cli: Cli): void {
  const all = Object.values(cli.backends.verbs);
  const verbs = all.filter((verb) => verb.subject === 'installation');
  for (const verb of verbs) {
    const [first = '', second] = verb.name.split(' ');
    const parent = second === undefined ? program : above(program, first, verbs);
    const command = speaksToServer(
      commandOf(parent, {
        name: second ?? first,
        summary: summaryOf([verb]),
        examples: verb.examples,
      }),
    );
    const must = (field: Field): boolean => field.as !== 'choice' && isRequired(field);
    addFields(command, new Map(Object.entries(verb.fields)), must);
    command.action(() => actAtInstallation(cli, verb, command));
  }
}
