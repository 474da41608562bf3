/** Checks on an adapter's inbound side: acceptance here, refusals and reading beside it. */
import { expect } from 'vitest';
import { Secret } from '../../src/contract/index.ts';
import type { AnyAdapter, SourcePart } from '../../src/contract/index.ts';
import { TEST_NOW } from '../support/io.ts';
import type { Check } from './check.ts';
import { parse, parseChecks } from './source-parse.ts';
import { signed } from './source-subject.ts';
import type { SourceConformance, Subject } from './source-subject.ts';
import { refusalChecks, verify } from './source-verify.ts';

function acceptanceChecks(subject: Subject): readonly Check[] {
  const { source, current, old } = subject;
  return [
    ...source.deliveries.map((delivery) => ({
      title: `verify accepts and parse understands: ${delivery.name}`,
      run: () => {
        const request = signed(subject, delivery, { secret: current, at: TEST_NOW });
        const verified = verify(subject, request, subject.config(current));
        expect(verified).toMatchObject({ ok: true });
        if (delivery.deliveryId !== undefined)
          expect(verified).toEqual({ ok: true, deliveryId: delivery.deliveryId });
        const result = parse(subject, request, delivery.name);
        expect(result).toMatchObject(delivery.parsed ?? { ok: true });
        expect(parse(subject, request, delivery.name), 'parse is not pure').toEqual(result);
      },
    })),
    ...(source.vectors ?? []).map((vector) => ({
      title: `verify accepts the vendor's example: ${vector.name}`,
      run: () =>
        expect(
          subject.part.verify(vector.request, subject.part.config.parse(vector.config), vector.now),
        ).toMatchObject({ ok: true }),
    })),
    {
      title: 'verify accepts both secrets during a rotation, and refuses the old one after it',
      run: () => {
        for (const delivery of source.deliveries) {
          const byOld = signed(subject, delivery, { secret: old, at: TEST_NOW });
          const byNew = signed(subject, delivery, { secret: current, at: TEST_NOW });
          expect(verify(subject, byOld, subject.config(current, old))).toMatchObject({ ok: true });
          expect(verify(subject, byNew, subject.config(current, old))).toMatchObject({ ok: true });
          expect(verify(subject, byOld, subject.config(current))).toMatchObject({ ok: false });
        }
      },
    },
  ];
}

export function sourceChecks(adapter: AnyAdapter, source: SourceConformance): readonly Check[] {
  const part: SourcePart<unknown> | undefined = adapter.source;
  if (part === undefined) return [];
  const [current, old] = source.signing.secretTexts ?? [
    'conformance-new-secret',
    'conformance-old-secret',
  ];
  const config = (...texts: readonly string[]): unknown =>
    part.config.parse(source.signing.configOf(texts.map((text) => new Secret(text))));
  const subject: Subject = { part, source, current, old, config };
  return [...acceptanceChecks(subject), ...refusalChecks(subject), ...parseChecks(subject)];
}

/** Valid raw configs of the source side, for the schema checks. */
export function sourceConfigs(source: SourceConformance): readonly unknown[] {
  const [current, old] = source.signing.secretTexts ?? [
    'conformance-new-secret',
    'conformance-old-secret',
  ];
  return [
    source.signing.configOf([new Secret(current), new Secret(old)]),
    ...(source.moreConfigs ?? []),
  ];
}
