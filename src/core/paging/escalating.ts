/**
 * Escalation runs: an obligation that somebody answers. A run is pinned to the policy it began with. Ours walks its
 * steps; the vendor's walks by itself and we act only when it led nowhere. Never both.
 */
import { clearAlarm, isAlarmed, raiseAlarm } from './alarms.ts';
import { candidatesOf, type Candidate } from '../people/candidates.ts';
import { alarmText } from '../model/event-entry.ts';
import { isForAlarm } from '../model/events-paging.ts';
import type { Page, Ring, Run } from '../model/incident.ts';
import { pagesUnder } from './joining.ts';
import { encodeRun, type RunId, type RunKey } from '../model/keys.ts';
import type { Escalation, PageSource, StepPage, Urgency } from '../model/policy.ts';
import { isSamePerson, ring, sendPage, type Want } from './ringing.ts';
import { emit, isOver, levelOf, type Look, type Turn } from '../model/turn.ts';

export interface RunRequest {
  readonly key: RunKey;
  /** What it is about, where the key does not tell. */
  readonly about?: string | null;
  readonly source: PageSource;
  readonly escalation: Escalation;
  readonly fallback: readonly PageSource[];
}

function walkOf({ policy }: Look<'policy'>, escalation: Escalation): Run['walk'] {
  if (escalation.kind === 'vendor') return escalation;
  const found = policy.escalationPolicies[escalation.policy];
  return {
    kind: 'policy',
    policy: escalation.policy,
    steps: found?.steps ?? [{ page: { kind: 'own' }, waitMs: null }],
  };
}

export function urgencyOf(look: Look<'state' | 'policy'>): Urgency {
  return levelOf(look)?.urgency ?? 'high';
}

/** Starts runs together, so that one person who is meant by several is rung once and reads all of them. */
export function startRuns(turn: Turn, requests: readonly RunRequest[]): void {
  const wants: Want[] = [];
  for (const request of requests) {
    const run: Run = {
      id: encodeRun(request.key),
      key: request.key,
      about: request.about ?? null,
      source: request.source,
      fallback: request.fallback,
      walk: walkOf(turn, request.escalation),
      step: 0,
      since: turn.now,
      urgency: urgencyOf(turn),
      state: 'open',
      answeredBy: null,
    };
    emit(turn, { type: 'RunStarted', run });
    wants.push(...enterStep(turn, run.id, 0));
  }
  ringAndAnswer(turn, wants);
}

function ringAndAnswer(turn: Turn, wants: readonly Want[]): void {
  for (const { run, by } of ring(turn, wants)) answerRun(turn, run, { by, known: true });
}

function sourcesOf(run: Run, page: StepPage): readonly PageSource[] {
  if (page.kind === 'own') return [run.source];
  if (page.kind === 'fallback') return run.fallback;
  return [page];
}

/** How long its step waits for an answer, pinned with the run; null: a last step, which waits for the alarm interval. */
export function pinnedWaitMs({ walk, step }: Run): number | null {
  if (walk.kind === 'policy') return walk.steps[step]?.waitMs ?? null;
  return step === 0 ? (walk.unanswered?.afterMs ?? null) : null;
}

/** Whom the step at the index names, or null behind the last one that the level allows. */
function stepAt(
  { state, policy }: Look<'state' | 'policy'>,
  run: Run,
  index: number,
): readonly PageSource[] | null {
  if (run.walk.kind === 'vendor') {
    const { unanswered } = run.walk;
    if (index === 0) return [run.source];
    return index === 1 && unanswered !== null ? [unanswered.page] : null;
  }
  const upTo =
    state.level === null
      ? undefined
      : policy.escalationPolicies[run.walk.policy]?.upTo[state.level];
  const step = run.walk.steps[index];
  if (step === undefined || (upTo !== undefined && index >= Math.max(1, upTo))) return null;
  return sourcesOf(run, step.page);
}

/** Whether its level allows the run a step behind the one it is at. */
export function hasNextStep(subject: Look<'state' | 'policy'>, run: Run): boolean {
  return stepAt(subject, run, run.step + 1) !== null;
}

interface Conflicts {
  /** Holders of a role that must stay apart. */
  readonly holding: ReadonlySet<string>;
  /** Those, and people who are being rung for such a role. */
  readonly all: ReadonlySet<string>;
}

