/** Every verb of people, by the type of its request. One entry more is a verb more, everywhere. */
import {
  AddNote,
  Declare,
  MarkFalsePositive,
  Reopen,
  Resolve,
  RootCauseFound,
  SetPhase,
} from './incident-verbs.ts';
import { Acknowledge, AssignRole, Join, PageRole, PageTest, TakeRole } from './people-verbs.ts';
import { AcceptOffer, DeclineOffer, HandOff } from './offer-verbs.ts';
import { Approve, Reject } from './post-verbs.ts';
import { ChangeSeverity, ReportFromCustomer, ReportImpact, SetFlag } from './severity-verbs.ts';
import type { Given, Verb } from './verb.ts';

/** In the order in which the command line lists them. */
export const VERBS = {
  Declare,
  Acknowledge,
  AddNote,
  SetPhase,
  RootCauseFound,
  ChangeSeverity,
  ReportImpact,
  SetFlag,
  ReportFromCustomer,
  TakeRole,
  Join,
  AssignRole,
  HandOff,
  AcceptOffer,
  DeclineOffer,
  PageRole,
  PageTest,
  Approve,
  Reject,
  Resolve,
  MarkFalsePositive,
  Reopen,
} as const;

export type RequestType = keyof typeof VERBS;

/** A request: the verb, and what its fields say. */
export type Request = {
  readonly [T in RequestType]: { readonly type: T } & Given<(typeof VERBS)[T]['fields']>;
}[RequestType];

/** The entry of a request, for whoever does not care which one it is. */
export function verbOf(type: RequestType): Verb {
  return VERBS[type];
}
