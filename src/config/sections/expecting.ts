/** `expect:` of a source: what it sends again and again while all is well, so that its silence is told from quiet. */
import { z } from 'zod';
import type { AnyAdapter } from '../../contract/adapter.ts';
import type { Expectation } from '../../core/model/policy.ts';
import { conditionText } from '../../core/routing/match.ts';
import { formatDuration } from '../../lib/duration.ts';
import { type Compiling, isLevel, whereOf } from '../context.ts';
import { duration, nonEmptyText } from '../words.ts';
import { below, keyOf, type Spot } from '../yaml-file.ts';
import { conditionOf, matchShape, namesSomething } from './conditions.ts';

/** A shorter one would ring somebody for a single repeat that is late. */
const EVERY_MIN_MS = 60_000;

export const expectShape = z
  .strictObject({
    match: z.nonoptional(matchShape).meta({
      description: 'Which of its alerts that is: matchers as in Alertmanager.',
    }),
    every: duration(
      'How often it is sent. It counts as away after twice this time, or as soon as its sender says that it has ended.',
    ),
    severity: nonEmptyText('A level, that of the incident when it stays away.'),
  })
  .meta({
    description:
      'What this source sends again and again while all is well. It opens nothing; that it stays away is an incident of the default route.',
  });

/** Where `expect` stands, or would stand. */
interface SourceAt {
  readonly adapter: AnyAdapter;
  readonly spot: Spot;
}

/** What the source expects; undefined: nothing, or what is wrong was reported. */
export function expectationOf(
  compiling: Compiling,
  expect: z.output<typeof expectShape> | undefined,
  { adapter, spot }: SourceAt,
): Expectation | undefined {
  const { report } = compiling;
  if (expect === undefined) {
    warnUnwatched(compiling, { adapter, spot });
    return undefined;
  }
  const at = below(spot, 'expect');
  if (adapter.pager !== undefined) {
    report.error(
      keyOf(at),
      `the incidents of ${adapter.name} are adopted, and none of them can be expected`,
      'Leave expect out here; write it at a source of alerts.',
    );
    return undefined;
  }
  const when = conditionOf(expect.match, below(at, 'match'), report);
  if (!namesSomething(when))
    report.error(
      below(at, 'match'),
      'it names no alert: everything would be expected, and no alert of this source would open an incident',
      'Name the alert that always fires, e.g. match: \'alertname="Watchdog"\'.',
    );
  if (expect.every < EVERY_MIN_MS)
    report.error(
      below(at, 'every'),
      `${formatDuration(expect.every)} is less than a minute: one repeat that is late would ring somebody`,
      'Write 1m or more; 5m is usual.',
    );
  if (!isLevel(compiling, { name: expect.severity, spot: below(at, 'severity') })) return undefined;
  return {
    when,
    text: conditionText(when),
    everyMs: expect.every,
    severity: expect.severity,
    where: whereOf(compiling, at),
  };
}

/** Says that nobody would notice, where senders of this type have something to say at all times. */
function warnUnwatched({ report }: Compiling, { adapter, spot }: SourceAt): void {
  const always = adapter.source?.alwaysFires;
  if (always === undefined) return;
  report.warning(
    keyOf(spot),
    'if its alerts ever stop coming, nobody is told',
    `Write expect: {match: '${always}', every: 5m, severity: <level>}, and have it sent every 5m: docs/guides/${adapter.name}.md.`,
  );
}
