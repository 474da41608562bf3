/** The OpenAPI 3.1 document, made from the table of routes. */
import { z } from 'zod';
import type { JsonRecord } from '../contract/json.ts';
import { SCOPES } from '../core/verbs/replies.ts';
import type { Description } from './replies.ts';
import type { HttpRoute } from './route.ts';

const PROBLEM_SCHEMA = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string().optional(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});

function schemaOf(schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

function fieldsOf(schema: z.ZodType): {
  readonly fields: JsonRecord;
  readonly required: readonly string[];
} {
  const { properties, required } = schemaOf(schema);
  return { fields: properties ?? {}, required: required ?? [] };
}

function parametersOf(route: HttpRoute): readonly JsonRecord[] {
  const read = route.inPath === undefined ? {} : fieldsOf(route.inPath).fields;
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: read[name] ?? { type: 'string' },
    ...(name === 'incident' ? { description: 'Id; `7` means `inc-7`' } : {}),
  }));
  const { fields, required } = fieldsOf(route.query);
  const inQuery = Object.entries(fields).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
  const key = {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description: 'The same key is the same request: it is carried out once',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  };
  return [...inPath, ...inQuery, ...(route.isIdempotent === true ? [key] : [])];
}

function bodyOf(route: HttpRoute): JsonRecord | null {
  if (route.method !== 'post') return null;
  if (route.takes === 'raw') return { required: true, content: { '*/*': { schema: {} } } };
  const { fields, required } = fieldsOf(route.body);
  if (Object.keys(fields).length === 0) return null;
  return {
    required: required.length > 0,
    content: { 'application/json': { schema: schemaOf(route.body) } },
  };
}

function contentOf({ success, reply }: HttpRoute): JsonRecord {
  if (reply !== undefined) return { content: { 'application/json': { schema: schemaOf(reply) } } };
  return success[0] === 204 ? {} : { content: { 'text/plain': {} } };
}

/** By status: what the route brings, beside refusals. */
function repliesOf(route: HttpRoute): JsonRecord {
  const { success, otherwise } = route;
  const told = otherwise === undefined ? [success] : [success, otherwise];
  const content = contentOf(route);
  return Object.fromEntries(
    told.map(([status, description]) => [status, { description, ...content }]),
  );
}

function operationOf(route: HttpRoute): JsonRecord {
  const body = bodyOf(route);
  const needs = route.access === 'none' ? [] : [{ token: [] }];
  const scope =
    route.access === 'none' || route.access === 'any'
      ? ''
      : ` Needs the scope \`${route.access}\`.`;
  return {
    operationId: `${route.method}_${route.path.replaceAll(/[^a-z0-9]+/gi, '_').replaceAll(/^_|_$/g, '')}`,
    summary: route.summary,
    description: `${route.summary}.${scope}`,
    'x-scope': route.access,
    security: needs,
    parameters: parametersOf(route),
    ...(body === null ? {} : { requestBody: body }),
    responses: {
      ...repliesOf(route),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

/** The document of these routes. */
export function openApiOf(routes: readonly HttpRoute[], version: string): Description {
  const paths: Record<string, Record<string, JsonRecord>> = {};
  for (const route of routes) {
    const operations = (paths[route.path] ??= {});
    operations[route.method] = operationOf(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tocsin',
      version,
      description: `Bearer tokens have the scopes ${SCOPES.join(', ')}. \`X-Tocsin-Via: cli\` marks what was asked from the command line. Errors are problem documents (RFC 9457). A later version may add fields to a reply and takes none away.`,
    },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: schemaOf(PROBLEM_SCHEMA) },
      responses: {
        Problem: {
          description: 'What is wrong, where, and what to do',
          content: {
            'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
          },
        },
      },
    },
  };
}
