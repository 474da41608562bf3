/** Checks on failures: every status, every broken body and every broken connection gives a verb, and the right one. */
import { expect } from 'vitest';
import type { HttpAnswer } from '../../src/contract/index.ts';
import { answered, failed } from '../support/io.ts';
import type { Respond } from '../support/io.ts';
import type { Check } from './check.ts';
import { damaged } from './mutations.ts';
import type { Ran, Subject } from './target.ts';

const SECOND_MS = 1000;
const RETRY_AFTER_MAX_MS = 10 * 60 * SECOND_MS;

const DEEP = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
const BODIES: readonly string[] = [
  '',
  '{}',
  'null',
  '[]',
  '5',
  '"text"',
  '{',
  '\u0000\uFFFD\u0001garbage',
  '<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>',
  '{"error":["one","two"],"errors":{"field":["bad"]},"message":null}',
  DEEP,
];

/** The good path up to request `step`, which gets the answer, as does all that follows. */
function failingAt(subject: Subject, step: number, answer: HttpAnswer): Respond {
  return (request, index) => (index < step ? subject.one.respond(request, index) : answer);
}

type Judge = (ran: Ran) => void;
/** Puts the answer in place of each answer of the good path in turn; judges what came of it at the first change. */
type EachStep = (answer: HttpAnswer, judge: Judge) => Promise<void>;

async function stepsOf(subject: Subject): Promise<EachStep> {
  const { requests } = await subject.run(subject.one.respond);
  const changing =
    subject.kind === 'write' ? requests.findIndex((request) => subject.changes(request)) : -1;
  return async (answer, judge) => {
    for (const step of requests.keys()) {
      const ran = await subject.run(failingAt(subject, step, answer));
      if (step === changing) judge(ran);
    }
  };
}

function judgeStatus(status: number): Judge {
  return (ran) => {
    if (status >= 300 && status < 500)
      expect(ran.result, `HTTP ${status}`).not.toMatchObject({ verb: 'delivered' });
    if (status >= 500)
      expect(ran.result, `HTTP ${status} may have been carried out`).toMatchObject({
        verb: 'retry',
        ambiguous: true,
      });
    if (status === 429)
      expect(ran.result).toMatchObject({ verb: 'retry', reason: 'rate_limited', ambiguous: false });
    // Whoever answers so need not be the vendor: that somebody cannot be rung is said in its own words only.
    expect(ran.result, `HTTP ${status}`).not.toMatchObject({ ofAddress: true });
    if (status >= 300 && status < 400)
      expect(ran.result, 'redirects are not followed').toMatchObject({ verb: 'reject' });
  };
}

function statusCheck(subject: Subject): Check {
  return {
    title: `${subject.label} has a verb for every HTTP status`,
    run: async () => {
      const eachStep = await stepsOf(subject);
      for (let status = 100; status <= 599; status += 1) {
        // Every status with one of the bodies; the next check tries every body.
        const body = ['', '{}', '<html>no</html>'][status % 3] ?? '';
        await eachStep(answered(status, body), judgeStatus(status));
      }
    },
  };
}

function bodyCheck(subject: Subject): Check {
  return {
    title: `${subject.label} has a verb for every unreadable body`,
    run: async () => {
      const eachStep = await stepsOf(subject);
      for (const status of [200, 201, 202, 204, 400, 422, 500])
        for (const body of BODIES)
          await eachStep(answered(status, body), (ran) => {
            if (status >= 300) return;
            // A success that cannot be read may have happened: calling it a refusal would hide a page or a post.
            expect(ran.result, `HTTP ${status} ${body.slice(0, 40)}`).not.toMatchObject({
              verb: 'reject',
            });
            expect(ran.result, `HTTP ${status} ${body.slice(0, 40)}`).not.toMatchObject({
              ambiguous: false,
            });
          });
    },
  };
}

function damagedAnswerCheck(subject: Subject): Check {
  return {
    title: `${subject.label} survives the loss or replacement of each key of the good answers`,
    run: async () => {
      const good = await subject.run(subject.one.respond);
      for (const [step, answer] of good.answers.entries()) {
        if (answer.kind === 'failed') continue;
        const document = parsed(answer.text);
        for (const { document: broken } of damaged(document))
          await subject.run((request, index) =>
            index === step
              ? { ...answer, text: JSON.stringify(broken) }
              : subject.one.respond(request, index),
          );
      }
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function connectionCheck(subject: Subject): Check {
  return {
    title: `${subject.label} has a verb for timeouts, resets, refusals, oversized answers and forbidden addresses`,
    run: async () => {
      const eachStep = await stepsOf(subject);
      for (const reason of ['timeout', 'network', 'too_large'] as const)
        for (const sent of [true, false])
          await eachStep(failed(reason, sent), (ran) => {
            expect(ran.result, `${reason}, sent: ${sent}`).toMatchObject({
              verb: 'retry',
              ambiguous: sent,
            });
          });
      await eachStep(failed('forbidden_address', false), (ran) => {
        expect(ran.result).toMatchObject({ verb: 'reject', reason: 'forbidden_address' });
      });
    },
  };
}

/** An HTTP date (RFC 9110) of an instant, without the ambient clock. */
function httpDate(epochMs: number): string {
  return new Date(epochMs).toUTCString();
}

function retryAfterCheck(subject: Subject, now: number): Check {
  const spellings: readonly (readonly [Readonly<Record<string, string>>, number | undefined])[] = [
    [{}, undefined],
    [{ 'retry-after': '7' }, 7 * SECOND_MS],
    [{ 'retry-after': ' 7 ' }, 7 * SECOND_MS],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': httpDate(now + 7 * SECOND_MS) }, 7 * SECOND_MS],
    [{ 'retry-after': httpDate(now - 7 * SECOND_MS) }, 0],
    [{ 'ratelimit-reset': '7' }, 7 * SECOND_MS],
    [{ 'x-ratelimit-period-in-sec': '7' }, 7 * SECOND_MS],
    [{ 'retry-after': '86400' }, RETRY_AFTER_MAX_MS],
    [{ 'retry-after': 'soon' }, undefined],
  ];
  return {
    title: `${subject.label} waits as long as the vendor asks, in each spelling`,
    run: async () => {
      const eachStep = await stepsOf(subject);
      for (const [headers, afterMs] of spellings)
        await eachStep(answered(429, '{}', headers), (ran) => {
          expect(ran.result).toMatchObject({
            verb: 'retry',
            reason: 'rate_limited',
            ambiguous: false,
          });
          expect(
            (ran.result as { readonly afterMs?: number }).afterMs,
            JSON.stringify(headers),
          ).toBe(afterMs);
        });
    },
  };
}

/** @param now epoch ms that the adapter is told */
export function failureChecks(subject: Subject, now: number): readonly Check[] {
  return [
    statusCheck(subject),
    bodyCheck(subject),
    damagedAnswerCheck(subject),
    connectionCheck(subject),
    ...(subject.kind === 'write' ? [retryAfterCheck(subject, now)] : []),
  ];
}
