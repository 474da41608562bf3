/**
 * Matchers as Alertmanager writes them: `severity=~"page|critical"`, one or several in a text, with or without braces.
 * Grammar: https://prometheus.io/docs/alerting/latest/configuration/#matcher
 */
import { RE2JS, RE2JSSyntaxException } from 're2js';
import type { Matcher, MatchOperator } from '../core/model/policy.ts';

export type MatcherReading =
  | { readonly ok: true; readonly matchers: readonly (Matcher & { readonly offset: number })[] }
  /** `offset`: how many characters into the text the fault is. */
  | {
      readonly ok: false;
      readonly offset: number;
      readonly what: string;
      readonly instead: string;
    };

interface Token {
  readonly text: string;
  readonly end: number;
}

/** Length that a label name or a pattern may have; nothing real comes near. */
const TEXT_MAX = 4096;

const EXAMPLE = 'Write label="value", or with !=, =~ or !~ instead of =.';

class MatcherError extends Error {
  readonly offset: number;
  readonly instead: string;
  constructor(offset: number, what: string, instead: string) {
    super(what);
    this.name = 'MatcherError';
    this.offset = offset;
    this.instead = instead;
  }
}

/** Inside quotes `\"`, `\\` and `\n` are escapes; a backslash before anything else stays, so that `\.` reaches the pattern. */
function quoted(text: string, start: number): Token {
  let value = '';
  for (let at = start + 1; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (letter === '"') return { text: value, end: at + 1 };
    const next = text.charAt(at + 1);
    if (letter === '\\' && (next === '"' || next === '\\' || next === 'n')) {
      value += next === 'n' ? '\n' : next;
      at += 1;
    } else value += letter;
  }
  throw new MatcherError(start, 'the quotation mark is never closed', 'Close it with ".');
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text.charAt(at))) at += 1;
  return at;
}

/** Word processors and chats put them in the place of straight ones; as part of a value they would never match. */
const TYPOGRAPHIC = '‘’‚‛“”„‟«»';

/** Typographic quotes around a label or a value: whoever wrote them meant straight ones. */
function refuseTypographic(text: string, start: number): void {
  const wrong = [0, text.length - 1].find((at) => TYPOGRAPHIC.includes(text.charAt(at) || ' '));
  if (wrong !== undefined)
    throw new MatcherError(
      start + wrong,
      `${text.charAt(wrong)} is no quotation mark that is read here`,
      'Write straight ones: \'label="value"\'.',
    );
}

function labelAt(text: string, start: number): Token {
  if (text.charAt(start) === '"') return quoted(text, start);
  const name = /^[^\s{}!=~,"'`\\]+/.exec(text.slice(start))?.[0];
  if (name === undefined) throw new MatcherError(start, 'here a label name is expected', EXAMPLE);
  refuseTypographic(name, start);
  return { text: name, end: start + name.length };
}

function operatorAt(
  text: string,
  start: number,
): { readonly operator: MatchOperator; readonly end: number } {
  const two = text.slice(start, start + 2);
  if (two === '!=' || two === '=~' || two === '!~') return { operator: two, end: start + 2 };
  if (two === '==') throw new MatcherError(start, '"==" is no operator', 'Write = for equal.');
  if (two.startsWith('=')) return { operator: '=', end: start + 1 };
  throw new MatcherError(start, 'here one of =, !=, =~, !~ is expected', EXAMPLE);
}

/** A bare value ends at a comma; blanks around it do not belong to it. */
function valueAt(text: string, start: number): Token {
  if (text.charAt(start) === '"') return quoted(text, start);
  const comma = text.indexOf(',', start);
  const end = comma === -1 ? text.length : comma;
  const value = text.slice(start, end).trimEnd();
  refuseTypographic(value, start);
  const quote = value.search(/["{}]/);
  if (quote !== -1)
    throw new MatcherError(
      start + quote,
      `${value.charAt(quote)} stands inside a value without quotes`,
      'Put the whole value in "quotes".',
    );
  return { text: value, end };
}

/** The end of the text without a closing brace and blanks around it. */
function trimBraces(text: string): { readonly from: number; readonly inside: string } {
  const trimmed = text.trimEnd();
  const from = skipBlanks(trimmed, 0);
  const opened = trimmed.charAt(from) === '{';
  const inside =
    trimmed.endsWith('}') && !isInsideQuotes(trimmed) ? trimmed.slice(0, -1).trimEnd() : trimmed;
  return {
    from: opened ? from + 1 : from,
    inside: inside.endsWith(',') ? inside.slice(0, -1).trimEnd() : inside,
  };
}

/** Whether the last character belongs to a quoted part. */
function isInsideQuotes(text: string): boolean {
  let inside = false;
  for (let at = 0; at < text.length - 1; at += 1) {
    if (inside && text.charAt(at) === '\\') at += 1;
    else if (text.charAt(at) === '"') inside = !inside;
  }
  return inside;
}

/** Patterns run in linear time (RE2) and must match the whole value. */
function checkPattern(pattern: string, offset: number): void {
  try {
    RE2JS.compile(pattern);
  } catch (error) {
    const why =
      error instanceof RE2JSSyntaxException
        ? error.message.replace(/^error parsing regexp: /, '')
        : 'it cannot be compiled';
    throw new MatcherError(
      offset,
      `this is no pattern: ${why}`,
      'Patterns are RE2 (no look-around, no back references) and match the whole value.',
    );
  }
}

function readOne(
  text: string,
  start: number,
): { readonly matcher: Matcher & { readonly offset: number }; readonly end: number } {
  const label = labelAt(text, start);
  const sign = operatorAt(text, skipBlanks(text, label.end));
  const valueStart = skipBlanks(text, sign.end);
  const value = valueAt(text, valueStart);
  if (label.text === '') throw new MatcherError(start, 'the label name is empty', EXAMPLE);
  if (sign.operator === '=~' || sign.operator === '!~') checkPattern(value.text, valueStart);
  return {
    matcher: { label: label.text, operator: sign.operator, value: value.text, offset: start },
    end: value.end,
  };
}

/** The matchers of a text, which are all to hold; at least one. */
export function readMatchers(text: string): MatcherReading {
  if (text.length > TEXT_MAX)
    return {
      ok: false,
      offset: 0,
      what: 'the matcher is too long',
      instead: 'Split it into several.',
    };
  const { from, inside } = trimBraces(text);
  const matchers: (Matcher & { readonly offset: number })[] = [];
  try {
    for (let at = skipBlanks(inside, from); ;) {
      const { matcher, end } = readOne(inside, at);
      matchers.push(matcher);
      at = skipBlanks(inside, end);
      if (at >= inside.length) return { ok: true, matchers };
      if (inside.charAt(at) !== ',')
        throw new MatcherError(
          at,
          'here a comma or the end is expected',
          'Separate matchers by commas.',
        );
      at = skipBlanks(inside, at + 1);
    }
  } catch (error) {
    if (!(error instanceof MatcherError)) throw error;
    return { ok: false, offset: error.offset, what: error.message, instead: error.instead };
  }
}
