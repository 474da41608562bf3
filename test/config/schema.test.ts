/** `config/schema.json`: fresh, and of one mind with the loader. Write it anew with UPDATE_GOLDEN=1. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { registry } from '../../adapters/index.ts';
import { isRecord } from '../../src/contract/json.ts';
import { fallbackAnswers, initConfig } from '../../src/config/init.ts';
import { configJsonSchema, configSchemaText } from '../../src/config/json-schema.ts';
import { here } from './load.ts';

const root = join(here, '..', '..');
const path = join(root, 'config', 'schema.json');
const files = globSync(['config/*.yaml', 'config/teams/*.yaml', 'config/recipes/*.yaml'], {
  cwd: root,
});

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
const validate = ajv.compile(configJsonSchema(registry));

function faults(text: string): readonly string[] {
  validate(parse(text) as unknown);
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}

/** Every named member anywhere in a schema, except those by which a branch is chosen. */
function fieldsOf(
  value: unknown,
  at: string,
): readonly { readonly at: string; readonly description: unknown }[] {
  if (Array.isArray(value)) return value.flatMap((each, i) => fieldsOf(each, `${at}/${i}`));
  if (!isRecord(value)) return [];
  const { properties } = value;
  const own = isRecord(properties) ? Object.entries(properties) : [];
  return [
    ...own.map(([name, field]) => ({
      at: `${at}/${name}`,
      description: isRecord(field) ? field['description'] : undefined,
    })),
    ...Object.entries(value).flatMap(([key, each]) =>
      key === 'if' ? [] : fieldsOf(each, `${at}/${key}`),
    ),
  ];
}

describe('the schema for editors', () => {
  test('is the one that the adapters and the sections make', () => {
    const text = configSchemaText(registry);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text);
    expect(
      readFileSync(path, 'utf8') === text,
      'config/schema.json is stale: run UPDATE_GOLDEN=1 npx vitest run test/config/schema.test.ts',
    ).toBe(true);
  });

  test.each(files)('accepts %s', (file) => {
    expect(faults(readFileSync(join(root, file), 'utf8'))).toEqual([]);
  });

  test('accepts what init writes', () => {
    expect(faults(initConfig(fallbackAnswers()))).toEqual([]);
  });

  test.each([
    ['an unknown section', 'rols: {}', ' must NOT have additional properties'],
    [
      'an unknown key of a level',
      'severities: {a: {urgency: high, urgent: yes}}',
      '/severities/a must NOT have additional properties',
    ],
    [
      'an unknown mode',
      'targets: {a: {type: slack, mode: on, bot_token_file: x}}',
      '/targets/a/mode must be equal to one of the allowed values',
    ],
    [
      'an unknown type',
      'targets: {a: {type: slakc, mode: off}}',
      '/targets/a/type must be equal to one of the allowed values',
    ],
    [
      "a key that another vendor's target has",
      'targets: {a: {type: slack, mode: off, bot_token_file: x, page_id: y}}',
      '/targets/a must NOT have additional properties',
    ],
    [
      'a target without its secret',
      'targets: {a: {type: slack, mode: off}}',
      "/targets/a must have required property 'bot_token_file'",
    ],
    [
      'a literal secret',
      'targets: {a: {type: slack, mode: off, bot_token: xoxb}}',
      '/targets/a/bot_token must match pattern "^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$"',
    ],
    ['an unknown text', 'texts: {public.tilte: x}', '/texts must NOT have additional properties'],
    [
      'an address of no vendor',
      'roles: {a: {page: {via: x, colour: red}}}',
      '/roles/a/page must match a schema in anyOf',
    ],
  ])('refuses %s', (_what, text, fault) => {
    expect(faults(text)).toContain(fault);
  });

  test('describes every field in one line', () => {
    expect(
      fieldsOf(configJsonSchema(registry), '').filter((field) => field.description === undefined),
    ).toEqual([]);
  });
});
