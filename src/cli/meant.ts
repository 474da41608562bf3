/** Commands of other tools, and what does the same here: people type them at night. */

const HOLDS =
  'To hold every phone for a while: tocsin pause paging 30m --why "...". One alert is silenced where it comes from.';
const ON_CALL =
  'Who was rung, and who is next: tocsin show 7. Whom an alert would ring now: tocsin explain BODY --source NAME.';

const MEANT: ReadonlyMap<string, string> = new Map([
  ['acknowledge', 'Write: tocsin ack 7'],
  [
    'close',
    'Write: tocsin resolve 7, or where it was nothing: tocsin false-positive 7 --reason "..."',
  ],
  [
    'escalate',
    'To raise the level: tocsin severity 7 LEVEL. To call somebody in: tocsin page 7 ROLE.',
  ],
  ['silence', HOLDS],
  ['snooze', HOLDS],
  ['mute', HOLDS],
  ['on-call', ON_CALL],
  ['oncall', ON_CALL],
  ['who', ON_CALL],
  ['test', 'Write: tocsin page --test PERSON'],
]);

/** What the command of another tool is here; null: it is none that is known. */
export function meantBy(word: string | undefined): string | null {
  return word === undefined ? null : (MEANT.get(word.toLowerCase()) ?? null);
}
