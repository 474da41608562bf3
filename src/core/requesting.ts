/** People's requests: what each does, and in which state it is refused and why. */
import { acknowledge } from './acknowledging.ts';
import { assignRole, declare, roleRequest } from './declaring.ts';
import { startRuns } from './escalating.ts';
import type { Actor, Input, Request } from './input.ts';
import { encodeRun } from './keys.ts';
import { own } from './own.ts';
import { barredFromPublic } from './public-page.ts';
import { approve, reject, stopPublic } from './publishing.ts';
import { close, reopen, resolve, rootCauseFound, setPhase } from './resolving.ts';
import { askTriggers, changeLevel, knownFacts } from './severity.ts';
import { emit, findLevel, isOver, levelOf, type Refusal, type Turn } from './turn.ts';

type RequestInput = Extract<Input, { type: Request['type'] }>;

export function request(turn: Turn, input: RequestInput): Refusal | null {
  if (
    turn.state.phase === 'closed' &&
    input.type !== 'AddNote' &&
    input.type !== 'Reopen' &&
    input.type !== 'Approve' &&
    input.type !== 'Reject'
  )
    return {
      code: 'closed',
      message: `${turn.state.id} is closed (${turn.state.closedAs ?? 'closed'}); reopen it first.`,
    };
  return answerRequest(turn, input);
}

function answerRequest(turn: Turn, input: RequestInput): Refusal | null {
  switch (input.type) {
    case 'AddNote':
      return noted(turn, input.text);
    case 'Acknowledge':
      return acknowledged(turn, input);
    case 'Declare':
      return whileOpen(turn) ?? declareAgain(turn, input);
    case 'SetPhase':
      return phase(turn, input);
    case 'RootCauseFound':
      return whileOpen(turn) ?? undeclared(turn) ?? rootCauseFound(turn, input.text);
    case 'ChangeSeverity':
      return whileOpen(turn) ?? severity(turn, input);
    case 'SetFlag':
      // Also after the resolution: its last public post may still wait, and must be stoppable.
      return reported(turn, input);
    case 'ReportImpact':
    case 'ReportFromCustomer':
      return whileOpen(turn) ?? reported(turn, input);
    case 'AssignRole':
    case 'PageRole':
      return whileOpen(turn) ?? role(turn, input);
    case 'Approve':
    case 'Reject':
      return draft(turn, input);
    case 'Resolve':
      return whileOpen(turn) ?? resolved(turn, input.text);
    case 'MarkFalsePositive':
      return whileOpen(turn) ?? falsePositive(turn, input.reason);
    case 'Reopen':
      return reopened(turn, input.reason);
    case 'PageTest':
      return {
        code: 'wrong_state',
        message: 'A test page is an incident of its own; ask for it without naming one.',
      };
  }
}

/** Some answers are a person's own: a script that gives them would silence phones, or speak to the public, for nobody. */
function personNeeded(actor: Actor, what: string): Refusal | null {
  if (actor.kind === 'person') return null;
  return {
    code: 'person_needed',
    message: `${what} is for a person, and this token belongs to none. Give the person a token: tocsin token create --person NAME --scopes read,act,approve.`,
  };
}

function acknowledged(
  turn: Turn,
  { actor, page }: Extract<RequestInput, { type: 'Acknowledge' }>,
): Refusal | null {
  if (actor.kind !== 'person') return personNeeded(actor, 'Acknowledging');
  const { id: by, via } = actor;
  return acknowledge(turn, page, {
    by,
    known: Object.hasOwn(turn.policy.people, by),
    via,
    key: null,
  });
}

function nameOf(actor: Actor): string {
  return actor.kind === 'tocsin' ? 'tocsin' : actor.id;
}

function whileOpen(turn: Turn): Refusal | null {
  return isOver(turn.state)
    ? { code: 'over', message: `${turn.state.id} is ${turn.state.phase}; reopen it first.` }
    : null;
}

function undeclared(turn: Turn): Refusal | null {
  return turn.state.declaredAt === null
    ? { code: 'not_declared', message: `${turn.state.id} is in triage; declare it first.` }
    : null;
}

function noted(turn: Turn, text: string): null {
  emit(turn, { type: 'NoteAdded', text });
  return null;
}

function declareAgain(
  turn: Turn,
  input: Extract<RequestInput, { type: 'Declare' }>,
): Refusal | null {
  if (turn.state.declaredAt !== null)
    return { code: 'already_declared', message: `${turn.state.id} was declared already.` };
  const level = findLevel(turn.policy, input.level);
  if (input.level !== null && level === null) return unknownLevel(turn, input.level);
  if (level !== null && level.rank > (levelOf(turn)?.rank ?? Infinity))
    return {
      code: 'lowering_needs_reason',
      message: `${level.id} is below ${turn.state.level ?? ''}; declare first, then lower it with a reason.`,
    };
  if (level !== null)
    changeLevel(turn, {
      to: level,
      cause: { kind: 'person' },
      because: 'declared so by a person',
      where: null,
      spent: knownFacts(turn),
    });
  declare(turn, 'person', { title: input.title, text: input.text });
  return null;
}

function unknownLevel(turn: Turn, level: string): Refusal {
  return {
    code: 'unknown_level',
    message: `There is no level ${level}. Levels: ${turn.policy.levels.map((one) => one.id).join(', ')}.`,
  };
}

