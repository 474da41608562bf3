/** The end of an incident: quiet that must last (soak), resolution, false positives, closing, reopening. */
import { clearAlarm } from './alarms.ts';
import { momentRequests, momentsSoFar } from './declaring.ts';
import { closePage, endRun, startRuns } from './escalating.ts';
import type { Phase } from './incident.ts';
import { archiveRoom, informAll, startAudiences, textOf } from './informing.ts';
import { say } from './messages.ts';
import { postPhase, stopPublic } from './publishing.ts';
import { armLevelTimers } from './severity-clocks.ts';
import { silenceAlarm } from './sounding.ts';
import {
  automationPause,
  dropTimer,
  emit,
  isOver,
  levelOf,
  setTimer,
  type Refusal,
  type Turn,
} from './turn.ts';

const SOAK_DEFAULT_MS = 5 * 60_000;
const CLOSE_DEFAULT_MS = 24 * 3_600_000;
/** A proposal nobody takes up is repeated. */
const PROPOSE_AGAIN_MS = 30 * 60_000;
/** Kept after resolution: what the public page and the vendors are still owed. */
const OUTLIVES_RESOLUTION = [
  'late:',
  'due:',
  'alarm:public:',
  'run:alarm:public:',
  'close',
  'postmortem',
];

/** Starts or breaks the soak, whichever the state asks for now. */
export function considerSoak(turn: Turn): void {
  const { state } = turn;
  const isQuiet = state.alerts.firing === 0;
  const isWaiting =
    state.phase === 'monitoring' || (state.phase === 'triage' && state.alerts.total > 0);
  if (isOver(state) || !isQuiet || !isWaiting) {
    if (state.soak === null) return;
    dropTimer(turn, 'soak');
    emit(turn, {
      type: 'SoakBroken',
      because: isQuiet ? `the incident is ${state.phase}` : 'an alert fires again',
    });
    return;
  }
  if (state.soak !== null) return;
  const until = turn.now + (levelOf(turn)?.soak.forMs ?? SOAK_DEFAULT_MS);
  emit(turn, { type: 'SoakStarted', until });
  setTimer(turn, 'soak', until);
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
    'propose',
  );
  setTimer(turn, 'soak', turn.now + PROPOSE_AGAIN_MS);
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
  armLevelTimers(turn);
  if (to !== 'investigating') releaseNextStep(turn);
  considerSoak(turn);
  postPhase(turn, to, text ?? '');
  informAll(turn, text ?? '');
  return null;
}

/** Whoever was called because no cause was known is left in peace once it is. */
function releaseNextStep(turn: Turn): void {
  for (const run of Object.values(turn.state.runs)) {
    const isCalled = run.purpose.kind === 'alarm' && run.id.startsWith('next:');
    if (isCalled && run.state !== 'answered') endRun(turn, run.id, 'the root cause is known');
  }
}

export function rootCauseFound(turn: Turn, text: string): Refusal | null {
  if (turn.state.rootCauseAt !== null)
    return {
      code: 'already_found',
      message: `The root cause of ${turn.state.id} is recorded already; add a note instead.`,
    };
  emit(turn, { type: 'RootCauseIdentified', text });
  armLevelTimers(turn);
  // The internal wording of a cause is never published by itself.
  if (turn.state.phase === 'investigating') return setPhase(turn, 'identified', null);
  return null;
}

export function resolve(
  turn: Turn,
  how: { readonly text: string | null; readonly automatic: boolean },
): void {
  emit(turn, { type: 'IncidentResolved', text: how.text, automatic: how.automatic });
  quietEverything(turn, 'the incident is resolved');
  postPhase(turn, 'resolved', how.text ?? '');
  const level = levelOf(turn);
  const after = level?.postmortemWithinMs ?? null;
  if (turn.state.declaredAt !== null)
    say(turn, textOf(turn, 'update.status', how.text ?? 'Resolved.'), 'update:resolved');
  setTimer(turn, 'close', turn.now + (after ?? CLOSE_DEFAULT_MS));
}

/** Un-pages every place that rang and stops every clock that resolution ends. */
function quietEverything(turn: Turn, because: string): void {
  for (const run of Object.values(turn.state.runs))
    if (!run.id.startsWith('alarm:public:')) endRun(turn, run.id, because);
  for (const page of Object.values(turn.state.pages)) {
    const isOwed = page.runs.some(
      (id) => id.startsWith('alarm:public:') && turn.state.runs[id]?.state === 'open',
    );
    if (!isOwed) closePage(turn, page, because);
  }
  for (const alarm of Object.keys(turn.state.alarms))
    if (!alarm.startsWith('public:')) clearAlarm(turn, alarm, because);
  for (const purpose of Object.keys(turn.state.timers)) {
    if (!OUTLIVES_RESOLUTION.some((kept) => purpose.startsWith(kept))) dropTimer(turn, purpose);
  }
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
  quietEverything(turn, `closed: ${reason}`);
  dropTimer(turn, 'close');
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
    say(turn, `${turn.state.id}: the post-mortem is due now.`, 'postmortem');
  }
  close(turn, 'resolved', 'resolved, and its time for the post-mortem has passed');
}

export function reopen(turn: Turn, reason: string): void {
  emit(turn, { type: 'IncidentReopened', reason });
  dropTimer(turn, 'close');
  for (const target of Object.keys(turn.state.publicPages))
    silenceAlarm(turn, `public:${target}`, 'reopened');
  startRuns(turn, momentRequests(turn, momentsSoFar(turn)).concat(rolesToRingAgain(turn)));
  armLevelTimers(turn);
  startAudiences(turn);
  if (turn.state.declaredAt !== null) {
    postPhase(turn, 'investigating', '');
    informAll(turn, `Reopened: ${reason}.`);
  }
}

/** Roles that were held when it ended: their holders are rung, for they went home. */
function rolesToRingAgain(turn: Turn): ReturnType<typeof momentRequests> {
  return Object.entries(turn.state.roles).map(([role, held]) => ({
    id: `role:${role}`,
    purpose: { kind: 'role' as const, role },
    source: { kind: 'person' as const, person: held.person },
    escalation: turn.policy.roles[role]?.escalation ?? {
      kind: 'vendor' as const,
      unanswered: null,
    },
    fallback: turn.policy.roles[role]?.fallback ?? [],
  }));
}
