/**
 * What the composition root hands to the command line. Commands read arguments, ask one of these, and print; whatever
 * touches the engine, the store, vendors, the clock or the network is behind them.
 */
import type { Finding } from '../contract/adapter.ts';
import type { CheckpointHead, IncidentExport, IncidentView, Timeline } from '../read/shapes.ts';
import type { InitAnswers, Question } from '../config/init.ts';
import type { Explanation } from '../read/shapes.ts';
import type { Verbs } from '../core/verbs/verb.ts';
import type { ListPage, ListQuery } from '../read/views.ts';
import type { CheckedExport } from '../read/export.ts';
import type { VerifiedData, VerifyOptions } from '../store/sqlite/verify.ts';
import type { LogLevel } from '../lib/log-level.ts';
import type { LoadResult, Problem } from '../config/load.ts';

/** An address to listen on. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

export interface ServeArguments {
  /** Path of the configuration, absolute. */
  readonly config: string;
  /** Folder of the database, absolute; null only with `sandbox`: a fresh temporary one. */
  readonly data: string | null;
  /** Null: what the configuration says, else 127.0.0.1:8080. */
  readonly listen: Listen | null;
  /** Every target is pointed at the stand-ins, and no address but loopback can be reached. */
  readonly sandbox: boolean;
  readonly clock: 'real' | 'stepped';
  /** Port of the sandbox's page and stand-ins; null: any free one. */
  readonly sandboxPort: number | null;
  readonly sandboxHost: string;
  /** Null: what the configuration says. */
  readonly logLevel: LogLevel | null;
}

export interface SandboxArguments {
  /** Absolute path of the configuration whose vendors are played; null: every vendor there is. */
  readonly config: string | null;
  /** Null: any free one. */
  readonly port: number | null;
  readonly host: string;
}

export interface ResetArguments {
  /** Folder of the database, absolute. */
  readonly data: string;
  /** Also revoke every other token. */
  readonly revokeOthers: boolean;
}

/** The new token of every scope. */
export interface Reset {
  readonly token: string;
  readonly id: string;
  /** How many others were revoked. */
  readonly revoked: number;
}

export interface DemoArguments {
  /** One JSON document at the end instead of the story. */
  readonly json: boolean;
  /** Pace of the printing: 2 is twice as fast; null: the demo's own. */
  readonly speed: number | null;
}

/** Something that runs until it is told to stop; it prints for itself what the person needs to know. */
export interface Running {
  /** Exit code. */
  readonly stopped: Promise<number>;
}

/** The same JSON as the API answers, read from a database beside a server or without one. */
export interface OfflineReads {
  list(query: ListQuery): Promise<ListPage>;
  /** Null: there is no such incident. */
  show(incident: string): Promise<IncidentView | null>;
  timeline(incident: string): Promise<Timeline | null>;
  /** Recomputes everything. @throws an error for people when there are no checkpoints where they were named */
  verify(options: VerifyOptions): Promise<VerifiedData>;
  /** Null: there is no such incident. */
  export(incident: string): Promise<IncidentExport | null>;
  /** The newest signed checkpoint, as the server answers it. */
  checkpoint(): Promise<CheckpointHead>;
  close(): Promise<void>;
}

/** What a data directory holds of what was committed to it. */
export interface RecoveryReport {
  /** `unknown`: nothing beside the database says what was committed. */
  readonly state: 'whole' | 'less' | 'damaged' | 'unknown';
  /** What is missing or wrong, as a sentence; null: nothing. */
  readonly why: string | null;
  /** So many commits are there of so many; null: nobody knows. */
  readonly has: number | null;
  readonly had: number | null;
  /** It is gone on with what is there. */
  readonly isAccepted: boolean;
  /** Files that were given other names. */
  readonly setAside: readonly string[];
}

/** How much somebody has committed, and until when. */
export interface Holding {
  readonly commits: number;
  readonly deliveries: number;
  readonly events: number;
  /** ISO 8601 of the newest instant of which anything tells; null: nothing does. */
  readonly newest: string | null;
}

/** What a backup holds, what the present data hold, and what was done. */
export interface RestoreReport {
  readonly backup: Holding & {
    readonly path: string;
    readonly instance: string;
    readonly kind: string;
    readonly incidents: number;
    readonly openIncidents: number;
    readonly bytes: number;
    /** What of it is not as it was written, as sentences. */
    readonly flaws: readonly string[];
  };
  /** Null: there are none. */
  readonly present: {
    /** Null: nobody can tell. */
    readonly holding: Holding | null;
    /** What of it is not in the backup; null: nobody can tell. */
    readonly beyond: { readonly deliveries: number; readonly events: number } | null;
    /** What is wrong with them; null: nothing. */
    readonly why: string | null;
  } | null;
  readonly isAccepted: boolean;
  /** Files that were given other names. */
  readonly setAside: readonly string[];
}

export interface ExplainArguments {
  /** Absolute path of the configuration. */
  readonly config: string;
  readonly source: string;
  readonly body: Uint8Array;
}

/** What of a Response the commands use; the global `fetch` answers it. */
export interface FetchAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

export interface FetchRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Backends {
  readonly version: string;
  /** What people can do, by the type of their requests. */
  readonly verbs: Verbs;
  serve(options: ServeArguments): Promise<Running>;
  sandbox(options: SandboxArguments): Promise<Running>;
  demo(options: DemoArguments): Promise<Running>;
  /** Loads and checks a configuration; reads nothing but files and the environment. */
  loadConfig(file: string, options: { readonly sandbox: boolean }): LoadResult;
  formatProblems(problems: readonly Problem[]): string;
  /** `QUESTIONS` and `initConfig` of src/config/init.ts. */
  readonly init: {
    readonly questions: readonly Question[];
    initConfig(answers: InitAnswers): string;
  };
  /** Asks the vendors, paging nobody. The configuration must load. */
  doctor(file: string): Promise<readonly (Finding & { readonly name: string })[]>;
  /** Opens the database of the folder read-only. @throws an error for people when there is none */
  openReads(dataDir: string): Promise<OfflineReads>;
  /** Holds the database of the folder against what was committed; accepts less. @throws an error for people */
  recover(dataDir: string, options: { readonly accept: boolean }): RecoveryReport;
  /** Checks an exported incident by itself; null: it is none. @param key who must have signed it; null: whoever it names */
  checkExport(document: string, key: string | null): CheckedExport | null;
  /** Holds a backup against the database of the folder; with `accept` it takes its place. @throws an error for people */
  restore(
    dataDir: string,
    from: string,
    options: { readonly accept: boolean },
  ): Promise<RestoreReport>;
  /** Makes a token of every scope without a server. @throws an error for people when there is no database, or a server runs */
  resetToken(options: ResetArguments): Promise<Reset>;
  /** What the configuration would do with the body. @throws an error for people when it does not load */
  explain(options: ExplainArguments): Promise<Explanation>;
  /** From now on the value is not printed, in whatever spelling it comes back. */
  hide(value: string): void;
  /** The text without what is hidden: credentials that were given, and the secrets of every configuration that was loaded. */
  redact(text: string): string;
  /** One request to our own API. Rejects when no answer came, also after 30 s. */
  http(url: string, request: FetchRequest): Promise<FetchAnswer>;
  /** Epoch milliseconds. */
  now(): number;
  /** Epoch milliseconds of an ISO 8601 instant, or null: `instantOf` of src/contract/instant.ts. */
  instantOf(text: string): number | null;
  /** A new id, for Idempotency-Key. */
  id(): string;
  /** Resolves after the time. */
  wait(ms: number): Promise<void>;
}
