/** Whether the vendors know what the configuration names. It asks them, and pages nobody. */
import type { Finding, Log } from '../../contract/adapter.ts';
import { subjectOf } from '../../contract/named-there.ts';
import type { HttpClient } from '../outgoing/http-client.ts';
import type { Setup } from '../setup.ts';

export interface DoctorOptions {
  readonly http: HttpClient;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** A finding, and the name of the target that it is about. */
export type NamedFinding = Finding & { readonly name: string };

/** What vendors say goes into the findings; there is no log beside them. */
const NO_LOG: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A second pager is what a page falls back to. */
function pagerFindings({ policy }: Setup): readonly NamedFinding[] {
  const pagers = Object.entries(policy.targets).filter(([, { can }]) =>
    can.includes('pager.trigger'),
  );
  const live = pagers.filter(([, { mode }]) => mode === 'live');
  if (live.length >= 2) return [];
  const others = pagers.filter(([, { mode }]) => mode !== 'live');
  const modes = others.map(([name, { mode }]) => `${name} (${mode})`).join(', ');
  const next =
    others.length === 0 ? 'Add a second one' : `Set \`mode: live\` when you are ready: ${modes}`;
  return [
    {
      name: 'targets',
      level: 'warning',
      what: `there is ${live.length === 0 ? 'no' : 'only one'} live pager`,
      hint: `${next}${live.length === 0 ? '; nobody is rung before one is' : ''}. When the first is down, pages go to a second one after a minute.`,
    },
  ];
}

/**
 * Asks one target, by requests that ring nobody and write nothing; null: its adapter cannot examine its vendor, or it is not
 * configured.
 */
export async function examineTarget(
  setup: Setup,
  target: string,
  { http, now }: DoctorOptions,
): Promise<readonly Finding[] | null> {
  const part = setup.targets[target];
  const doctor = part?.adapter.doctor;
  if (part === undefined || doctor === undefined) return null;
  const io = { config: part.config, http: http.scoped({ target }), now, log: NO_LOG };
  return doctor.check(subjectOf(setup, target), io);
}

/** Asks every target in turn; an adapter that cannot examine its vendor finds nothing. */
export async function examine(
  setup: Setup,
  options: DoctorOptions,
): Promise<readonly NamedFinding[]> {
  const findings: NamedFinding[] = [];
  for (const name of Object.keys(setup.targets)) {
    const found = (await examineTarget(setup, name, options)) ?? [];
    findings.push(...found.map((one) => ({ ...one, name })));
  }
  return [...findings, ...pagerFindings(setup)];
}
