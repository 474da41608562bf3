/** The commands of the table of verbs: one request each, then what happened and the next command that makes sense. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Field, Verb } from '../core/verbs/verb.ts';
import { inOurWords } from '../lib/fields.ts';
import { type ServerOptions, speaksToServer } from './api.ts';
import { type Cli, CommandError } from './cli.ts';
import { act, answered, commandOf, incidentPath } from './incident-command.ts';
import { readIncident } from './read-arguments.ts';

/** What was typed, by field: as it is sent. */
type Typed = Readonly<Record<string, unknown>>;

const isRequired = ({ schema }: Field): boolean => !schema.safeParse(undefined).success;

/** The value that the field takes for what was typed: as it is, in small letters, or as a number. */
function read({ schema }: Field, typed: string): unknown {
  const number = typed.trim() === '' ? Number.NaN : Number(typed);
  const tries = [typed, typed.toLowerCase(), ...(Number.isNaN(number) ? [] : [number])];
  const taken = tries.find((one) => schema.safeParse(one).success);
  if (taken !== undefined) return taken;
  const { error } = schema.safeParse(typed, { error: inOurWords });
  throw new InvalidArgumentError(error?.issues[0]?.message ?? 'It cannot be read.');
}

/** `users=1200 percent=8`, one argument at a time as commander collects them. */
function readPair(fields: ReadonlyMap<string, Field>, text: string, before: Typed = {}): Typed {
  const [name = '', value = '', ...rest] = text.split('=');
  const field = fields.get(name);
  if (field === undefined || rest.length > 0)
    throw new InvalidArgumentError(
      `Write NAME=NUMBER; names are ${[...fields.keys()].join(', ')}.`,
    );
  const number = value === '' ? Number.NaN : Number(value);
  const { error } = field.schema.safeParse(number, { error: inOurWords });
  if (error !== undefined) {
    const why = Number.isNaN(number) ? 'It needs a number.' : (error.issues[0]?.message ?? '');
    throw new InvalidArgumentError(`${name}: ${why} For example ${name}=12.`);
  }
  return { ...before, [name]: number };
}

/** The verbs of one command: at most one that opens an incident and one that acts on one. */
interface Group {
  readonly name: string;
  readonly acts: Verb | null;
  readonly opens: Verb | null;
  readonly fields: ReadonlyMap<string, Field>;
}

