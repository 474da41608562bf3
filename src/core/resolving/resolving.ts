/** The end of an incident: quiet that must last (soak), resolution, false positives, closing. */
import { clearAlarm } from '../paging/alarms.ts';
import { endEscalation, startEscalations } from '../paging/escalating.ts';
import { triageRequests } from '../paging/moments.ts';
import { endUnrung } from '../paging/not-yet-rung.ts';
import { closePage } from '../paging/ringing.ts';
import {
  isOver,
  saysItGoesOn,
  type Incident,
  type Phase,
  type Escalation,
} from '../model/incident.ts';
import { groundOf, soakEndsAt, STANDS } from '../model/obligation.ts';
import { quietSince, isProvenQuiet } from '../model/quiet.ts';
import { archiveRoom, informAll, informOfEnd, textOf, toldSoFar } from '../informing/informing.ts';
import { say } from '../texts/messages.ts';
import { sentence } from '../texts/text.ts';
import { postPhase, stopPublic } from '../publishing/publishing.ts';
import {
  automationPause,
  emit,
  levelOf,
  type Look,
  type Refusal,
  type Decision,
} from '../model/decision.ts';

/** What outlives the end of an incident: the public page is still owed a last word. */
function isForPublic({ key }: Escalation): boolean {
  return key.kind === 'alarm' && key.post !== null;
}

function whyNotQuiet({ alerts }: Incident): string {
  if (alerts.firing > 0) return 'an alert fires again';
  return alerts.stale > 0
    ? 'an alert was not heard of any more'
    : 'alerts are left out of deliveries, and may fire';
}

/** Starts or breaks the soak, whichever the state asks for now. */
export function considerSoak(decision: Decision): void {
  const { state } = decision;
  const isQuiet = isProvenQuiet(state);
  const isWaiting =
    state.phase === 'monitoring' || (state.phase === 'triage' && state.alerts.total > 0);
  if (!isQuiet || !isWaiting) {
    if (state.soak === null) return;
    emit(decision, {
      type: 'SoakBroken',
      because: isQuiet ? `the incident is ${state.phase}` : whyNotQuiet(state),
    });
    // Something may fire of which nobody has been told.
    if (state.phase === 'triage') startEscalations(decision, triageRequests(decision));
    return;
  }
  if (state.soak !== null) return;
  const until = soakEndsAt(groundOf(state, decision.context), decision.now);
  emit(decision, { type: 'SoakStarted', until: until === STANDS ? null : until });
  endUnrung(decision);
}

/** What flapped has been quiet for so long that it is a quiet like any other: nobody is woken for what is over. */
export function calmDue(decision: Decision): void {
  const since = quietSince(decision.state);
  if (since === null) return;
  emit(decision, { type: 'FlappingEnded', quietSince: since });
  endUnrung(decision);
}

/** The quiet has lasted. */
export function soakOver(decision: Decision): void {
  const { state } = decision;
  if (state.soak === null || isOver(state)) return;
  if (state.phase === 'triage') {
    close(decision, 'cleared', 'every alert cleared by itself and nobody declared an incident');
    return;
  }
  if (levelOf(decision)?.soak.then === 'resolve' && automationPause(decision) === null) {
    resolve(decision, { text: null, automatic: true });
    return;
  }
  emit(decision, { type: 'ResolutionProposed', because: 'it has been quiet for the whole soak' });
  say(
    decision,
    textOf(
      decision,
      'update.status',
      'It has been quiet for the whole soak. Commander: resolve it, or say why not.',
    ),
    { kind: 'status' },
  );
}

/** A machine may say what it likes in the room; the public reads words of people, or those of the configuration. */
function publicWords({ input }: Look<'input'>, text: string | null): string {
  return input.actor.kind === 'person' ? (text ?? '') : '';
}

/** Sets the response phase; the public page and every audience hear it. */
export function setPhase(
  decision: Decision,
  to: Extract<Phase, 'investigating' | 'identified' | 'monitoring'>,
  text: string | null,
): Refusal | null {
  const from = decision.state.phase;
  if (from === to) return newsInPhase(decision, to, text);
  emit(decision, { type: 'PhaseChanged', from, to, text });
  if (to !== 'investigating') releaseNextStep(decision);
  considerSoak(decision);
  postPhase(decision, to, publicWords(decision, text));
  informAll(decision, text ?? '');
  return null;
}

