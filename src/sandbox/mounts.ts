/** Where the sandbox's accounts and its own endpoints stand in the space of paths. */

/** First path segments of the sandbox itself. */
export type OwnSegment =
  | 'answer'
  | 'clock'
  | 'events'
  | 'faults'
  | 'icon.svg'
  | 'page.css'
  | 'page.js'
  | 'truth';

const OWN_SEGMENTS: Readonly<Record<OwnSegment, true>> = {
  answer: true,
  clock: true,
  events: true,
  faults: true,
  'icon.svg': true,
  'page.css': true,
  'page.js': true,
  truth: true,
};

/** Path below which the account of a target is played: its name; behind `~` where the sandbox needs that name itself. */
export function mountOf(target: string): string {
  const segment = encodeURIComponent(target);
  return Object.hasOwn(OWN_SEGMENTS, segment) ? `/~${segment}` : `/${segment}`;
}

/** The path behind the mount, or null when it leads elsewhere. */
export function pathBehind(mount: string, path: string): string | null {
  return path === mount || path.startsWith(`${mount}/`) ? path.slice(mount.length) : null;
}
