/** What strangers wrote, made fit to be read. */
import { expect, test } from 'vitest';
import { harmless, harmlessJson, oneLine, withoutControls } from './plain.ts';

const BIDI = '\u061c\u200e\u200f\u202a\u202e\u2066\u2069';

test('a title is one line of letters, whatever was in it', () => {
  expect(oneLine(' disk\r\nfull\u2028now\u0085and \t then\u0000\u001b\u009b ')).toBe(
    'disk full now and then',
  );
  expect(oneLine(`a${BIDI}b`)).toBe('ab');
  expect(oneLine('\u0000\n')).toBe('');
  expect(oneLine('Störung 障害 עברית 🚨')).toBe('Störung 障害 עברית 🚨');
});

test('a text keeps its lines and shows where a sign of control was', () => {
  expect(withoutControls('a\r\nb\rc\td\u0000\u001b[2J\u009b')).toBe(
    'a\nb\nc\td\u{fffd}\u{fffd}[2J\u{fffd}',
  );
  expect(withoutControls('\u200fשלום'), 'writing from right to left needs its marks').toBe(
    '\u200fשלום',
  );
  expect(harmless('x\u202ey\n')).toBe('x\u{fffd}y\n');
});

test('JSON means the same with everything escaped that a terminal obeys', () => {
  const value = { text: `\u001b\u009b\u009d\u007f${BIDI}\u2028ok` };
  const json = harmlessJson(JSON.stringify(value));
  expect(json).not.toMatch(/\p{Cc}|\p{Cf}|\u2028/u);
  expect(JSON.parse(json)).toEqual(value);
});
