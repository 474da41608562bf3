/**
 * What people can do, as data: one entry per verb, whether its subject is an incident or the installation. The HTTP route,
 * its OpenAPI and the command of the command line are made from it; whether it is allowed now is asked of the guards that
 * the decision at an incident begins with, or of whoever carries it out at the installation.
 */
import { z } from 'zod';
import type { Incident } from '../model/incident.ts';
import { ringsElsewhere, stillRings } from './still-rings.ts';
import { decodeDraft, decodePage } from '../model/made-ids.ts';
import type { Lookups } from '../model/lookups.ts';
import type { Stamp } from '../model/input.ts';
import type { Context, Look, Refusal, Decision } from '../model/decision.ts';
import type { Policy } from '../model/policy.ts';

const TEXT_MAX = 10_000;
const NAME_MAX = 200;
const NAMES_MAX = 20;

/** Words of people, of one sentence or several. */
export const text = z.string().trim().min(1, 'It must not be empty.').max(TEXT_MAX);
/** A name of the configuration, or an id. */
export const name = z.string().trim().min(1, 'It must not be empty.').max(NAME_MAX);

/** An id that Tocsin makes, by its decoder; null from it: nothing goes by that. @param such what one looks like, for people */
function idOf<I extends string>(decode: (typed: string) => I | null, such: string) {
  return name.transform((typed, { addIssue }): I => {
    const id = decode(typed);
    if (id !== null) return id;
    addIssue(`"${typed}" is no id of a ${such}.`);
    return z.NEVER;
  });
}

export const pageId = idOf(decodePage, 'page, such as p1 ("show" lists the pages)');
export const draftId = idOf(decodeDraft, 'draft, such as d1 ("show" lists those that wait)');

/** Absent in a body, null in the request. */
export function optional<S extends z.ZodType>(schema: S) {
  return schema.optional().transform((given) => given ?? null);
}

export interface Field<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  /**
   * How it is written on the command line: in its place, as `--name VALUE` once or often, as `--name A,B`, as one of several
   * options that say of which kind it is, as `--name` alone, or as `name=value`.
   */
  readonly as: 'argument' | 'option' | 'options' | 'list' | 'choice' | 'switch' | 'pair';
  /** What to write there, for people. */
  readonly about: string;
  /** The option's name, where it is not the field's. */
  readonly option?: string;
  /** By kind, the option that names one of it: `--person ada`; of a choice alone. */
  readonly kinds?: Readonly<Record<string, string>>;
  /** What the command line sends where it is not written. */
  readonly unwritten?: readonly string[];
}

export function argument<S extends z.ZodType>(schema: S, about: string): Field<S> {
  return { schema, as: 'argument', about };
}

export function option<S extends z.ZodType>(schema: S, about: string, named?: string): Field<S> {
  return { schema, as: 'option', about, ...(named === undefined ? {} : { option: named }) };
}

/** As often as it is needed: `--flag a --flag b`. */
export function options(named: string, about: string) {
  const schema = z
    .array(name)
    .max(NAMES_MAX)
    .optional()
    .transform((given): readonly string[] => given ?? []);
  return { schema, as: 'options', about, option: named } as const;
}

/** Of a closed list, separated by commas: `--scopes read,act`. @param unwritten what the command line sends without it */
export function list<const W extends string>(
  words: readonly W[],
  about: string,
  unwritten: readonly NoInfer<W>[],
) {
  const schema = z.array(z.enum(words)).min(1, 'Name at least one.');
  return { schema, as: 'list', about, unwritten } as const;
}

/** One thing of one of several kinds: `--person ada` is `{kind: 'person', id: 'ada'}`. @param kinds about the option of each */
export function choice<const K extends string>(kinds: Readonly<Record<K, string>>, about: string) {
  // The keys of an object are the keys of its type, as long as nobody hands in more.
  const schema = z.strictObject({ kind: z.enum(Object.keys(kinds) as K[]), id: name });
  return { schema, as: 'choice', about, kinds } as const;
}

/** There or not: `--confirmed`. */
export function switched(about: string) {
  const schema = z
    .boolean()
    .optional()
    .transform((given) => given ?? false);
  return { schema, as: 'switch', about } as const;
}

export function pair<S extends z.ZodType>(schema: S, about: string): Field<S> {
  return { schema, as: 'pair', about };
}

export type Fields = Readonly<Record<string, Field>>;
/** What the fields of a verb say, once they are read. */
export type Given<F extends Fields> = { readonly [K in keyof F]: z.output<F[K]['schema']> };

/** What is said after it worked, and the next command that makes sense; null: none. */
export interface Said {
  readonly what: string;
  readonly next: string | null;
}

