/** Every verb of people, by the type of its request. One entry more is a verb more, everywhere. */
import type { z } from 'zod';
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
import {
  AcceptClock,
  CreateToken,
  EndPause,
  MakeBackup,
  ReloadConfiguration,
  RevokeToken,
  SetPause,
} from './installation-verbs.ts';
import { Approve, Reject } from './post-verbs.ts';
import { ChangeSeverity, ReportFromCustomer, ReportImpact, SetFlag } from './severity-verbs.ts';
import { own } from '../model/own.ts';
import type { Given, IncidentVerb, Verb } from './verb.ts';

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
  SetPause,
  EndPause,
  CreateToken,
  RevokeToken,
  ReloadConfiguration,
  AcceptClock,
  MakeBackup,
} as const;

type Table = typeof VERBS;
type About<S extends Verb['subject']> = {
  readonly [T in keyof Table]: Table[T]['subject'] extends S ? T : never;
}[keyof Table];
type Asked<T extends keyof Table> = {
  readonly [K in T]: { readonly type: K } & Given<Table[K]['fields']>;
};

export type RequestType = About<'incident'>;
/** A request about an incident: the verb, and what its fields say. */
export type Request = Asked<RequestType>[RequestType];

export type InstallationType = About<'installation'>;
/** Requests about the installation, by their types. */
export type InstallationRequests = Asked<InstallationType>;
/** What a success of each of them brings. */
export type InstallationReplies = {
  readonly [T in InstallationType]: Table[T]['reply'] extends z.ZodType
    ? z.output<Table[T]['reply']>
    : null;
};

/** Whether it is the type of a request about an incident. */
export function isRequestType(type: string): type is RequestType {
  const entry: Verb | undefined = own(VERBS, type);
  return entry?.subject === 'incident';
}

/** The entry of a request, for whoever does not care which one it is. */
export function verbOf(type: RequestType): IncidentVerb {
  return VERBS[type];
}
