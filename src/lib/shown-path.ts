/** A path as it may be printed: where a path belongs people paste the secret itself by mistake. */

const SHOWN_CHARS = 4;
/** A word of a name, as people name files: letters of one case, maybe a capital first, maybe a short number behind. */
const WORD = /^(?:[A-Z]?[a-z]{0,24}|[A-Z]{1,24})\d{0,4}$/;

function isName(segment: string): boolean {
  return segment.split(/[._-]/).every((word) => WORD.test(word));
}

/** Whether the text reads as a path: it has folders or an ending, and every name in it is made of words. */
export function looksLikePath(text: string): boolean {
  return /[/.]/.test(text) && text.split('/').every(isName);
}

/** The first letters, by which whoever wrote it knows which one it is; of a short one fewer. */
function start(written: string): string {
  return written.slice(0, Math.min(SHOWN_CHARS, Math.floor(written.length / 4))).toWellFormed();
}

/** What is said of a file that cannot be read: its path, or no more than the beginning of what may be a secret. */
export function unreadableFile(written: string, full: string = written): string {
  if (looksLikePath(written)) return `the file ${full} cannot be read`;
  return `there is no file of that name ("${start(written)}…", ${written.length} characters, not repeated in case it is the secret itself)`;
}