/** Words of a person about the phase that it is in: they are drafted for the public, and said inside. */
function newsInPhase(
  decision: Decision,
  phase: Extract<Phase, 'investigating' | 'identified' | 'monitoring'>,
  text: string | null,
): Refusal | null {
  const { id } = decision.state;
  if (text === null)
    return {
      code: 'same_phase',
      message: `${id} is ${phase} already. If there is news in it: \`tocsin phase ${id} ${phase} "..."\`; for its end: \`tocsin resolve ${id}\`.`,
    };
  emit(decision, { type: 'NoteAdded', text });
  const words = publicWords(decision, text);
  if (words !== '') postPhase(decision, phase, words);
  informAll(decision, text);
  return null;
}

/** Whoever was called because no cause was known is left in peace once it is. */
function releaseNextStep(decision: Decision): void {
  for (const escalation of Object.values(decision.state.escalations)) {
    if (escalation.key.kind === 'next' && escalation.state !== 'answered')
      endEscalation(decision, escalation.id, 'the root cause is known');
  }
}

export function rootCauseFound(decision: Decision, text: string): void {
  emit(decision, { type: 'RootCauseIdentified', text });
  // The internal wording of a cause is never published by itself.
  if (decision.state.phase === 'investigating') setPhase(decision, 'identified', null);
}

export function resolve(
  decision: Decision,
  how: { readonly text: string | null; readonly automatic: boolean },
): void {
  const told = toldSoFar(decision);
  emit(decision, { type: 'IncidentResolved', text: how.text, automatic: how.automatic });
  quietEverything(decision, 'the incident is resolved');
  postPhase(decision, 'resolved', publicWords(decision, how.text));
  if (decision.state.declaredAt !== null) informOfEnd(decision, told, how.text ?? 'Resolved.');
}

/** Un-pages every place that rang and clears every alarm that resolution ends. */
function quietEverything(decision: Decision, because: string): void {
  for (const escalation of Object.values(decision.state.escalations))
    if (!isForPublic(escalation)) endEscalation(decision, escalation.id, because);
  for (const page of Object.values(decision.state.pages)) {
    const ringsOn = page.escalations.some((id) => {
      const escalation = decision.state.escalations[id];
      return escalation !== undefined && isForPublic(escalation);
    });
    // What was answered is over, though it rings anew by other pages.
    if (page.state !== 'open' || !ringsOn) closePage(decision, page, because);
  }
  for (const { key } of Object.values(decision.state.alarms))
    if (key.kind !== 'public') clearAlarm(decision, key, because);
}

/** Ends an incident without a resolution of its own: cleared in triage, false positive, after the post-mortem. */
export function close(
  decision: Decision,
  as: 'resolved' | 'false_positive' | 'cleared',
  reason: string,
): void {
  const wasPublic = Object.values(decision.state.publicPages).some(saysItGoesOn);
  const told = toldSoFar(decision);
  emit(decision, { type: 'IncidentClosed', as, reason });
  quietEverything(decision, `the incident is closed (${reason})`);
  // What was said in public needs a last word, which a person approves; otherwise nothing is posted.
  if (wasPublic && as === 'false_positive') postPhase(decision, 'resolved', '');
  else if (as !== 'resolved') stopPublic(decision, reason);
  if (as === 'false_positive' && decision.state.declaredAt !== null)
    informOfEnd(decision, told, `This was a false alarm: ${sentence(reason)}`);
  archiveRoom(decision);
}

/** The time for the post-mortem is over, or a day has passed: the incident closes. */
export function closeDue(decision: Decision): void {
  if (decision.state.phase !== 'resolved') return;
  if ((levelOf(decision)?.postmortemWithinMs ?? null) !== null) {
    emit(decision, { type: 'PostmortemDue', dueAt: decision.now });
    say(decision, `${decision.state.id}: the post-mortem is due now.`, { kind: 'postmortem' });
  }
  close(decision, 'resolved', 'resolved, and its time for the post-mortem has passed');
}
