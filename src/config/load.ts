/**
 * Loading: YAML files become a policy and built adapters, or every problem at once. On a reload a team's file that is
 * wrong keeps its last good copy, and the rest is taken over.
 */
import type { AnyAdapter, Registry } from '../contract/adapter.ts';
import { isRecord } from '../contract/json.ts';
import type { Secret } from '../contract/secret.ts';
import type { Instant } from '../core/model/alert.ts';
import type { Mode, Policy } from '../core/model/policy.ts';
import { type FileSource, fragmentsOf, readTexts, type Text } from './files.ts';
import { merge } from './merge.ts';
import { compile, type Compiled } from './policy.ts';
import { createReport, type Problem } from './problem.ts';
import { createSecretStore, type GeneratedSecret, type SecretStore } from './secret-values.ts';
import { type BackupSettings, buildBackup } from './sections/backup.ts';
import type { Contact } from './sections/people.ts';
import { buildProof, type ProofSettings } from './sections/proof.ts';
import {
  buildRetention,
  buildServer,
  type RetentionSettings,
  type ServerSettings,
  timezoneOf,
} from './sections/server.ts';
import { TEAM_SECTIONS } from './sections/table.ts';
import { spotOf, type YamlFile } from './yaml-file.ts';

export type { Contact } from './sections/people.ts';
export { formatProblems, type Problem } from './problem.ts';
export type { GeneratedSecret } from './secret-values.ts';

export interface LoadedSource {
  readonly name: string;
  readonly adapter: AnyAdapter;
  /** Validated by the adapter's schema, secrets as `Secret`. */
  readonly config: unknown;
}

export interface LoadedTarget extends LoadedSource {
  readonly mode: Mode;
}

/** A team's file that is wrong and keeps its last good copy. */
export interface KeptFragment {
  readonly team: string;
  readonly file: string;
  /** What is wrong with the new one. */
  readonly problems: readonly Problem[];
}

export interface Loaded {
  readonly policy: Policy;
  readonly sources: Readonly<Record<string, LoadedSource>>;
  readonly targets: Readonly<Record<string, LoadedTarget>>;
  /** What the `secret:...` references inside page addresses stand for. */
  readonly addressSecrets: Readonly<Record<string, Secret>>;
  /** Every secret, for redaction by value. */
  readonly secrets: readonly Secret[];
  /** Unset secrets that the sandbox made up; empty outside it. */
  readonly generatedSecrets: readonly GeneratedSecret[];
  /** People's contacts as their vendors' adapters read them. */
  readonly contacts: readonly Contact[];
  readonly server: ServerSettings;
  readonly retention: RetentionSettings;
  /** Null: none are made. */
  readonly backup: BackupSettings | null;
  readonly proof: ProofSettings;
  readonly keptFragments: readonly KeptFragment[];
  /** The good copy of each included file that belongs to a team, by path, for the next reload. */
  readonly fragments: Readonly<Record<string, { readonly team: string; readonly text: string }>>;
  /** Every secret by its path, for the next reload of a file that keeps its copy. */
  readonly secretsByPath: Readonly<Record<string, Secret>>;
}

/** What a reload needs of what runs now. */
export type Copies = Pick<Loaded, 'fragments' | 'secretsByPath'>;

export interface LoadOptions extends FileSource {
  readonly file: string;
  readonly registry: Registry;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Literal secrets are taken, unset ones get fixed values. */
  readonly sandbox: boolean;
  /** The moment of loading: what has not begun by then is said. */
  readonly now: Instant;
  /** What runs now; its good copies stand in for team files that became wrong. */
  readonly previous?: Copies | null;
}

