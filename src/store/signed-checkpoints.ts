/**
 * Signed checkpoints: lines in a file outside the database, each of which says how much was committed by then, by the root of
 * the tree over all events, and which line was before it. Whoever has one, and the public key, can tell later whether anything
 * of what it stands for was changed or is gone. Ed25519 (RFC 8032) by node:crypto.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { canonicalJson, sha256 } from '../lib/hash.ts';
import type { Lost } from './lost.ts';

const FORMAT = 'tocsin checkpoint 1';
/** What the first line has for the one before. */
const NO_LINE = '0'.repeat(64);

/** What somebody went on with. */
export interface BegunAnew extends Omit<Lost, 'common'> {
  /** So many of the first events were there before and are there still. Others have followed by the time that it is signed. */
  readonly events: number;
}

/** What a line says; hashes are hex. */
export interface CheckpointBody {
  readonly format: typeof FORMAT;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly instance: string;
  readonly commits: number;
  readonly deliveries: number;
  /** Leaves of the tree: events of all incidents, also of those that are archived. */
  readonly events: number;
  readonly root: string;
  /** SHA-256 of the line before; zeros: there is none. */
  readonly previous: string;
  /** Somebody has gone on with less than there was, which this is the first to say; null: nobody has. */
  readonly anew: BegunAnew | null;
  /** Public key of the signature, base64url of its 32 bytes. */
  readonly key: string;
}

export interface SignedCheckpoint extends CheckpointBody {
  readonly signature: string;
}

/** A new private key, as PEM. */
export function makeKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return String(privateKey.export({ format: 'pem', type: 'pkcs8' }));
}

/** The public key that goes with a private one, as people keep it. @throws Error where it is no key */
export function publicKeyOf(pem: string): string {
  const { x } = createPublicKey(createPrivateKey(pem)).export({ format: 'jwk' });
  if (x === undefined) throw new Error('this is no Ed25519 key');
  return x;
}

function signedText(body: CheckpointBody): Buffer {
  return Buffer.from(canonicalJson(body));
}

/** Whether whoever has the private key has written that. */
export function isSigned({ signature, ...body }: SignedCheckpoint): boolean {
  try {
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: body.key },
      format: 'jwk',
    });
    return verify(null, signedText(body), key, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}

/** The next line. @param before the line before it, as it stands in the file; null: there is none */
export function nextLine(
  says: Omit<CheckpointBody, 'format' | 'previous' | 'key'>,
  { before, pem }: { readonly before: string | null; readonly pem: string },
): string {
  const previous = before === null ? NO_LINE : sha256(before);
  const body: CheckpointBody = { format: FORMAT, ...says, previous, key: publicKeyOf(pem) };
  const signature = sign(null, signedText(body), createPrivateKey(pem)).toString('base64url');
  return canonicalJson({ ...body, signature });
}

const NUMBERS = ['commits', 'deliveries', 'events'] as const;
const TEXTS = ['at', 'instance', 'root', 'previous', 'key', 'signature'] as const;

function isBegunAnew(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const said = value as Readonly<Record<keyof BegunAnew, unknown>>;
  return (['has', 'had', 'events'] as const).every((name) => Number.isSafeInteger(said[name]));
}

/** Whether it says all that a line says; of what it says nothing is checked. */
export function isCheckpoint(value: unknown): value is SignedCheckpoint {
  if (typeof value !== 'object' || value === null) return false;
  const said = value as Readonly<Record<keyof SignedCheckpoint, unknown>>;
  return (
    said.format === FORMAT &&
    NUMBERS.every((name) => Number.isSafeInteger(said[name])) &&
    TEXTS.every((name) => typeof said[name] === 'string') &&
    (said.anew === null || isBegunAnew(said.anew))
  );
}

/** Null: it is no line of such a file. */
export function readLine(line: string): SignedCheckpoint | null {
  try {
    const value: unknown = JSON.parse(line);
    return isCheckpoint(value) ? value : null;
  } catch {
    return null;
  }
}