function phase(turn: Turn, input: Extract<RequestInput, { type: 'SetPhase' }>): Refusal | null {
  return whileOpen(turn) ?? undeclared(turn) ?? setPhase(turn, input.phase, input.text);
}

function severity(
  turn: Turn,
  input: Extract<RequestInput, { type: 'ChangeSeverity' }>,
): Refusal | null {
  const to = findLevel(turn.policy, input.level);
  if (to === null) return unknownLevel(turn, input.level);
  const from = levelOf(turn);
  if (from?.id === to.id)
    return { code: 'same_level', message: `${turn.state.id} is ${to.id} already.` };
  const isLowering = from !== null && to.rank > from.rank;
  if (isLowering && (input.reason ?? '').trim() === '')
    return { code: 'reason_needed', message: 'Lowering the severity needs a reason.' };
  const by = nameOf(turn.input.actor);
  changeLevel(turn, {
    to,
    cause: { kind: 'person' },
    because: input.reason ?? `set by ${by}`,
    where: null,
    spent: knownFacts(turn),
  });
  return null;
}

function reported(
  turn: Turn,
  input: Extract<RequestInput, { type: 'ReportImpact' | 'SetFlag' | 'ReportFromCustomer' }>,
): Refusal | null {
  if (input.type === 'ReportImpact') emit(turn, { type: 'ImpactReported', impact: input.impact });
  else if (input.type === 'ReportFromCustomer')
    emit(turn, {
      type: 'CustomerReported',
      account: input.account,
      tier: input.tier,
      text: input.text,
    });
  else {
    if (own(turn.policy.flags, input.flag) === undefined)
      return {
        code: 'unknown_flag',
        message: `There is no flag ${input.flag}. Flags: ${Object.keys(turn.policy.flags).join(', ') || 'none'}.`,
      };
    if (turn.state.flags[input.flag] !== undefined)
      return { code: 'already_set', message: `Flag ${input.flag} is set already.` };
    emit(turn, { type: 'FlagSet', flag: input.flag });
    // In the same decision, before anything else can be sent.
    const barred = barredFromPublic(turn);
    if (barred !== null) stopPublic(turn, barred);
  }
  askTriggers(turn);
  return null;
}

function role(
  turn: Turn,
  input: Extract<RequestInput, { type: 'AssignRole' | 'PageRole' }>,
): Refusal | null {
  const found = own(turn.policy.roles, input.role);
  if (found === undefined)
    return {
      code: 'unknown_role',
      message: `There is no role ${input.role}. Roles: ${Object.keys(turn.policy.roles).join(', ')}.`,
    };
  if (input.type === 'PageRole') return pageRole(turn, input.role);
  if (own(turn.policy.people, input.person) === undefined)
    return {
      code: 'unknown_person',
      message: `There is no person ${input.person}. People: ${Object.keys(turn.policy.people).join(', ')}.`,
    };
  const clash = Object.entries(turn.state.roles).find(
    ([other, held]) =>
      held.person === input.person &&
      other !== input.role &&
      (found.neverWith.includes(other) ||
        turn.policy.roles[other]?.neverWith.includes(input.role) === true),
  );
  if (clash !== undefined)
    return {
      code: 'roles_apart',
      message: `${input.person} is ${clash[0]}; ${input.role} must be another person.`,
    };
  assignRole(turn, input.role, input.person);
  return null;
}

function pageRole(turn: Turn, id: string): Refusal | null {
  const run = turn.state.runs[encodeRun({ kind: 'role', role: id })];
  if (run?.state === 'open' || run?.state === 'exhausted')
    return { code: 'already_paging', message: `${id} is being paged already.` };
  const wanted = roleRequest(turn, id);
  if (wanted !== null) startRuns(turn, [wanted]);
  return null;
}

function draft(
  turn: Turn,
  input: Extract<RequestInput, { type: 'Approve' | 'Reject' }>,
): Refusal | null {
  const found = own(turn.state.drafts, input.draft);
  // Rejecting only keeps something from the public, so anybody may.
  const refused =
    input.type === 'Approve' ? personNeeded(input.actor, 'Approving a public post') : null;
  if (refused !== null) return refused;
  if (found === undefined)
    return {
      code: 'unknown_draft',
      message: `${turn.state.id} has no draft ${input.draft}. Waiting: ${waiting(turn)}.`,
    };
  const barred = input.type === 'Approve' ? barredFromPublic(turn) : null;
  if (barred !== null)
    return { code: 'not_public', message: `Nothing may be published: ${barred}.` };
  const done =
    input.type === 'Approve' ? approve(turn, input.draft) : reject(turn, input.draft, input.reason);
  return done
    ? null
    : {
        code: 'not_waiting',
        message: `Draft ${input.draft} is ${found.state}. Waiting: ${waiting(turn)}.`,
      };
}

function waiting(turn: Turn): string {
  const ids = Object.values(turn.state.drafts)
    .filter((one) => one.state === 'waiting')
    .map((one) => one.id);
  return ids.join(', ') || 'none';
}

function resolved(turn: Turn, text: string | null): null {
  resolve(turn, { text, automatic: false });
  return null;
}

function falsePositive(turn: Turn, reason: string): null {
  close(turn, 'false_positive', reason);
  return null;
}

function reopened(turn: Turn, reason: string): Refusal | null {
  if (!isOver(turn.state))
    return {
      code: 'not_over',
      message: `${turn.state.id} is ${turn.state.phase}; there is nothing to reopen.`,
    };
  reopen(turn, reason);
  return null;
}
