/** Finding secrets inside a configuration, replacing them in golden files, and proving that they appear nowhere else. */
import { inspect } from 'node:util';
import { expect } from 'vitest';
import { Secret } from '../../src/contract/index.ts';

export interface NamedSecret {
  /** Where it stands, e.g. `config.api_key`. */
  readonly name: string;
  readonly value: string;
}

/** Every `Secret` inside the value, named by its path. */
export function secretsIn(value: unknown, name: string): readonly NamedSecret[] {
  if (value instanceof Secret) return [{ name, value: value.reveal() }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => secretsIn(child, `${name}.${key}`));
}

/** The text with each secret replaced by its name: what a golden file may hold. */
export function withoutSecrets(text: string, secrets: readonly NamedSecret[]): string {
  let result = text;
  for (const { name, value } of secrets) result = result.replaceAll(value, `[secret ${name}]`);
  return result;
}

/** Fails when the value, printed in any of the ways a program prints, shows a secret in clear, URL-encoded or in base64. */
export function expectNoSecret(value: unknown, secrets: readonly NamedSecret[]): void {
  const printed = [JSON.stringify(value) ?? '', inspect(value, { depth: 20 }), String(value)].join(
    '\n',
  );
  for (const secret of secrets) {
    const spellings = [
      secret.value,
      encodeURIComponent(secret.value),
      Buffer.from(secret.value).toString('base64'),
    ];
    // The suites come here thousands of times: the runner's assertion is called only to fail.
    if (spellings.some((spelling) => printed.includes(spelling)))
      expect.fail(`the secret ${secret.name} is shown in: ${printed.slice(0, 300)}`);
  }
}