function groupsOf(verbs: readonly Verb[]): readonly Group[] {
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

const verbsOf = ({ acts, opens }: Group): readonly Verb[] =>
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

function addFields(command: Command, { fields, acts, opens }: Group): void {
  const isSure = acts === null || opens === null;
  const pairs = new Map([...fields].filter(([, { as }]) => as === 'pair'));
  const must = (field: Field): boolean => isSure && isRequired(field);
  for (const [name, field] of fields) {
    if (field.as === 'argument')
      command.argument(must(field) ? `<${name}>` : `[${name}]`, field.about, (typed: string) =>
        read(field, typed),
      );
    if (field.as === 'option')
      command.addOption(
        new Option(`--${field.option ?? name} <${name}>`, field.about)
          .argParser((typed: string) => read(field, typed))
          .makeOptionMandatory(must(field)),
      );
    if (field.as === 'switch') command.option(`--${name}`, field.about);
    if (field.as === 'options')
      command.option(
        `--${field.option ?? name} <name>`,
        `${field.about}; as often as needed`,
        (typed: string, before: readonly string[] | undefined) => [...(before ?? []), typed],
      );
  }
  const [first] = pairs.values();
  if (first !== undefined)
    command.argument('<name=number...>', first.about, (typed: string, before: Typed | undefined) =>
      readPair(pairs, typed, before),
    );
}

/** What was typed, by field, and the incident where one was named. */
function typedIn(
  command: Command,
  group: Group,
): { readonly incident: string | null; readonly typed: Typed } {
  const options = command.opts<Record<string, unknown>>();
  const words: unknown[] = [...(command.processedArgs as readonly unknown[])];
  const how = howIncident(group);
  const named = how === 'option' ? options['incident'] : how === 'none' ? null : words.shift();
  const typed: Record<string, unknown> = {};
  for (const [name, field] of group.fields) {
    if (field.as === 'pair') continue;
    const given = field.as === 'argument' ? words.shift() : options[field.option ?? name];
    if (given !== undefined) typed[name] = given;
  }
  return {
    incident: typeof named === 'string' ? named : null,
    typed: { ...typed, ...(words.shift() as Typed | undefined) },
  };
}

const written = (name: string, field: Field | undefined): string =>
  field !== undefined && ['option', 'options', 'switch'].includes(field.as)
    ? `--${field.option ?? name}`
    : name;

/** The fields that this request needs are there, and no other. */
function checked(group: Group, verb: Verb, asked: Asked): void {
  const { typed, without, asks } = asked;
  const hint = `Write: ${verbsOf(group)
    .flatMap(({ examples }) => examples)
    .join('\n    or: ')}`;
  for (const name of Object.keys(typed))
    if (!Object.hasOwn(verb.fields, name) || without.includes(name))
      throw new CommandError(
        `${written(name, group.fields.get(name))} is not for ${asked.what}`,
        hint,
      );
  for (const [name, field] of Object.entries(verb.fields)) {
    const isMissing = (isRequired(field) || asks.includes(name)) && typed[name] === undefined;
    if (isMissing)
      throw new CommandError(`${written(name, field)} is missing: ${field.about}`, hint);
  }
}

interface Asked {
  readonly typed: Typed;
  readonly what: string;
  readonly without: readonly string[];
  readonly asks: readonly string[];
}

/** The request's path, and the fields that are left for its body. */
function addressed(path: string, typed: Typed): { readonly path: string[]; readonly body: Typed } {
  const body = { ...typed };
  const parts = path.split('/').map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) return part;
    const value = body[name];
    delete body[name];
    return String(value);
  });
  return { path: parts, body };
}

function carryOut(cli: Cli, group: Group, command: Command): Promise<void> {
  const { incident, typed } = typedIn(command, group);
  const verb = incident === null ? group.opens : group.acts;
  if (verb === null)
    throw new CommandError(
      incident === null
        ? 'which incident is missing'
        : `${group.name} opens an incident of its own`,
      `See tocsin ${group.name} --help.`,
    );
  const { opens, acts, fields } = verb;
  checked(group, verb, {
    typed,
    what: incident === null ? 'a new incident' : 'an incident that exists',
    without: incident === null ? [] : (acts?.without ?? []),
    asks: incident === null ? (opens?.asks ?? []) : [],
  });
  const where = incident === null ? (opens?.path ?? '') : (acts?.path ?? '');
  const { path, body } = addressed(where, typed);
  const given = Object.fromEntries(
    Object.entries(fields).map(([name, { schema }]) => [name, schema.parse(typed[name])]),
  );
  return act(cli, command.opts<ServerOptions>(), {
    method: 'POST',
    path: incident === null ? `/${path.join('/')}` : incidentPath(incident, ...path),
    body,
    say: (answer) => {
      const { incident: id, level, waitsFor, remark } = answered(answer);
      const said = verb.said(given, id, { isNew: incident === null, level, waitsFor });
      return remark === null ? said : { ...said, what: `${said.what} ${remark}` };
    },
  });
}

/** Of a command that is for two verbs: "Page a role on request; or page one person as a test". */
function summaryOf(verbs: readonly Verb[]): string {
  const [first = '', ...others] = verbs.map(({ summary }) => summary);
  const more = others.map((one) => `; or ${one.slice(0, 1).toLowerCase()}${one.slice(1)}`);
  return `${first}${more.join('')}.`;
}

/** Adds the command of each verb, in the order of the table. */
export function addVerbs(program: Command, cli: Cli): void {
  for (const group of groupsOf(Object.values(cli.backends.verbs))) {
    const verbs = verbsOf(group);
    const command = speaksToServer(
      commandOf(program, {
        name: group.name,
        summary: summaryOf(verbs),
        examples: verbs.flatMap(({ examples }) => examples),
      }),
    );
    addIncident(command, group);
    addFields(command, group);
    command.action(() => carryOut(cli, group, command));
  }
}
