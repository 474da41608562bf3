/** Fitting our texts to Slack's alphabets and limits. */

/** JavaScript length: Slack counts characters, and no text is longer in characters than in this. */
const MESSAGE_MAX = 40_000;
const TOPIC_MAX = 250;
const ROOM_NAME_MAX = 80;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Appends whole pieces while they fit, and a mark where something is missing. */
function joined(pieces: Iterable<string>, max: number): string {
  const kept: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    if (length + piece.length > max) return `${shortenedBy(kept, length - (max - 1)).join('')}…`;
    kept.push(piece);
    length += piece.length;
  }
  return kept.join('');
}

/** Without its last pieces, so that at least `excess` is gained. */
function shortenedBy(pieces: string[], excess: number): readonly string[] {
  let gained = 0;
  while (gained < excess) gained += pieces.pop()?.length ?? excess;
  return pieces;
}

function escaped(text: string): readonly string[] {
  return Array.from(text, (character) => ESCAPES[character] ?? character);
}

/**
 * A message: `&`, `<` and `>` are escaped so that no text of ours becomes a mention or a link, and cut at 40 000.
 * https://docs.slack.dev/messaging/formatting-message-text, https://docs.slack.dev/reference/methods/chat.postMessage
 */
export function messageText(text: string): string {
  return joined(escaped(text), MESSAGE_MAX);
}

/**
 * A topic: one line, escaped as messages are, for Slack makes links and mentions of it as well; at most 250.
 * https://docs.slack.dev/reference/methods/conversations.setTopic
 */
export function topicText(text: string): string {
  return joined(escaped(text.replaceAll(/\s+/g, ' ').trim()), TOPIC_MAX);
}

/**
 * The n-th candidate for a room's name: lower-case letters, digits, hyphens and underscores, at most 80.
 * https://docs.slack.dev/reference/methods/conversations.create, section "Naming"
 * @param attempt 1 for the wanted name; 2, 3, ... append that number
 */
export function roomName(wanted: string, attempt: number): string {
  const suffix = attempt === 1 ? '' : `-${attempt}`;
  const plain = wanted.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const fitted = plain
    .replaceAll(/[^a-z0-9_]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, ROOM_NAME_MAX - suffix.length);
  return `${fitted.replace(/-+$/, '') || 'incident'}${suffix}`;
}
