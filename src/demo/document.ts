/** The whole story as one JSON document: what the vendors saw, joined to who and why. */
import { describeEvent } from '../read/describe.ts';
import type { Incident } from '../core/model/incident.ts';
import type { IncidentEvent } from '../core/model/event.ts';
import { isoOf } from '../contract/instant.ts';
import type { TruthEntry } from '../sandbox/truth.ts';
import { joinPage, type JoinedPage } from './join.ts';

export interface DemoDocument {
  readonly pages: readonly JoinedPage[];
  readonly posts: readonly {
    readonly time: string;
    readonly status: string;
    readonly body: string;
    readonly components: Readonly<Record<string, string>>;
  }[];
  readonly severities: readonly {
    readonly time: string;
    readonly incident: string;
    readonly from: string | null;
    readonly to: string;
    readonly because: string;
  }[];
  readonly timeline: readonly {
    readonly time: string;
    readonly incident: string;
    readonly type: string;
    readonly text: string;
  }[];
}

/** @param events of all incidents, in order */
export function demoDocument(
  truth: readonly TruthEntry[],
  incidents: readonly Incident[],
  events: readonly IncidentEvent[],
): DemoDocument {
  return {
    pages: truth.flatMap((entry) => (entry.kind === 'page' ? [joinPage(entry, incidents)] : [])),
    posts: truth.flatMap((entry) =>
      entry.kind === 'post'
        ? [
            {
              time: entry.time,
              status: entry.status,
              body: entry.body,
              components: entry.components,
            },
          ]
        : [],
    ),
    severities: events.flatMap((event) =>
      event.type === 'SeverityChanged'
        ? [
            {
              time: isoOf(event.at),
              incident: event.incident,
              from: event.from,
              to: event.to,
              because: event.because,
            },
          ]
        : [],
    ),
    timeline: events.map((event) => ({
      time: isoOf(event.at),
      incident: event.incident,
      type: event.type,
      text: describeEvent(event),
    })),
  };
}
