/** Redaction by value: what is registered as a secret never leaves in a log line, an error or a stored outcome. */
import { Secret } from '../../contract/secret.ts';
import type { Setup } from '../setup.ts';

export interface Redactor {
  register(value: string): void;
  redact(text: string): string;
  /** The same for a text that others may have cut off: an end that begins like a secret is replaced as well. */
  redactCut(text: string): string;
}

/** Shorter values would black out half of every line and are no secrets anyway. */
const LENGTH_MIN = 6;
const DEPTH_MAX = 12;

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/**
 * What base64 makes of the value behind any number of other bytes: the letters that it alone decides. A login is
 * `user:KEY` in base64, and the user is of any length.
 */
function inBase64(value: string): string[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].map((before) => {
    const letters = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const from = Math.ceil((before * 8) / 6);
    return letters.slice(from, Math.floor(((before + bytes.length) * 8) / 6));
  });
}

/** Inside a URL, by either rule of escaping and with either case of its digits. */
function inUrls(value: string): string[] {
  const forms = [encodeURIComponent(value), new URLSearchParams([['', value]]).toString().slice(1)];
  const lower = forms.map((one) => one.replaceAll(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()));
  return [...forms, ...lower];
}

/** Inside JSON: as we write it, with every slash escaped, with every letter escaped. */
function inJson(value: string): string[] {
  const usual = JSON.stringify(value).slice(1, -1);
  const digits = Array.from({ length: value.length }, (_, i) =>
    value.charCodeAt(i).toString(16).padStart(4, '0'),
  );
  const all = (hex: string): string => `${String.raw`\u`}${hex}`;
  return [
    usual,
    usual.replaceAll('/', String.raw`\/`),
    digits.map(all).join(''),
    digits.map((hex) => all(hex.toUpperCase())).join(''),
  ];
}

/** The spellings in which a value can turn up: as it is, inside JSON, inside a URL or form, as basic credentials. */
function spellings(value: string): string[] {
  const whole = Buffer.from(value).toString('base64');
  const base64 = [whole, whole.replace(/=+$/, ''), ...inBase64(value)];
  const forUrls = base64.map((one) => one.replaceAll('+', '-').replaceAll('/', '_'));
  return [value, ...inJson(value), ...inUrls(value), ...base64, ...forUrls];
}

export function createRedactor(): Redactor {
  const values = new Set<string>();
  const known = new Set<string>();
  /** The spellings by their first letters. */
  const begun = new Map<string, string[]>();
  let longest = 0;
  let pattern: RegExp | null = null;
  const learn = (spelling: string): void => {
    if (known.has(spelling)) return;
    known.add(spelling);
    longest = Math.max(longest, spelling.length);
    const head = spelling.slice(0, LENGTH_MIN);
    begun.set(head, [...(begun.get(head) ?? []), spelling]);
  };
  const redact = (text: string): string =>
    pattern === null ? text : text.replace(pattern, '[secret]');
  return {
    register: (value) => {
      if (value.length < LENGTH_MIN || values.has(value)) return;
      values.add(value);
      for (const one of spellings(value)) learn(one);
      // Longest first, or a secret that contains another one would leave its tail behind.
      const parts = [...known].toSorted((a, b) => b.length - a.length).map(escaped);
      pattern = new RegExp(parts.join('|'), 'g');
    },
    redact,
    redactCut: (text) => {
      const clean = redact(text);
      for (let at = Math.max(0, clean.length - longest); at <= clean.length - LENGTH_MIN; at += 1) {
        const spelled = begun.get(clean.slice(at, at + LENGTH_MIN));
        if (spelled?.some((one) => one.startsWith(clean.slice(at))) === true)
          return `${clean.slice(0, at)}[secret]`;
      }
      return clean;
    },
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