export interface CheckedLines {
  /** Lines that were read. */
  readonly lines: number;
  /** The last one; null: there is none that can be read. */
  readonly last: SignedCheckpoint | null;
  /** What was changed or is gone, as sentences. */
  readonly broken: readonly string[];
  /** What a person has done and accepted, as sentences. */
  readonly told: readonly string[];
}

/** What the lines are held against. */
export interface Held {
  /** Root of the tree over the first so many events that there are, null where there are fewer; null: nobody can tell. */
  readonly rootAt: ((events: number) => string | null) | null;
  readonly instance: string;
  /** Who may have signed them; null: whoever the lines themselves name. */
  readonly key: string | null;
}

/** What is wrong with a line by itself and by the one before. */
function wrongWith(
  line: SignedCheckpoint,
  { before, instance, key }: { before: string | null } & Pick<Held, 'instance' | 'key'>,
): string | null {
  if (!isSigned(line)) return 'was changed after it was signed';
  if (key !== null && line.key !== key) return `was signed by another key (${line.key})`;
  if (line.instance !== instance) return `is of another installation (${line.instance})`;
  if (line.previous !== (before === null ? NO_LINE : sha256(before)))
    return before === null
      ? 'is not the first: lines before it are gone'
      : 'does not follow the line before it: lines were removed or moved';
  return null;
}

function wasTold({ at, anew }: SignedCheckpoint, before: number): string | null {
  if (anew === null) return null;
  const what = anew.how === 'restored' ? 'a backup was restored' : 'somebody went on with less';
  return `${at}: ${what}, with ${anew.has} of ${anew.had} commits; ${Math.max(0, before - anew.events)} events that were signed for before are not part of it.`;
}

/**
 * Of each line, how many of the first events that it stands for are still to be there: none of what was given up behind it. Of
 * what was copied from a damaged database nobody knows what went before.
 */
function stillThere(lines: readonly (SignedCheckpoint | null)[]): readonly number[] {
  let kept = Number.POSITIVE_INFINITY;
  const behind = lines.toReversed().map((line) => {
    const own = kept;
    const anew = line?.anew ?? null;
    if (anew !== null) kept = Math.min(kept, anew.how === 'copied' ? -1 : anew.events);
    return own;
  });
  return behind.toReversed();
}

/** Why the events that there are do not lead to what the line says; null: they do, or it was given up. */
function gone(
  line: SignedCheckpoint,
  { upTo, rootAt }: { readonly upTo: number } & Pick<Held, 'rootAt'>,
): string | null {
  if (line.events > upTo || rootAt === null) return null;
  const root = rootAt(line.events);
  if (root === null) return `stands for ${line.events} events, and there are fewer`;
  return root === line.root
    ? null
    : `stands for other ${line.events} events than there are: one of them was changed, or is gone`;
}

/** Holds the lines of a file against each other and against the events that there are. */
export function checkLines(texts: readonly string[], held: Held): CheckedLines {
  const lines = texts.map(readLine);
  const kept = stillThere(lines);
  const broken: string[] = [];
  const told: string[] = [];
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1] ?? null;
    const name = `checkpoint ${index + 1}${line === null ? '' : ` of ${line.at}`}`;
    if (line === null) {
      broken.push(`${name} cannot be read`);
      continue;
    }
    const wrong = wrongWith(line, { ...held, before: texts[index - 1] ?? null });
    const isLess = before !== null && line.events < before.events && line.anew === null;
    const missing = gone(line, { ...held, upTo: kept[index] ?? Number.POSITIVE_INFINITY });
    if (wrong !== null) broken.push(`${name} ${wrong}`);
    if (isLess)
      broken.push(`${name} stands for fewer events than the one before, and nobody has said why`);
    if (missing !== null) broken.push(`${name} ${missing}`);
    const what = wasTold(line, before?.events ?? 0);
    if (what !== null) told.push(what);
  }
  return {
    lines: lines.length,
    last: lines.findLast((line) => line !== null) ?? null,
    broken,
    told,
  };
}