/** What came of a request. */
export interface Done {
  /** It opened the incident. */
  readonly isNew: boolean;
  /** Id of the level at which the incident is since; null: pending more information. */
  readonly level: string | null;
  /** Who must accept before it holds; null: it holds. */
  readonly waitsFor: string | null;
}

/** An incident, and who asks something of it. */
export type Asking = Look<'state' | 'policy'> & { readonly input: Pick<Stamp, 'actor'> };

/** Refuses in a state, whatever is given; null: it does not. */
export type Guard = (asking: Asking) => Refusal | null;

/** On an incident that exists. Fields that stand in the path are not in the body. */
export interface Acting<F extends Fields> {
  /** Behind the address of the incident: `posts/{draft}/approve`. */
  readonly path: string;
  readonly guards: readonly Guard[];
  /** Fields that only an opening has. */
  readonly without?: readonly (keyof F & string)[];
  decide(decision: Decision, given: Given<F>): Refusal | null;
}

/** Opens an incident. */
export interface Opening<F extends Fields> {
  /** Below the address of the API. */
  readonly path: string;
  /** Fields that an opening must have, although an act on an incident may leave them out. */
  readonly asks?: readonly (keyof F & string)[];
  decide(input: Stamp, given: Given<F>, context: Context): Decision | Refusal;
}

/** The incident as it is since; null: it cannot be read now. */
export interface After {
  readonly policy: Policy;
  readonly state: Incident | null;
  /** Id of whoever asked. */
  readonly by: string;
  readonly isPerson: boolean;
  /** What is paused. */
  readonly pauses: Lookups['pauses'];
  /** Other incidents for which a phone rings on that rings whoever asked for this one. */
  readonly ringsOnFor: readonly string[];
}

/** What every verb has, whatever it is about. */
interface About<F extends Fields> {
  /** What people call it: the name of its command; in two words it stands below the command of the first. */
  readonly name: string;
  /** In a sentence. */
  readonly summary: string;
  readonly fields: F;
  /** Full command lines. */
  readonly examples: readonly string[];
}

/** On an incident: decided there, and kept in its timeline. */
export interface IncidentVerb<F extends Fields = Fields> extends About<F> {
  readonly subject: 'incident';
  readonly scope: 'act' | 'approve';
  readonly acts: Acting<F> | null;
  readonly opens: Opening<F> | null;
  /** @param incident its id */
  said(given: Given<F>, incident: string, done: Done): Said;
  /** It answers what rings whoever asks, or ends it: of what rings on it says so itself. */
  readonly answers?: boolean;
  /** What whoever asks should know of it afterwards; null: nothing. */
  remark?(given: Given<F>, after: After): string | null;
  /** Who must accept it before it holds, by the incident since; null: nobody. */
  waitsFor?(given: Given<F>, state: Incident): string | null;
}

/** What a success brings; null: nothing. */
type Reply = z.ZodObject | null;
/** What a success brought, as far as it could be read. */
type Read<R extends Reply> = R extends z.ZodType ? Partial<z.output<R>> : object;

/** On the installation: the entry describes it, the engine carries it out and says whether it may be now. */
export interface InstallationVerb<
  F extends Fields = Fields,
  R extends Reply = Reply,
> extends About<F> {
  readonly subject: 'installation';
  readonly scope: 'act' | 'admin';
  readonly method: 'post' | 'delete';
  /** Below the address of the API; with a slash in front, below that of the server. Fields that stand in it are not in the body. */
  readonly path: string;
  /** Status of success and what it brings. */
  readonly success: readonly [status: number, description: string];
  readonly reply: R;
  said(given: Given<F>, answer: Read<R>): Said;
  /** What is not as it should be although it was carried out: a script must not take it for done; null: nothing. */
  undone?(answer: Read<R>): { readonly what: string; readonly hint: string } | null;
}

export type Verb = IncidentVerb | InstallationVerb;

/** What people can do, by the type of the request. */
export type Verbs = Readonly<Record<string, Verb>>;

/** An entry about incidents; a verb that only opens, or only acts, names nothing else. */
export function verb<F extends Fields>(
  entry: Omit<IncidentVerb<F>, 'acts' | 'opens'> & Partial<Pick<IncidentVerb<F>, 'acts' | 'opens'>>,
): IncidentVerb<F> {
  const { answers = false, remark = () => null } = entry;
  return {
    acts: null,
    opens: null,
    ...entry,
    remark: (given, after) => {
      const rings = answers ? null : stillRings(after);
      return (
        [remark(given, after), rings, ringsElsewhere(after.ringsOnFor)]
          .filter((one) => one !== null)
          .join(' ') || null
      );
    },
  };
}

/** An entry about the installation, of which the types of its fields and of its answer are known. */
export function installationVerb<F extends Fields, R extends Reply>(
  entry: InstallationVerb<F, R>,
): InstallationVerb<F, R> {
  return entry;
}
