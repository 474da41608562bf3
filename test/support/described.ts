/** Answers of the API held against its own description: what a client generated from that would make of them. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { VERBS } from '../../src/core/verbs/table.ts';
import { isRecord } from '../../src/contract/json.ts';
import { openApiOf } from '../../src/http/openapi.ts';
import { allRoutes } from '../../src/http/routes.ts';
import type { Answered } from './http.ts';

const ROUTES = allRoutes(VERBS);
const { paths, components } = openApiOf(ROUTES, '0.0.0');
const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
const compiled = new Map<string, ValidateFunction>();

/** A client takes fields that it does not know; we want to know of each field that nobody has described. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (!isRecord(schema)) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, closed(value)]),
  );
  const isShape = schema['type'] === 'object' && isRecord(schema['properties']);
  return isShape ? { additionalProperties: false, ...inner } : inner;
}

/** What the description says of an answer: its media type and schema; null: it knows none. */
interface Said {
  readonly type: string;
  readonly schema: unknown;
}

function saidOf(operation: unknown, status: number): Said | null {
  const responses = isRecord(operation) ? operation['responses'] : null;
  const named = isRecord(responses) ? responses[status] : undefined;
  const problem = isRecord(components['responses']) ? components['responses']['Problem'] : null;
  const response = named ?? (status >= 400 ? problem : null);
  if (!isRecord(response)) return null;
  const [content] = Object.entries(isRecord(response['content']) ? response['content'] : {});
  if (content === undefined) return { type: '', schema: null };
  const [type, holds] = content;
  const { Problem } = components['schemas'] as { Problem: unknown };
  const schema = type === 'application/problem+json' ? Problem : isRecord(holds) && holds['schema'];
  return { type, schema: schema === false ? null : (schema ?? null) };
}

function validatorOf(name: string, schema: unknown): ValidateFunction {
  const known = compiled.get(name) ?? ajv.compile(closed(schema) as object);
  compiled.set(name, known);
  return known;
}

/** The path of the route that answers an address, as the description spells it; null: none does. */
function routeOf(method: string, path: string): string | null {
  const [address = ''] = path.split('?');
  const route = ROUTES.find(
    (one) =>
      one.method === method.toLowerCase() &&
      new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(address),
  );
  return route?.path ?? null;
}

/**
 * What the answer has that the description does not say, or lacks that it says; empty: nothing.
 * @param asked method and address, `GET /api/v1/incidents?limit=1`
 */
export function undescribed(asked: string, answered: Answered): readonly string[] {
  const [method = '', path = ''] = asked.split(' ');
  const route = routeOf(method, path);
  if (route === null) return [];
  const said = saidOf(paths[route]?.[method.toLowerCase()], answered.status);
  if (said === null) return [`${asked}: the status ${answered.status} is not described`];
  const [type = ''] = (answered.headers['content-type'] ?? '').toString().split(';');
  if (type !== said.type) return [`${asked}: ${type} is sent, ${said.type} is described`];
  if (!type.endsWith('json')) return [];
  if (said.schema === null) return [`${asked}: no schema says what ${answered.status} brings`];
  const validate = validatorOf(`${method} ${route} ${answered.status}`, said.schema);
  validate(answered.json);
  return (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) =>
      `${asked}: ${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
