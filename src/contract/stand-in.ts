/**
 * A stand-in plays a vendor in the sandbox: pure, as strict as the vendor, each check citing the vendor's page.
 * It rings only the address that the vendor itself would ring and never reads person, role or incident from our payload.
 */

export interface StandInRequest {
  readonly method: string;
  /** Path behind the stand-in's prefix, without query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface StandInResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless a string. */
  readonly body: unknown;
}

/** What really happened at the vendor, hidden from our side of the API. */
export type Truth =
  | {
      readonly kind: 'page';
      /**
       * `rang`: a phone rings; `repeated`: joined an open page silently; `noted`: something was written beside it;
       * `acknowledged`, `resolved`: it stopped.
       */
      readonly event: 'rang' | 'repeated' | 'noted' | 'acknowledged' | 'resolved';
      /** The vendor's address that rings: a service, user, team, schedule id or e-mail, as the vendor names it. */
      readonly address: string;
      readonly urgency: 'high' | 'low';
      readonly key: string | null;
      readonly ref: string;
      readonly title: string;
      /** What was written beside it. */
      readonly note?: string;
    }
  | {
      readonly kind: 'post';
      readonly page: string;
      readonly ref: string;
      readonly name: string;
      readonly status: string;
      readonly body: string;
      /** Component name -> state after this post. */
      readonly components: Readonly<Record<string, string>>;
      readonly notified: boolean;
    }
  | {
      readonly kind: 'message';
      readonly event: 'posted' | 'room_opened' | 'topic_set' | 'invited' | 'pinned' | 'archived';
      readonly channel: string;
      readonly text: string;
      readonly ref: string | null;
    };

/** A webhook that the vendor sends to us because of what happened. */
export interface StandInWebhook {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface StandInStep<State> {
  readonly state: State;
  readonly truth: readonly Truth[];
  readonly webhooks: readonly StandInWebhook[];
}

/** What the vendor's account holds, taken from the configuration under rehearsal. */
export interface StandInSeed {
  /** The target's YAML with secrets revealed; what an administrator of the account would know. */
  readonly target: Readonly<Record<string, unknown>>;
  /** Every page address of the configuration on this target, secrets revealed. */
  readonly addresses: readonly Readonly<Record<string, unknown>>[];
  /** Every person's contact of this type. */
  readonly contacts: readonly unknown[];
  readonly components: readonly { readonly id: string; readonly name: string }[];
  readonly channels: readonly string[];
  readonly schedules: readonly { readonly id: string; readonly name: string }[];
  /** Secret with which the vendor signs its webhooks to us, if a source of this type is configured. */
  readonly webhookSecret: string | null;
  /** Headers the vendor was told to send along (bearer tokens of unsigned sources). */
  readonly webhookHeaders: Readonly<Record<string, string>>;
}

export interface StandIn<State = unknown> {
  /** = adapter name. */
  readonly name: string;
  /** Config key of a target -> path below the stand-in that plays that host, e.g. `{base_url: '/api', events_url: '/events'}`. */
  readonly urls: Readonly<Record<string, string>>;
  initial(seed: StandInSeed): State;
  handle(
    state: State,
    request: StandInRequest,
    now: number,
  ): StandInStep<State> & { readonly response: StandInResponse };
  /**
   * What stays of a request that was answered and then lost, given the states before and after it: the numbers that
   * the answer gave away are given to nothing else. Absent: nothing stays.
   */
  lost?(before: State, answered: State): State;
  /** Takes the request, answers as ever, and refuses it when it comes to carrying it out; absent: it is merely lost. */
  rejectLater?(
    state: State,
    request: StandInRequest,
    now: number,
  ): StandInStep<State> & { readonly response: StandInResponse };
  /** How the vendor refuses the request when whom it would ring has left the account; null: it rings nobody. */
  refuseAddress?(state: State, request: StandInRequest): StandInResponse | null;
  /** A person answers: `acknowledge` or `resolve` the page that rings at the address (or `ref`). */
  answer?(
    state: State,
    action: {
      readonly verb: 'acknowledge' | 'resolve';
      readonly address: string;
      readonly ref: string | null;
      readonly by: string | null;
    },
    now: number,
  ): StandInStep<State>;
  /** The next instant at which something happens by itself (the vendor's own escalation); null: nothing planned. */
  nextAt?(state: State): number | null;
  advance?(state: State, now: number): StandInStep<State>;
}

// eslint-disable-next-line typescript/no-explicit-any -- stand-ins of different states share an array
export type AnyStandIn = StandIn<any>;
