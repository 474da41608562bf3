/** Alerts that Tocsin raises about itself. Each is an ordinary alert of the built-in source and follows the user's routes. */
import { Temporal } from 'temporal-polyfill';
import { type AboutTocsin, UNREADABLE } from '../../core/model/about-tocsin.ts';
import type { Alert } from '../../core/model/alert.ts';

export interface SelfAlert {
  /** Same key = same alert. */
  readonly key: string;
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

/** The hour of an instant, e.g. `2026-11-21T14`, UTC. */
export function hourOf(now: number): string {
  return Temporal.Instant.fromEpochMilliseconds(now).toString().slice(0, 13);
}

export function asSelfAlert(about: SelfAlert, now: number): Alert {
  return {
    kind: 'alert',
    dedupKey: about.key,
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

/** Deliveries that could not be parsed are one alert per source and hour. */
export function unparsedAlert(source: string, reason: string, now: number): Alert {
  const hour = hourOf(now);
  return asSelfAlert(
    {
      key: `unparsed:${source}:${hour}`,
      alertname: UNREADABLE,
      status: 'firing',
      title: `Deliveries of ${source} could not be read`,
      description: `At least one delivery in the hour from ${hour}:00 UTC was stored but could not be understood: ${reason}. Read it with "tocsin show"; an alert may be hidden in it.`,
      labels: { source, hour },
      startsAt: Temporal.Instant.from(`${hour}:00Z`).epochMilliseconds,
    },
    now,
  );
}
