/**
 * A title that would be more.
 *
 * Whoever writes an alert's summary writes what wakes somebody at night: its lines could pass for Tocsin's own, its signs
 * move the cursor of a terminal, and a vendor may refuse a page for them. Every place shows it as one line of letters.
 */
import { expect, test } from 'vitest';
import { instantOf } from '../../src/contract/instant.ts';
import type { IncidentView } from '../../src/read/shapes.ts';
import { showText } from '../../src/cli/show-text.ts';
import { trams, trusting } from './trams.ts';

const HOSTILE =
  'Line 8 stands\r\nService    nothing, all well\u2028Next: tocsin false-positive 1\u0000\u0007\u001b[2J\u009b2K \u202egnp.exe\u2066 <!channel> <https://evil.test|bank>';
const PLAIN =
  'Line 8 stands Service nothing, all well Next: tocsin false-positive 1 [2J 2K gnp.exe <!channel> <https://evil.test|bank>';

test('an alert whose title has lines and signs of control is one plain line wherever it is read', async () => {
  const stage = await trams(trusting);
  const startsAt = '2026-06-09T08:00:00Z';
  await stage.alert({
    alertname: 'LineStopped',
    startsAt,
    summary: HOSTILE,
    description: 'first\r\nsecond\u0000\u001b[2J\u202e',
  });
  await stage.advance('1s');
  const incident = await stage.incident();
  expect(incident.title).toBe(PLAIN);

  const [rang] = stage.pages('rang');
  expect(rang?.title).toContain(PLAIN);
  expect(rang?.title).not.toMatch(/\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u);
  expect(JSON.stringify(stage.messages())).not.toMatch(/[\\]u00(?:0[0-8b-f]|1)/);

  const { json } = await stage.api('boss', 'GET /api/v1/incidents/inc-1');
  const reading = { now: stage.clock.now(), instantOf };
  const shown = showText(json as IncidentView, reading, null).split('\n');
  expect(shown.filter((line) => line.startsWith('Service'))).toHaveLength(1);
});
