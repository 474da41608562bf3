/** Redaction by value: what is registered as a secret never leaves in a log line, an error or a stored outcome. */
import { Secret } from '../contract/secret.ts';
import type { Setup } from './setup.ts';

export interface Redactor {
  register(value: string): void;
  redact(text: string): string;
}

/** Shorter values would black out half of every line and are no secrets anyway. */
const LENGTH_MIN = 6;
const DEPTH_MAX = 12;

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** The spellings in which a value can turn up: as it is, inside JSON, inside a URL or form, as basic credentials. */
function spellings(value: string): string[] {
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    Buffer.from(value).toString('base64'),
  ];
}

export function createRedactor(): Redactor {
  const known = new Set<string>();
  let pattern: RegExp | null = null;
  return {
    register: (value) => {
      if (value.length < LENGTH_MIN) return;
      for (const one of spellings(value)) known.add(one);
      // Longest first, or a secret that contains another one would leave its tail behind.
      const parts = [...known].toSorted((a, b) => b.length - a.length).map(escaped);
      pattern = new RegExp(parts.join('|'), 'g');
    },
    redact: (text) => (pattern === null ? text : text.replace(pattern, '[secret]')),
  };
}

function registerWithin(redactor: Redactor, value: unknown, depth: number): void {
  if (value instanceof Secret) return redactor.register(value.reveal());
  if (typeof value !== 'object' || value === null || depth >= DEPTH_MAX) return;
  for (const inner of Object.values(value)) registerWithin(redactor, inner, depth + 1);
}

/** Registers every secret of a configuration: of sources, of targets, and inside page addresses. */
export function registerSecrets(redactor: Redactor, setup: Setup): void {
  for (const part of [...Object.values(setup.sources), ...Object.values(setup.targets)])
    registerWithin(redactor, part.config, 0);
  for (const secret of Object.values(setup.addressSecrets)) redactor.register(secret.reveal());
}