/** People who may not take the run's role because they hold, or are being rung for, one that must stay apart. */
function conflicting({ state, policy }: Look<'state' | 'policy'>, run: Run): Conflicts {
  const taken = new Set<string>();
  if (run.key.kind !== 'role') return { holding: taken, all: taken };
  const { role } = run.key;
  const apart = (other: string): boolean =>
    (policy.roles[role]?.neverWith.includes(other) ?? false) ||
    (policy.roles[other]?.neverWith.includes(role) ?? false);
  for (const [other, held] of Object.entries(state.roles)) if (apart(other)) taken.add(held.person);
  const holding = new Set(taken);
  for (const page of Object.values(state.pages)) {
    if (page.person === null || page.state === 'closed') continue;
    const sought = page.runs
      .map((id) => state.runs[id])
      .filter((one) => one !== undefined && one.state !== 'ended');
    if (sought.some((one) => one?.key.kind === 'role' && apart(one.key.role)))
      taken.add(page.person);
  }
  return { holding, all: taken };
}

/**
 * The candidates without those whom a role that must stay apart has taken. When that leaves nobody, people who are only
 * being rung for such a role are asked as well: paging fails open, and which role they take is theirs to say.
 */
function unbarred(candidates: readonly Candidate[], conflicts: Conflicts): readonly Candidate[] {
  const without = (barred: ReadonlySet<string>): readonly Candidate[] =>
    candidates.filter(({ person }) => person === null || !barred.has(person));
  const free = without(conflicts.all);
  return free.length > 0 ? free : without(conflicts.holding);
}

/** The first step keeps roles apart without exception: there are further steps. */
function strict({ all }: Conflicts): Conflicts {
  return { holding: all, all };
}

function alreadyRinging({ state }: Look<'state'>, run: Run, candidate: Candidate): boolean {
  return Object.values(state.pages).some(
    (page) =>
      page.state === 'open' &&
      page.runs.includes(run.id) &&
      page.person !== null &&
      page.person === candidate.person &&
      page.urgency === run.urgency,
  );
}

/**
 * Enters a step and returns whom to ring. A step that reaches nobody new is passed at once; behind the last one the run
 * is exhausted and the alarm repeats until a person answers.
 */
function enterStep(turn: Turn, runId: RunId, index: number): Want[] {
  let at = index;
  for (;;) {
    const run = turn.state.runs[runId];
    const step = run === undefined ? null : stepAt(turn, run, at);
    if (run === undefined) return [];
    if (step === null) {
      exhaust(
        turn,
        run,
        at === 0 ? 'its policy has no step' : 'every step was walked and nobody answered',
      );
      return [];
    }
    const found = step.map((source) => candidatesOf(source, turn.context, subjectOf(turn, run)));
    const named = found.flatMap((one) => one.list);
    const candidates = unbarred(
      named,
      at === 0 ? strict(conflicting(turn, run)) : conflicting(turn, run),
    ).filter((candidate) => !alreadyRinging(turn, run, candidate));
    if (candidates.length > 0) {
      if (at !== index)
        emit(turn, {
          type: 'RunAdvanced',
          run: runId,
          step: at,
          because: 'the step before it reached nobody',
        });
      return candidates.map((candidate) => ({ run: runId, candidate, urgency: run.urgency }));
    }
    const because =
      found
        .map((one) => one.empty)
        .filter(Boolean)
        .join('; ') || 'everybody it names rings already or holds a role that must stay apart';
    emit(turn, { type: 'NobodyToPage', run: runId, step: at, because });
    at += 1;
  }
}

function subjectOf({ state }: Look<'state'>, run: Run): { team: string; service: string | null } {
  const service = run.key.kind === 'service' ? run.key.service : state.facts.service;
  return { team: state.facts.team, service };
}

function exhaust(turn: Turn, run: Run, because: string): void {
  emit(turn, { type: 'RunExhausted', run: run.id, because });
  const alarm = { kind: 'run', run: run.key } as const;
  raiseAlarm(turn, alarm, `${alarmText(alarm)}: ${because}`);
  // A vendor that walks its own steps would begin them anew; there the first alarm only speaks.
  if (run.walk.kind === 'policy') ringAgain(turn, run.id);
}

/** Sources of the steps that are still ahead of a run and reach somebody who does not ring or respond already. */
export function sourcesAhead(
  look: Look<'state' | 'policy' | 'context'>,
  run: Run,
): readonly PageSource[] {
  const here = Object.values(look.state.pages).filter((page) => page.state !== 'closed');
  const isNew = (candidate: Candidate): boolean =>
    !here.some((page) => isSamePerson(page, candidate));
  const ahead: PageSource[] = [];
  for (let at = run.step + 1; ; at += 1) {
    const step = stepAt(look, run, at);
    if (step === null) return ahead;
    for (const source of step)
      if (candidatesOf(source, look.context, subjectOf(look, run)).list.some(isNew))
        ahead.push(source);
  }
}

