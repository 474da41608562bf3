/** Secrets as opaque values: they print as `[secret]` everywhere and are revealed only where a request is built or verified. */
import { z } from 'zod';

export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '[secret]';
  }
  toJSON(): string {
    return '[secret]';
  }
}

/**
 * A secret field of an adapter's schema, declared once under its plain name. The loader alone implements the spellings:
 * `name: ${ENV}`, `name_file: path`; and hands the adapter a `Secret`. Literal values are refused outside the sandbox.
 */
export function secret(description: string): z.ZodType<Secret> {
  return z.instanceof(Secret).meta({ description, secret: 'one' });
}

/** Several secrets valid at once, for rotation: `name: [${A}, ${B}]` or `name_files: [new, old]`. */
export function secrets(description: string): z.ZodType<readonly Secret[]> {
  return z.array(z.instanceof(Secret)).min(1).meta({ description, secret: 'many' });
}
