/** The fields of a verb on the command line: its arguments and options, what was typed there, and what of it is sent where. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Field } from '../core/verbs/verb.ts';
import { inOurWords } from '../lib/fields.ts';
import { CommandError } from './cli.ts';

/** What was typed, by field: as it is sent. */
export type Typed = Readonly<Record<string, unknown>>;

export const isRequired = ({ schema }: Field): boolean => !schema.safeParse(undefined).success;

/** What was typed as the field takes it, of which its schema says whether it will do. */
function taken({ schema }: Field, value: unknown): unknown {
  const { error } = schema.safeParse(value, { error: inOurWords });
  if (error === undefined) return value;
  throw new InvalidArgumentError(error.issues[0]?.message ?? 'It cannot be read.');
}

/** The value that the field takes for what was typed: as it is, in small letters, or as a number. */
function read(field: Field, typed: string): unknown {
  const { schema } = field;
  const number = typed.trim() === '' ? Number.NaN : Number(typed);
  const tries = [typed, typed.toLowerCase(), ...(Number.isNaN(number) ? [] : [number])];
  return tries.find((one) => schema.safeParse(one).success) ?? taken(field, typed);
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

/** The fields of a command by their names. */
export type FieldMap = ReadonlyMap<string, Field>;

function listed(field: Field, typed: string): unknown {
  return taken(
    field,
    typed.split(',').map((word) => word.trim()),
  );
}

function optionsOf(name: string, field: Field, isMust: boolean): readonly Option[] {
  const { as, about, option = name, kinds = {}, unwritten } = field;
  switch (as) {
    case 'option':
      return [
        new Option(`--${option} <${name}>`, about)
          .argParser((typed: string) => read(field, typed))
          .makeOptionMandatory(isMust),
      ];
    case 'options':
      return [
        new Option(`--${option} <name>`, `${about}; as often as needed`).argParser(
          (typed: string, before: readonly string[] | undefined) => [...(before ?? []), typed],
        ),
      ];
    case 'list':
      return [
        new Option(`--${option} <list>`, about)
          .argParser((typed: string) => listed(field, typed))
          .default(unwritten, unwritten?.join(',')),
      ];
    case 'choice':
      return Object.entries(kinds).map(([kind, what]) => new Option(`--${kind} <${kind}>`, what));
    case 'switch':
      return [new Option(`--${option}`, about)];
    default:
      return [];
  }
}

/** Gives the command its arguments and options. @param must whether the field has to be written */
export function addFields(
  command: Command,
  fields: FieldMap,
  must: (field: Field) => boolean,
): void {
  const pairs = new Map([...fields].filter(([, { as }]) => as === 'pair'));
  for (const [name, field] of fields) {
    if (field.as === 'argument')
      command.argument(must(field) ? `<${name}>` : `[${name}]`, field.about, (typed: string) =>
        read(field, typed),
      );
    for (const option of optionsOf(name, field, must(field))) command.addOption(option);
  }
  const [first] = pairs.values();
  if (first !== undefined)
    command.argument('<name=number...>', first.about, (typed: string, before: Typed | undefined) =>
      readPair(pairs, typed, before),
    );
}

/** What was written of a choice; undefined: nothing. */
function chosen(field: Field, options: Typed): unknown {
  const kinds = Object.keys(field.kinds ?? {}).filter((kind) => options[kind] !== undefined);
  const [kind] = kinds;
  if (kinds.length > 1)
    throw new CommandError(
      `${kinds.map((one) => `--${one}`).join(' and ')} exclude each other: ${field.about}`,
      'Write one of them.',
    );
  return kind === undefined ? undefined : { kind, id: options[kind] };
}

/** What was typed, by field. @param words what stands in its place, without what is no field */
export function typedIn(command: Command, fields: FieldMap, words: readonly unknown[]): Typed {
  const options = command.opts<Typed>();
  const left = [...words];
  const typed: Record<string, unknown> = {};
  for (const [name, field] of fields) {
    if (field.as === 'pair') continue;
    const given =
      field.as === 'argument'
        ? left.shift()
        : field.as === 'choice'
          ? chosen(field, options)
          : options[field.option ?? name];
    if (given !== undefined) typed[name] = given;
  }
  return { ...typed, ...(left.shift() as Typed | undefined) };
}

/** How it is written: `--reason`, `--person or --machine`, `role`. */
export function written(name: string, field: Field | undefined): string {
  if (field === undefined || field.as === 'argument' || field.as === 'pair') return name;
  const options = field.kinds === undefined ? [field.option ?? name] : Object.keys(field.kinds);
  return options.map((option) => `--${option}`).join(' or ');
}

/** The request's path, and the fields that are left for its body. */
export function addressed(
  path: string,
  typed: Typed,
): { readonly path: string; readonly body: Typed } {
  const body = { ...typed };
  const parts = path.split('/').map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) return part;
    const value = String(body[name]);
    delete body[name];
    return encodeURIComponent(value);
  });
  return { path: parts.join('/'), body };
}

/** What was typed as the schemas read it, for what is said afterwards. */
export function givenOf(fields: Readonly<Record<string, Field>>, typed: Typed): Typed {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { schema }]) => [name, schema.parse(typed[name])]),
  );
}
