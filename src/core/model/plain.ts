/** What strangers wrote, made fit to be read: on a phone, in a room, in a terminal. */

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
// eslint-disable-next-line no-control-regex -- as above, and whatever breaks a line
const GAPS = /[\s\u0000-\u001f\u007f-\u009f]+/g;
const ORDER_OF_LETTERS = /[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text with its lines, and without signs of control: vendors refuse some of them, terminals obey others. */
export function withoutControls(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replace(CONTROL, '\u{fffd}');
}

/** The text with its lines, for a terminal: nothing in it moves the cursor, nor turns the order of the letters round. */
export function harmless(text: string): string {
  return withoutControls(text).replace(ORDER_OF_LETTERS, '\u{fffd}');
}

/** The text as one line, for titles: a break in it could pass for words of our own. */
export function oneLine(text: string): string {
  return text.replace(GAPS, ' ').replace(ORDER_OF_LETTERS, '').trim();
}

const UNSEEN = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** JSON with the signs escaped that JSON allows and a terminal obeys: the same values for whoever reads it. */
export function harmlessJson(json: string): string {
  return json.replace(
    UNSEEN,
    (sign) => `${String.raw`\u`}${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