/** The wait of a step is over, or a page of it failed for good: on to the next one. */
export function advanceRun(turn: Turn, runId: RunId, because: string): void {
  const run = turn.state.runs[runId];
  if (run === undefined || run.state !== 'open') return;
  // An alarm repeats by itself; a second one about the first would ring the same people twice each time.
  if (run.key.kind === 'alarm' && isAlarmed(turn.state, run.key.alarm)) return;
  if (stepAt(turn, run, run.step + 1) === null) {
    exhaust(turn, run, because);
    return;
  }
  emit(turn, { type: 'RunAdvanced', run: runId, step: run.step + 1, because });
  ringAndAnswer(turn, enterStep(turn, runId, run.step + 1));
}

/** An exhausted run that a higher level allows to go further goes on. */
export function resumeExhausted(turn: Turn): void {
  for (const run of Object.values(turn.state.runs)) {
    if (run.state !== 'exhausted' || stepAt(turn, run, run.step + 1) === null) continue;
    clearAlarm(turn, { kind: 'run', run: run.key }, 'the new level allows further steps');
    emit(turn, {
      type: 'RunAdvanced',
      run: run.id,
      step: run.step + 1,
      because: 'the new level allows further steps',
    });
    ringAndAnswer(turn, enterStep(turn, run.id, run.step + 1));
  }
}

/** An answer was taken back: the run is owed again at the step it had reached. */
export function reopenRun(turn: Turn, runId: RunId, because: string): void {
  const run = turn.state.runs[runId];
  if (run?.state !== 'answered') return;
  emit(turn, { type: 'RunAdvanced', run: runId, step: run.step, because });
}

/**
 * Somebody answered this run, and only this run. Every place that rang for it is told: other people's pages, and the
 * other pagers of the same page.
 */
export function answerRun(
  turn: Turn,
  runId: RunId,
  answer: { readonly by: string; readonly known: boolean },
): void {
  const { by, known } = answer;
  const run = turn.state.runs[runId];
  if (run === undefined || run.state === 'answered' || run.state === 'ended') return;
  emit(turn, { type: 'RunAnswered', run: runId, by });
  clearAlarm(turn, { kind: 'run', run: run.key }, `${by} answered`);
  if (run.key.kind === 'role' && known)
    emit(turn, { type: 'RoleFilled', role: run.key.role, person: by, how: 'acknowledgement' });
  for (const page of Object.values(turn.state.pages)) {
    if (page.state === 'open' && page.runs.includes(runId) && isSettled(turn, page))
      quieten(turn, page, { by, from: null });
  }
}

/** Whether nobody is looked for by any run of the page. */
function isSettled({ state }: Look<'state'>, page: Page): boolean {
  return page.runs.every((id) => {
    const run = state.runs[id];
    return run === undefined || run.state === 'answered' || run.state === 'ended';
  });
}

/** Where the vendor speaks from. */
export interface Heard {
  /** Target, or the way that a person took. */
  readonly via: string;
  /** Key of the ring there; null: it is not known which one it is. */
  readonly key: string | null;
}

/** One pager may ring several addresses of a person. */
export function isHeardFrom(ring: Ring, { via, key }: Heard): boolean {
  return ring.target === via && (key === null || ring.key === key);
}

/** Marks a page acknowledged and acknowledges it wherever it rang, except where the acknowledgement came from. */
export function quieten(
  turn: Turn,
  page: Page,
  how: { readonly by: string; readonly from: Heard | null },
): void {
  const { by, from } = how;
  emit(turn, { type: 'PageAcknowledged', page: page.id, by, via: from?.via ?? 'tocsin' });
  for (const one of page.rings) {
    if (
      (from !== null && isHeardFrom(one, from)) ||
      one.status === 'failed' ||
      one.status === 'withheld' ||
      one.status === 'closed'
    )
      continue;
    sendPage(turn, { page, ring: one }, { name: 'pager.acknowledge' });
  }
}

/** Nobody is needed for this run any more; its pages stop ringing unless another run needs them. */
export function endRun(turn: Turn, runId: RunId, because: string): void {
  const run = turn.state.runs[runId];
  if (run === undefined || run.state === 'ended') return;
  emit(turn, { type: 'RunEnded', run: runId, because });
  clearAlarm(turn, { kind: 'run', run: run.key }, because);
  for (const page of Object.values(turn.state.pages)) {
    if (page.state === 'open' && page.runs.includes(runId) && isSettled(turn, page))
      closePage(turn, page, because);
  }
}

