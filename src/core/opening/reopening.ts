/**
 * Reopening what was over: it rings as if it fired again. Whoever held a role went home, so whoever is on call now, and on
 * call to command, is rung; a role that the level asks for and nobody has is looked for anew.
 */
import { momentsSoFar } from '../command/declaring.ts';
import { momentRequests } from '../paging/moments.ts';
import { informAll, startAudiences, textOf } from '../informing/informing.ts';
import { emit, type Decision } from '../model/decision.ts';
import { clearAlarm } from '../paging/alarms.ts';
import { startEscalations } from '../paging/escalating.ts';
import { postPhase } from '../publishing/publishing.ts';
import { publicAlarm } from '../publishing/public-page.ts';
import { say } from '../texts/messages.ts';
import { reopeningRequests, ringUnlessWaiting, unlessText, waitingOf } from './relapsing.ts';

/** Whoever opens it again is there: their own ring waits, as that of everybody who is at it. */
export function reopen(decision: Decision, reason: string): void {
  const { actor } = decision.input;
  const asking = actor.kind === 'person' ? [actor.id] : [];
  const wanted = reopeningRequests(decision, { at: decision.now, asking });
  const waiting = waitingOf(decision, wanted, asking);
  emit(decision, { type: 'IncidentReopened', reason, waiting });
  for (const target of Object.keys(decision.state.publicPages))
    clearAlarm(decision, publicAlarm(target), 'reopened');
  startEscalations(decision, momentRequests(decision, momentsSoFar(decision)));
  ringUnlessWaiting(decision, wanted, `It was reopened: ${reason}`);
  startAudiences(decision);
  if (decision.state.declaredAt !== null) {
    postPhase(decision, 'investigating', '');
    informAll(decision, `Reopened: ${reason}.`);
  }
  const unless = unlessText(decision);
  if (unless === '') return;
  const text = textOf(decision, 'update.status', `It was reopened.${unless}`);
  say(decision, text, { kind: 'status' });
}
