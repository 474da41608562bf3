/**
 * Bounded copies of what strangers send. A text of megabytes or an object of a hundred thousand members is no alert that
 * somebody meant, yet it may be about an outage: so it is cut and taken, and what is cut is said. A digest stands for what
 * is left out, so that two which differ only there stay two.
 */
import { hmac } from './signature.ts';

/** Members that an object of a delivery keeps; no sender known to us has a hundred. */
export const MEMBERS_MAX = 1_000;
/** Characters that a text of a delivery keeps, as it is written in JSON. */
export const TEXT_MAX = 16_384;
/** Nesting that a reader accepts; no vendor payload seen goes beyond 12. */
export const JSON_DEPTH_MAX = 64;

/** Under this name stands what was left out. */
export const CUT = 'tocsin_cut';

function digestOf(text: string): string {
  return hmac('sha256', 'cut', text).toString('hex').slice(0, 12);
}

/** A text that is too long, cut; it says so. @param max characters that stay */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max).toWellFormed()}… (cut: ${text.length} characters, ${digestOf(text)})`;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LONG_INTEGER = /^-?\d{16,}$/;

/** Where the text ends that begins at `from`: at its closing quote, or at the end of everything. */
function textEnd(json: string, from: number): number {
  for (let at = json.indexOf('"', from); at !== -1; at = json.indexOf('"', at + 1)) {
    let slashes = 0;
    while (at - slashes > from && json.charCodeAt(at - slashes - 1) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return json.length;
}

/** Where a long text can be cut without breaking what is written by a backslash. */
function cutAt(json: string, from: number): number {
  let at = from;
  while (at < from + TEXT_MAX)
    if (json.charCodeAt(at) !== BACKSLASH) at += 1;
    else at += json.charCodeAt(at + 1) === LETTER_U ? '\\uXXXX'.length : '\\n'.length;
  return at;
}

interface Opened {
  readonly isObject: boolean;
  members: number;
}

/** What is being read. */
interface Reader {
  readonly json: string;
  readonly out: string[];
  readonly open: Opened[];
  /** From here on nothing is written yet. */
  kept: number;
  /** The object whose further members are left out, as its place in `open`, and where they begin. */
  cut: { readonly depth: number; readonly from: number } | null;
}

function replace(reader: Reader, [from, to]: readonly [number, number], by: string): void {
  reader.out.push(reader.json.slice(reader.kept, from), by);
  reader.kept = to;
}

/** Reads a text; returns the place behind it. */
function readText(reader: Reader, at: number): number {
  const { json } = reader;
  const end = textEnd(json, at + 1);
  if (reader.cut === null && end - at - 1 > TEXT_MAX) {
    const from = cutAt(json, at + 1);
    const digest = digestOf(json.slice(at + 1, end));
    replace(reader, [from, end], `… (cut: ${end - at - 1} characters, ${digest})`);
  }
  return end + 1;
}

/** Reads a number; one that a double would round becomes a text of its digits. */
function readNumber(reader: Reader, at: number): number {
  NUMBER.lastIndex = at;
  const [token = ''] = NUMBER.exec(reader.json) ?? [];
  if (token === '') return at + 1;
  const isRounded = LONG_INTEGER.test(token) && !Number.isSafeInteger(Number(token));
  if (isRounded && reader.cut === null) replace(reader, [at, at + token.length], `"${token}"`);
  return at + token.length;
}

function nextMember(reader: Reader, at: number): void {
  const { open } = reader;
  const last = open.at(-1);
  if (last?.isObject !== true) return;
  last.members += 1;
  if (reader.cut === null && last.members === MEMBERS_MAX)
    reader.cut = { depth: open.length, from: at };
}

function close(reader: Reader, at: number): void {
  const { open, cut, json } = reader;
  const last = open.at(-1);
  if (cut !== null && cut.depth === open.length) {
    const count = (last?.members ?? 0) - MEMBERS_MAX + 1;
    const digest = digestOf(json.slice(cut.from, at));
    replace(reader, [cut.from, at], `,"${CUT}":"${count} members, ${digest}"`);
    reader.cut = null;
  }
  open.pop();
}

function readMark(reader: Reader, code: number, at: number): void {
  if (code === COMMA) nextMember(reader, at);
  else if (code === OPEN_OBJECT) reader.open.push({ isObject: true, members: 0 });
  else if (code === OPEN_LIST) reader.open.push({ isObject: false, members: 0 });
  else if (code === CLOSE_OBJECT || code === CLOSE_LIST) close(reader, at);
}

/**
 * JSON as it came, but objects of at most `MEMBERS_MAX` members and one that says how many are missing, texts of at most
 * `TEXT_MAX` characters, and integers that a double would round as texts: a rounded id would merge two alerts, and a
 * rounded nanosecond time reorders them. One look at every character, whatever it is; what is no JSON stays none. Null:
 * it is nested too deep.
 */
export function boundedJson(json: string): string | null {
  const reader: Reader = { json, out: [], open: [], kept: 0, cut: null };
  const { open, out } = reader;
  let at = 0;
  while (at < json.length) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = readText(reader, at);
    else if (code === MINUS || (code >= ZERO && code <= NINE)) at = readNumber(reader, at);
    else {
      readMark(reader, code, at);
      at += 1;
    }
    if (open.length > JSON_DEPTH_MAX) return null;
  }
  return out.length === 0 ? json : out.join('') + json.slice(reader.kept);
}