/**
 * Closes a page and its object at every vendor where it rang. The vendor's own incident, which we only adopted, ends with
 * ours: closed earlier it would come back as a recovery that nobody saw.
 */
export function closePage(turn: Turn, page: Page, because: string): void {
  if (page.state === 'closed' || (page.adopted && !isOver(turn.state))) return;
  emit(turn, { type: 'PageClosed', page: page.id, because });
  for (const one of page.rings) {
    if (one.status === 'failed' || one.status === 'withheld' || one.status === 'closed') continue;
    // Where pages that were answered hold the ring as well, it is not closed; it rang on for this one only.
    if (page.state === 'open' && isSharedRing(turn, page, one))
      sendPage(turn, { page, ring: one }, { name: 'pager.acknowledge' });
    sendPage(turn, { page, ring: one }, { name: 'pager.resolve' });
  }
}

function isSharedRing(
  { state, context }: Look<'state' | 'context'>,
  { id }: Page,
  one: Ring,
): boolean {
  return context.lookups.isShared(one) || pagesUnder(state, one, id).length > 0;
}

/**
 * A raise rings: runs whose pages rang at a lower urgency ring again as new pages at the new one. Who acknowledged at
 * this urgency is left in peace; an unanswered softer page gives way to the new one.
 */
export function ringLouder(turn: Turn, runs: readonly Run[]): void {
  const urgency = urgencyOf(turn);
  if (urgency === 'low') return;
  const wants: Want[] = [];
  for (const run of runs) {
    if (run.urgency === 'high' || run.state === 'ended') continue;
    const soft = Object.values(turn.state.pages).filter(
      (page) => page.runs.includes(run.id) && page.state !== 'closed' && page.urgency === 'low',
    );
    emit(turn, {
      type: 'RunStarted',
      run: {
        ...run,
        urgency,
        step: 0,
        since: turn.now,
        state: 'open',
        answeredBy: null,
      },
    });
    clearAlarm(turn, { kind: 'run', run: run.key }, 'the level was raised and it rings anew');
    wants.push(...enterStep(turn, run.id, 0));
    for (const page of soft)
      if (page.state === 'open') closePage(turn, page, 'a new page rings at the higher urgency');
  }
  ringAndAnswer(turn, wants);
}

/**
 * Whom a repeated alarm rings: the last step anew. Where the vendor walks steps that we do not know the end of, its page
 * stays as it is, for ringing it anew would begin its walk from the start; the alarm address is rung beside it.
 */
function againSources(look: Look<'state' | 'policy' | 'context'>, run: Run): readonly PageSource[] {
  const { page: alarm } = look.policy.automation.alarm;
  const isEndless = run.walk.kind === 'vendor' && run.walk.unanswered === null;
  const { list } = candidatesOf(run.source, look.context, subjectOf(look, run));
  const isWalkedThere = isEndless && list.every(({ person }) => person === null);
  if (isWalkedThere && !isForAlarm(run) && alarm !== null) return [alarm];
  return stepAt(look, run, run.step) ?? [run.source];
}

/** Rings everybody of an unanswered run once more, under a new key so that the phone really rings. */
export function ringAgain(turn: Turn, runId: RunId): void {
  const run = turn.state.runs[runId];
  if (run === undefined || run.state === 'answered' || run.state === 'ended') return;
  const old = Object.values(turn.state.pages).filter(
    (page) => page.state === 'open' && page.runs.includes(runId),
  );
  const last = againSources(turn, run);
  const again = last.flatMap(
    (source) => candidatesOf(source, turn.context, subjectOf(turn, run)).list,
  );
  const wanted =
    again.length > 0
      ? again
      : old.map((page) => ({
          person: page.person,
          label: page.label,
          addresses: page.addresses,
          because: 'rang before',
        }));
  const wants: Want[] = [];
  for (const candidate of wanted) {
    // Whoever rang before and is not asked again keeps ringing: a vendor may be walking its own steps there.
    const anew = old.filter((page) => isSamePerson(page, candidate));
    const runs = new Set([
      runId,
      ...anew.flatMap((page) => page.runs.filter((id) => isOwed(turn, id))),
    ]);
    for (const page of anew) closePage(turn, page, 'it rings anew');
    wants.push(
      ...[...runs].map((id) => ({ run: id, candidate, urgency: run.urgency, anew: true })),
    );
  }
  ringAndAnswer(turn, wants);
}

function isOwed({ state }: Look<'state'>, runId: RunId): boolean {
  const run = state.runs[runId];
  return run?.state === 'open' || run?.state === 'exhausted';
}
