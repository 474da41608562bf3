/** Checks on `verify`: who is let in, and who is not. */
import { expect } from 'vitest';
import type { RawRequest, Verified } from '../../src/contract/index.ts';
import { TEST_NOW } from '../support/io.ts';
import type { Check } from './check.ts';
import { expectNoSecret } from './secrets.ts';
import { bytesOf, requestOf, signed } from './source-subject.ts';
import type { Subject } from './source-subject.ts';

/** Calls `verify`, which must neither throw nor print a secret, whatever it is given. */
export function verify(subject: Subject, request: RawRequest, config: unknown): Verified {
  const verified = subject.part.verify(request, config, TEST_NOW);
  const secrets = [subject.current, subject.old].map((value, i) => ({
    name: `secret ${i}`,
    value,
  }));
  expectNoSecret(verified, secrets);
  if (!verified.ok) expect(verified.reason.length).toBeGreaterThan(0);
  return verified;
}

function flipped(bytes: Uint8Array, index: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

function refusesChangedBytes(subject: Subject): void {
  for (const delivery of subject.source.deliveries) {
    const request = signed(subject, delivery, { secret: subject.current, at: TEST_NOW });
    const config = subject.config(subject.current);
    const places = [0, Math.floor(request.body.length / 2), request.body.length - 1].filter(
      (i) => i >= 0 && i < request.body.length,
    );
    for (const i of places)
      expect(verify(subject, { ...request, body: flipped(request.body, i) }, config)).toMatchObject(
        { ok: false },
      );
    expect(
      verify(
        subject,
        { ...request, body: Buffer.concat([request.body, Buffer.from(' ')]) },
        config,
      ),
    ).toMatchObject({ ok: false });
    expect(verify(subject, { ...request, body: new Uint8Array() }, config)).toMatchObject({
      ok: false,
    });
  }
}

function refusesDamagedHeaders(subject: Subject): void {
  const config = subject.config(subject.current);
  for (const delivery of subject.source.deliveries) {
    const credentials = subject.source.signing.sign(
      bytesOf(delivery.body),
      subject.current,
      TEST_NOW,
    );
    expect(
      Object.keys(credentials).length,
      'sign() must give the credential headers',
    ).toBeGreaterThan(0);
    expect(verify(subject, requestOf(subject, delivery, {}), config)).toMatchObject({ ok: false });
    for (const [name, value] of Object.entries(credentials)) {
      const { [name]: _gone, ...others } = credentials;
      expect(
        verify(subject, requestOf(subject, delivery, others), config),
        `without ${name}`,
      ).toMatchObject({ ok: false });
      for (const wrong of [
        '',
        ' ',
        ',',
        '=',
        `${value}0`,
        value.slice(1),
        value.slice(0, -1),
        'v1=',
        'v1,',
        'Bearer',
        'Basic !!',
        '\u{1F6A8}',
        'a'.repeat(100_000),
      ])
        expect(
          verify(subject, requestOf(subject, delivery, { ...credentials, [name]: wrong }), config),
          `${name}: ${wrong.slice(0, 20)}`,
        ).toMatchObject({ ok: false });
    }
  }
}

function refusesOtherTimes(subject: Subject, toleranceMs: number): void {
  const config = subject.config(subject.current);
  for (const delivery of subject.source.deliveries) {
    const at = (ageMs: number): Verified =>
      verify(
        subject,
        signed(subject, delivery, { secret: subject.current, at: TEST_NOW - ageMs }),
        config,
      );
    expect(at(toleranceMs - 2000), 'still fresh').toMatchObject({ ok: true });
    expect(at(toleranceMs + 2000), 'stale').toMatchObject({ ok: false });
    expect(at(-toleranceMs - 2000), 'from the future').toMatchObject({ ok: false });
  }
}

export function refusalChecks(subject: Subject): readonly Check[] {
  const { signing } = subject.source;
  const checks: Check[] = [
    {
      title: 'verify refuses each missing or damaged credential',
      run: () => refusesDamagedHeaders(subject),
    },
    {
      title: 'verify refuses a wrong secret',
      run: () => {
        for (const delivery of subject.source.deliveries)
          expect(
            verify(
              subject,
              signed(subject, delivery, { secret: subject.old, at: TEST_NOW }),
              subject.config(subject.current),
            ),
          ).toMatchObject({ ok: false });
      },
    },
  ];
  if (signing.covers === 'body')
    checks.push({
      title: 'verify refuses a changed byte',
      run: () => refusesChangedBytes(subject),
    });
  const { toleranceMs } = signing;
  if (toleranceMs !== undefined)
    checks.push({
      title: 'verify refuses stale and future timestamps',
      run: () => refusesOtherTimes(subject, toleranceMs),
    });
  return checks;
}
