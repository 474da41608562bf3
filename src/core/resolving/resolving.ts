/** The end of an incident: quiet that must last (soak), resolution, false positives, closing, reopening. */
import { clearAlarm } from '../paging/alarms.ts';
import { momentRequests, momentsSoFar } from '../command/declaring.ts';
import { closePage, endRun, startRuns } from '../paging/escalating.ts';
import type { Phase, Run } from '../model/incident.ts';
import { groundOf, soakEndsAt } from '../model/obligation.ts';
import { publicAlarm } from '../publishing/public-page.ts';
import { archiveRoom, informAll, startAudiences, textOf } from '../informing/informing.ts';
import { say } from '../texts/messages.ts';
import { postPhase, stopPublic } from '../publishing/publishing.ts';
import { silenceAlarm } from '../paging/sounding.ts';
import { automationPause, emit, isOver, levelOf, type Refusal, type Turn } from '../model/turn.ts';

/** What outlives the end of an incident: the public page is still owed a last word. */
function isForPublic({ key }: Run): boolean {
  return key.kind === 'alarm' && key.alarm.kind === 'public';
}

/** Starts or breaks the soak, whichever the state asks for now. */
export function considerSoak(turn: Turn): void {
  const { state } = turn;
  const isQuiet = state.alerts.firing === 0;
  const isWaiting =
    state.phase === 'monitoring' || (state.phase === 'triage' && state.alerts.total > 0);
  if (!isQuiet || !isWaiting) {
    if (state.soak === null) return;
    emit(turn, {
      type: 'SoakBroken',
      because: isQuiet ? `the incident is ${state.phase}` : 'an alert fires again',
    });
    return;
  }
  if (state.soak !== null) return;
  emit(turn, {
    type: 'SoakStarted',
    until: soakEndsAt(groundOf(state, turn.context), turn.now),
  });
}

/** The quiet has lasted. */
export function soakOver(turn: Turn): void {
  const { state } = turn;
  if (state.soak === null || isOver(state)) return;
  if (state.phase === 'triage') {
    close(turn, 'cleared', 'every alert cleared by itself and nobody declared an incident');
    return;
  }
  if (levelOf(turn)?.soak.then === 'resolve' && automationPause(turn) === null) {
    resolve(turn, { text: null, automatic: true });
    return;
  }
  emit(turn, { type: 'ResolutionProposed', because: 'it has been quiet for the whole soak' });
  say(
    turn,
    textOf(
      turn,
      'update.status',
      'It has been quiet for the whole soak. Commander: resolve it, or say why not.',
    ),
    { kind: 'status' },
  );
}

/** Sets the response phase; the public page and every audience hear it. */
export function setPhase(
  turn: Turn,
  to: Extract<Phase, 'investigating' | 'identified' | 'monitoring'>,
  text: string | null,
): Refusal | null {
  const from = turn.state.phase;
  if (from === to) return { code: 'same_phase', message: `${turn.state.id} is ${to} already.` };
  emit(turn, { type: 'PhaseChanged', from, to, text });
  if (to !== 'investigating') releaseNextStep(turn);
  considerSoak(turn);
  postPhase(turn, to, text ?? '');
  informAll(turn, text ?? '');
  return null;
}

/** Whoever was called because no cause was known is left in peace once it is. */
function releaseNextStep(turn: Turn): void {
  for (const run of Object.values(turn.state.runs)) {
    if (run.key.kind === 'next' && run.state !== 'answered')
      endRun(turn, run.id, 'the root cause is known');
  }
}

export function rootCauseFound(turn: Turn, text: string): void {
  emit(turn, { type: 'RootCauseIdentified', text });
  // The internal wording of a cause is never published by itself.
  if (turn.state.phase === 'investigating') setPhase(turn, 'identified', null);
}

export function resolve(
  turn: Turn,
  how: { readonly text: string | null; readonly automatic: boolean },
): void {
  emit(turn, { type: 'IncidentResolved', text: how.text, automatic: how.automatic });
  quietEverything(turn, 'the incident is resolved');
  postPhase(turn, 'resolved', how.text ?? '');
  if (turn.state.declaredAt !== null)
    say(turn, textOf(turn, 'update.status', how.text ?? 'Resolved.'), { kind: 'status' });
}

/** Un-pages every place that rang and clears every alarm that resolution ends. */
function quietEverything(turn: Turn, because: string): void {
  for (const run of Object.values(turn.state.runs))
    if (!isForPublic(run)) endRun(turn, run.id, because);
  for (const page of Object.values(turn.state.pages)) {
    const isOwed = page.runs.some((id) => {
      const run = turn.state.runs[id];
      return run !== undefined && isForPublic(run) && run.state === 'open';
    });
    if (!isOwed) closePage(turn, page, because);
  }
  for (const { key } of Object.values(turn.state.alarms))
    if (key.kind !== 'public') clearAlarm(turn, key, because);
}

/** Ends an incident without a resolution of its own: cleared in triage, false positive, after the post-mortem. */
export function close(
  turn: Turn,
  as: 'resolved' | 'false_positive' | 'cleared',
  reason: string,
): void {
  const wasPublic = Object.values(turn.state.publicPages).some(
    (page) => page.published !== null && page.published !== 'resolved',
  );
  emit(turn, { type: 'IncidentClosed', as, reason });
  quietEverything(turn, `the incident is closed (${reason})`);
  // What was said in public needs a last word, which a person approves; otherwise nothing is posted.
  if (wasPublic && as === 'false_positive') postPhase(turn, 'resolved', '');
  else if (as !== 'resolved') stopPublic(turn, reason);
  archiveRoom(turn);
}

/** The time for the post-mortem is over, or a day has passed: the incident closes. */
export function closeDue(turn: Turn): void {
  if (turn.state.phase !== 'resolved') return;
  if ((levelOf(turn)?.postmortemWithinMs ?? null) !== null) {
    emit(turn, { type: 'PostmortemDue', dueAt: turn.now });
    say(turn, `${turn.state.id}: the post-mortem is due now.`, { kind: 'postmortem' });
  }
  close(turn, 'resolved', 'resolved, and its time for the post-mortem has passed');
}

export function reopen(turn: Turn, reason: string): void {
  emit(turn, { type: 'IncidentReopened', reason });
  for (const target of Object.keys(turn.state.publicPages))
    silenceAlarm(turn, publicAlarm(target), 'reopened');
  startRuns(turn, momentRequests(turn, momentsSoFar(turn)).concat(rolesToRingAgain(turn)));
  startAudiences(turn);
  if (turn.state.declaredAt !== null) {
    postPhase(turn, 'investigating', '');
    informAll(turn, `Reopened: ${reason}.`);
  }
}

/** Roles that were held when it ended: their holders are rung, for they went home. */
function rolesToRingAgain(turn: Turn): ReturnType<typeof momentRequests> {
  return Object.entries(turn.state.roles).map(([role, held]) => ({
    key: { kind: 'role' as const, role },
    source: { kind: 'person' as const, person: held.person },
    escalation: turn.policy.roles[role]?.escalation ?? {
      kind: 'vendor' as const,
      unanswered: null,
    },
    fallback: turn.policy.roles[role]?.fallback ?? [],
  }));
}
