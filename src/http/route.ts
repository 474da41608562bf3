/** One route as data: Express, the check of who may do what, and the OpenAPI document are all made from it. */
import { z } from 'zod';
import type { Actor } from '../core/model/input.ts';
import { readFields } from '../lib/fields.ts';
import type { Frozen } from '../read/shapes.ts';
import type { TokenRow } from './token-rows.ts';
import type { Scope } from '../core/verbs/replies.ts';
import type { Api } from './options.ts';
import { HttpProblem } from './problem.ts';

/** `any`: any valid token. `none`: without a token. */
export type Access = Scope | 'any' | 'none';

export interface Who {
  readonly token: TokenRow;
  readonly actor: Extract<Actor, { kind: 'person' | 'machine' }>;
  readonly origin: 'api' | 'cli';
}

export interface Reply<R = never> {
  readonly status?: number;
  /** Absent for 204, and where `text` is given. */
  readonly json?: Frozen<R>;
  readonly text?: { readonly type: string; readonly body: string };
  readonly headers?: Readonly<Record<string, string>>;
}

/** A reply of whichever route. */
export interface AnyReply extends Omit<Reply, 'json'> {
  readonly json?: unknown;
}

/** A request before its fields are checked. */
export interface RawCall {
  readonly api: Api;
  /** Null where the route needs no token. */
  readonly who: Who | null;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: unknown;
  /** Parsed JSON; an empty object where there was no body. */
  readonly json: unknown;
  readonly bytes: Uint8Array;
  /** Prefixed by the token; null: none given. */
  readonly idempotencyKey: string | null;
}

/** Fields by name, each as its schema reads it. */
export type Named = Readonly<Record<string, unknown>>;

export interface Call<B, Q> extends Omit<RawCall, 'query' | 'json'> {
  readonly body: B;
  readonly query: Q;
  /** What stands in the path, by the schema of the route for it. */
  readonly inPath: Named;
}

interface About {
  readonly method: 'get' | 'post' | 'delete';
  /** With parameters as `{name}`. */
  readonly path: string;
  readonly access: Access;
  readonly summary: string;
  /** Status of success and what it brings. */
  readonly success: readonly [status: number, description: string];
  /** Another status that brings the same reply, and when. */
  readonly otherwise?: readonly [status: number, description: string];
  /** How parameters of the path are read; one that it does not name is any text. */
  readonly inPath?: z.ZodType<Named>;
  /** Takes an `Idempotency-Key`. */
  readonly isIdempotent?: boolean;
  /** `raw`: the body is taken as it is, whatever its type; `json` when absent. */
  readonly takes?: 'json' | 'raw';
}

export interface Definition<B, Q, R> extends About {
  readonly body: z.ZodType<B>;
  readonly query: z.ZodType<Q>;
  /** What a success brings; absent: nothing, or a text that is no JSON. */
  readonly reply?: z.ZodType<R>;
  handle(call: Call<B, Q>): Promise<Reply<NoInfer<R>>>;
}

export interface HttpRoute extends About {
  readonly body: z.ZodType;
  readonly query: z.ZodType;
  readonly reply?: z.ZodType;
  /** Checks the fields and runs the handler. Throws `HttpProblem`. */
  run(call: RawCall): Promise<AnyReply>;
}

/** No fields. */
export const EMPTY = z.strictObject({});

/** Whatever stands in the path is text. */
const NOTHING = z.object({});

type Part = 'body' | 'query' | 'address';

function checked<T>(schema: z.ZodType<T>, value: unknown, what: Part): T {
  const result = readFields(schema, value, what);
  if (result.ok) return result.value;
  const { detail, errors } = result;
  throw new HttpProblem({ status: 400, code: `invalid_${what}`, detail, errors });
}

/** A route whose handler gets body and query as their schemas say. */
export function define<B, Q, R = never>(definition: Definition<B, Q, R>): HttpRoute {
  const { body, query, inPath = NOTHING, handle } = definition;
  return {
    ...definition,
    run: ({ json, query: asked, ...call }) =>
      handle({
        ...call,
        inPath: checked(inPath, call.params, 'address'),
        query: checked(query, asked, 'query'),
        body: checked(body, json, 'body'),
      }),
  };
}

/** Who asks; a route that needs it has an access other than `none`. */
export function whoOf(call: Pick<RawCall, 'who'>): Who {
  if (call.who === null) throw new Error('a route without a token asked who is there');
  return call.who;
}

/** A parameter of the path. */
export function paramOf(call: Pick<RawCall, 'params'>, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`the path has no parameter ${name}`);
  return value;
}
