/**
 * Whether a process was started by a shell that waits for it. A signal that is meant for it then ends the shell alone,
 * and it would run on with nobody to end it: `npx` and `npm run` start everything by `sh -c`.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const SHELLS = new Set(['sh', 'ash', 'bash', 'busybox', 'dash', 'ksh', 'mksh', 'zsh']);
/** Words by which something is meant to outlive the shell. */
const OUTLIVES = /\b(?:nohup|setsid|disown|daemon|daemonize|start-stop-daemon|coproc|bg)\b/;

/** Puts nothing into the background: each `&` of it joins commands or outputs. */
function isForeground(text: string): boolean {
  return !text.replaceAll(/&&|[<>]&|&>/g, '').includes('&') && !OUTLIVES.test(text);
}

/**
 * @param command command line of the parent
 * @param name of what the shell must have been told to run
 */
export function isWaiting(command: readonly string[], name: string): boolean {
  const [shell = '', ...rest] = command;
  const at = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  if (!SHELLS.has(basename(shell).replace(/^-/, '')) || at === -1) return false;
  const [text = ''] = rest.slice(at + 1).filter((word) => word !== '--');
  return text.includes(name) && isForeground(text);
}

/** The command line of a process; empty: it cannot be read here. */
export function commandLineOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
