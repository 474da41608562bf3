/** Alerts that Tocsin raises about itself. Each is an ordinary alert of the built-in source and follows the user's routes. */
import { Temporal } from 'temporal-polyfill';
import { type AboutTocsin, UNREADABLE } from '../../core/model/about-tocsin.ts';
import { encodeSelf, type SelfKey } from '../../core/model/arriving-keys.ts';
import type { Alert } from '../../core/model/alert.ts';

export interface SelfAlert {
  /** Same key = same alert. */
  readonly key: SelfKey;
  readonly alertname: AboutTocsin;
  readonly status: 'firing' | 'resolved';
  readonly title: string;
  readonly description: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** The level of its incident, where it is written beside what the alert is about. */
  readonly level?: string;
  /** When the episode began: once a person has closed its incident, the rest of it rings nobody again. */
  readonly startsAt?: number;
}

const HOUR_MS = 3_600_000;

/** The hour of an instant, e.g. `2026-11-21T14`, UTC. */
function hourOf(now: number): string {
  return Temporal.Instant.fromEpochMilliseconds(now).toString().slice(0, 13);
}

/**
 * What rings once an hour is known by the hour of the clock in which it began, and lasts sixty minutes from then on: no two
 * of them begin in the same hour, and what is heard now belongs to one of this hour or of the last, or begins the next.
 * @returns the keys of those two
 */
export function hourly<K>(now: number, keyOf: (hour: string) => K): readonly [K, K] {
  return [keyOf(hourOf(now)), keyOf(hourOf(now - HOUR_MS))];
}

/** Whether what began then lasts: sixty minutes, whenever the clock strikes. */
export function lastsSince(start: number | null, now: number): boolean {
  return start !== null && now - start < HOUR_MS;
}

export function asSelfAlert(about: SelfAlert, now: number): Alert {
  return {
    kind: 'alert',
    dedupKey: encodeSelf(about.key),
    status: about.status,
    title: about.title,
    description: about.description,
    labels: { alertname: about.alertname, ...about.labels },
    vendorSeverity: about.level ?? null,
    startsAt: about.startsAt ?? null,
    observedAt: now,
    links: [],
  };
}

/** The keys of the alert about what could not be parsed: it began in this hour or in the last. */
export function unparsedKeys(source: string, now: number): readonly [SelfKey, SelfKey] {
  return hourly(now, (hour) => ({ kind: 'unparsed', source, hour }));
}

/**
 * Deliveries that could not be parsed are one alert per source and hour.
 * @param startOf when the alert of this key began; null: there is none
 */
export function unparsedAlert(
  source: string,
  reason: string,
  { now, startOf }: { readonly now: number; readonly startOf: (key: SelfKey) => number | null },
): Alert {
  const keys = unparsedKeys(source, now);
  const key = keys.find((one) => lastsSince(startOf(one), now)) ?? keys[0];
  const since = startOf(key) ?? now;
  const started = Temporal.Instant.fromEpochMilliseconds(since).toString();
  return asSelfAlert(
    {
      key,
      alertname: UNREADABLE,
      status: 'firing',
      title: `Deliveries of ${source} could not be read`,
      description: `At least one delivery in the hour from ${started.slice(0, 16)} UTC was stored but could not be understood: ${reason}. Read it with "tocsin show"; an alert may be hidden in it.`,
      labels: { source, hour: hourOf(since) },
      startsAt: since,
    },
    now,
  );
}