export type LoadResult =
  | { readonly ok: true; readonly loaded: Loaded; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

interface Attempt {
  readonly problems: readonly Problem[];
  readonly compiled: Compiled;
  readonly secrets: SecretStore;
  readonly fragments: Loaded['fragments'];
  readonly server: ServerSettings;
  readonly retention: RetentionSettings;
  readonly backup: BackupSettings | null;
  readonly proof: ProofSettings;
}

interface UsedFiles {
  readonly main: YamlFile;
  readonly included: readonly Text[];
  /** Problems of finding and reading the files. */
  readonly problems: readonly Problem[];
  /** Files that are replaced by their last good copy. */
  readonly kept: ReadonlySet<string>;
}

function attempt(options: LoadOptions, texts: UsedFiles): Attempt {
  const report = createReport();
  for (const problem of texts.problems) report.add(problem);
  const fragments = fragmentsOf(texts.main, texts.included, report);
  const merged = merge(fragments, report);
  const remembered = texts.kept.size === 0 ? {} : (options.previous?.secretsByPath ?? {});
  const { environment, sandbox } = options;
  const secrets = createSecretStore({
    environment,
    sandbox,
    remembered,
    report,
    readFile: (path) => options.readFile(path),
  });
  const timezone = timezoneOf(merged.timezone);
  const { whyNotWritable } = options;
  const backup = buildBackup(merged.backup, { timezone, report, whyNotWritable });
  const server = buildServer(merged.server, { report, secrets, sandbox });
  // Of a section that is wrong nobody knows what it allows.
  const isServerRead = merged.server.every(({ value }) => value !== null);
  const compiled = compile({
    merged,
    main: texts.main,
    registry: options.registry,
    secrets,
    report,
    privateHosts: sandbox || !isServerRead ? null : server.allowPrivateHosts,
    now: options.now,
  });
  const teams = fragments.flatMap(({ file, team, isMain }) =>
    team === null || isMain ? [] : [[file.path, { team, text: file.text }] as const],
  );
  return {
    problems: report.sorted(),
    compiled,
    secrets,
    fragments: Object.fromEntries(teams),
    server,
    retention: buildRetention(merged.retention, timezone),
    // A rehearsal of the live file leaves nothing among the live backups.
    backup: sandbox ? null : backup,
    proof: buildProof(merged.proof, timezone),
  };
}

function errorsOf(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter((problem) => problem.level === 'error');
}

/** Unchanged files first: of two that define one name, the one that was changed is to blame. */
function unchangedFirst(included: readonly Text[], previous: Copies | null): readonly Text[] {
  const isChanged = ({ path, text }: Text): boolean =>
    previous !== null && previous.fragments[path]?.text !== text;
  return included.toSorted((a, b) => Number(isChanged(a)) - Number(isChanged(b)));
}

function named<T extends { readonly name: string }>(
  items: readonly T[],
): Readonly<Record<string, T>> {
  return Object.fromEntries(items.map((item) => [item.name, item]));
}

function loadedOf(done: Attempt, keptFragments: readonly KeptFragment[]): Loaded {
  const { compiled, secrets } = done;
  return {
    policy: compiled.policy,
    sources: named(
      compiled.sources.map(({ name, adapter, config }) => ({
        name,
        adapter,
        config,
      })),
    ),
    targets: named(
      compiled.targets.map(({ name, adapter, config, mode }) => ({
        name,
        adapter,
        config,
        mode,
      })),
    ),
    addressSecrets: compiled.addressSecrets,
    secrets: Object.values(secrets.byPath),
    generatedSecrets: secrets.generated,
    contacts: compiled.contacts,
    server: done.server,
    retention: done.retention,
    backup: done.backup,
    proof: done.proof,
    keptFragments,
    fragments: done.fragments,
    secretsByPath: secrets.byPath,
  };
}

/** Team files with errors that are not replaced yet and have a good copy which says something else. */
function replaceable(
  errors: readonly Problem[],
  texts: UsedFiles,
  previous: Copies | null,
): readonly Text[] {
  return texts.included.filter(({ path, text }) => {
    const copy = previous?.fragments[path];
    return (
      copy !== undefined &&
      copy.text !== text &&
      !texts.kept.has(path) &&
      errors.some((problem) => problem.file === path)
    );
  });
}

/** Whether the file holds only what the file of a team may hold: another one includes it. */
function isPart({ value }: YamlFile): boolean {
  const sections = isRecord(value) ? Object.keys(value) : [];
  return sections.length > 0 && sections.every((name) => TEAM_SECTIONS.includes(name));
}

/**
 * Loads a configuration. Nothing is returned unless all of it is right, except that with `previous` a team's file with
 * errors is replaced by its last good copy (`keptFragments`); if that copy does not fit either, the load fails.
 */
export function loadConfig(options: LoadOptions): LoadResult {
  const previous = options.previous ?? null;
  const reading = createReport();
  const { main, included } = readTexts(options.file, options, reading);
  if (main === null) return { ok: false, problems: reading.sorted() };
  if (isPart(main)) {
    reading.error(
      spotOf(main),
      'this is one part of a configuration, without levels and routes of its own',
      'Check the file that includes it: all that it names stands there.',
    );
    return { ok: false, problems: reading.sorted() };
  }
  let texts: UsedFiles = {
    main,
    included: unchangedFirst(included, previous),
    problems: reading.sorted(),
    kept: new Set(),
  };
  const first = attempt(options, texts);
  const keptFragments: KeptFragment[] = [];
  for (let current = first; ; current = attempt(options, texts)) {
    const errors = errorsOf(current.problems);
    if (errors.length === 0)
      return { ok: true, loaded: loadedOf(current, keptFragments), warnings: current.problems };
    const broken = replaceable(errors, texts, previous);
    // What the user is shown are the errors of what stands in the files, not those of copies in their place.
    if (broken.length === 0) return { ok: false, problems: first.problems };
    for (const { path } of broken)
      keptFragments.push({
        team: previous?.fragments[path]?.team ?? '',
        file: path,
        problems: errors.filter((problem) => problem.file === path),
      });
    const copies = new Set(broken.map(({ path }) => path));
    const text = (one: Text): Text =>
      copies.has(one.path)
        ? { path: one.path, text: previous?.fragments[one.path]?.text ?? one.text }
        : one;
    texts = {
      ...texts,
      included: texts.included.map(text),
      kept: new Set([...texts.kept, ...copies]),
    };
  }
}
