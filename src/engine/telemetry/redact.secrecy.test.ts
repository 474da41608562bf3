/** What a vendor answers is kept and read by people: no secret of ours may stand in it. */
import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../../contract/secret.ts';
import type { Outcome } from '../../contract/outcome.ts';
import { alert, type Harness, startEngine } from '../../../test/support/engine.ts';

let h: Harness;
afterEach(() => h.end());

const KEY = 'routing-key-of-the-expert';
const addressSecrets = { 'secret:roles.expert.page.key': new Secret(KEY) };

function refusing(detail: string): () => Outcome {
  return () => ({ verb: 'reject', reason: 'invalid_request', detail, hint: 'Look at the key.' });
}

/** Everything that is kept of the incident, as text. */
async function kept(): Promise<string> {
  const outbox = await h.outbox('inc-1');
  return JSON.stringify([outbox, await h.store.reads.timeline('inc-1')]);
}

describe('a secret that a vendor repeats in its answer', () => {
  test('stands neither in the outbox nor in the timeline', async () => {
    h = await startEngine({ addressSecrets });
    h.vendors.page = refusing(`there is no service for ${KEY}`);
    await h.deliver('prom', [alert()]);
    await h.settle();
    const [row] = await h.outbox('inc-1');
    expect(row?.lastOutcome).toBe('refused (invalid_request): there is no service for [secret]');
    expect(await kept()).not.toContain(KEY);
  });

  test('stands in no hint either', async () => {
    h = await startEngine({ addressSecrets });
    h.vendors.page = () => ({
      verb: 'reject',
      reason: 'invalid_request',
      detail: 'refused',
      hint: `The vendor answered "${KEY}".`,
    });
    await h.deliver('prom', [alert()]);
    await h.settle();
    expect(await kept()).toContain('The vendor answered');
    expect(await kept()).not.toContain(KEY);
  });

  test('that came with a reload is known from then on', async () => {
    h = await startEngine();
    await h.engine.reload({ ...h.engine.setup(), addressSecrets });
    h.vendors.page = refusing(`there is no service for ${KEY}`);
    await h.deliver('prom', [alert()]);
    await h.settle();
    expect(await kept()).toContain('there is no service for [secret]');
    expect(await kept()).not.toContain(KEY);
  });

  test('leaves no half of it where a long answer is cut off', async () => {
    h = await startEngine({ addressSecrets });
    for (const before of [450, 460, 470, 480, 490]) {
      h.vendors.page = refusing(`${'x'.repeat(before)}${KEY}${'y'.repeat(10_000)}`);
      await h.deliver('prom', [alert({ dedupKey: `k${before}`, labels: {} })]);
    }
    await h.settle();
    const outcomes: (string | null)[] = [];
    for (const { id } of await h.open())
      for (const { lastOutcome } of await h.outbox(id)) outcomes.push(lastOutcome);
    expect(outcomes.length).toBeGreaterThanOrEqual(5);
    expect(outcomes.filter((text) => text?.includes(KEY.slice(0, 8)) === true)).toEqual([]);
    expect(outcomes.every((text) => (text ?? '').length <= 500)).toBe(true);
  });
});
