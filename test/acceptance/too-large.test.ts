/**
 * Too large.
 *
 * At eight a broken exporter of the tram company sends what nobody means to send: a label of two megabytes, an alert of
 * four hundred thousand labels, fifty thousand alerts at once. Each may be about a line that stopped. So it is taken, the
 * driver is rung, and what is too long is cut where people and states would have to carry it; as it came it stays in the
 * inbox.
 */
import { describe, expect, test } from 'vitest';
import { alertmanagerBody } from '../support/bodies.ts';
import type { Stage } from '../support/stage.ts';
import { trams, trusting } from './trams.ts';

const LONG = 'x'.repeat(2_000_000);

/** Characters of everything that is kept of the incident beside the inbox: state, timeline, what is sent. */
async function sizeOf(stage: Stage): Promise<number> {
  const [{ id }, events] = [await stage.incident(), await stage.events()];
  const rows = await stage.app().reads.outboxOf(id);
  return JSON.stringify([await stage.incident(), events, rows]).length;
}

async function taken(stage: Stage, body: object): Promise<number> {
  const answer = await stage.deliver('prometheus', body);
  expect(answer.status).toBe(202);
  const { json } = answer as { readonly json: { readonly id: string } };
  const stored = await stage.app().reads.inboxRow(json.id);
  expect(stored?.disposition.kind).toBe('decided');
  return stored?.row.body.byteLength ?? 0;
}

const driverRang = ['08:00:00 | rang | driver | on-duty | pd | high'];
const ofDriver = async (stage: Stage) =>
  (await stage.rings()).filter((line) => line.includes('driver'));

describe('an alert that is larger than anybody means', () => {
  test('by a label, a summary and a description of 2 MB rings the driver with as much of it as people read', async () => {
    const stage = await trams(trusting);
    const words = { alertname: 'LineStopped', summary: LONG, description: LONG };
    const bytes = await taken(stage, alertmanagerBody({ ...words, labels: { dump: LONG } }));
    expect(bytes, 'the inbox has it whole').toBeGreaterThan(6_000_000);
    expect(await ofDriver(stage)).toEqual(driverRang);
    const { routing } = await stage.incident();
    expect(routing.labels['dump']).toMatch(/^x{4096}… \(cut: \d+ characters, [0-9a-f]{12}\)$/);
    expect(routing.title).toMatch(/^x{1000}… \(cut: \d+ characters, [0-9a-f]{12}\)$/);
    expect(await sizeOf(stage)).toBeLessThan(400_000);
  }, 30_000);

  test('by 400,000 labels rings the driver, and says how many labels are missing', async () => {
    const stage = await trams(trusting);
    const labels = Object.fromEntries(
      Array.from({ length: 400_000 }, (_, n) => [`l${n}`, 'v'] as const),
    );
    const alerts = [{ labels: { alertname: 'LineStopped', ...labels }, fingerprint: 'huge' }];
    await taken(stage, { version: '4', status: 'firing', alerts });
    expect(await ofDriver(stage)).toEqual(driverRang);
    const { routing } = await stage.incident();
    expect(Object.keys(routing.labels)).toHaveLength(101);
    expect(routing.labels['tocsin_cut']).toMatch(/^900 labels; 399001 members, [0-9a-f]{12}$/);
    expect(await sizeOf(stage)).toBeLessThan(100_000);
  }, 30_000);

  test('clears as it fired: what identifies it is what it was', async () => {
    const stage = await trams(trusting);
    const line = { alertname: 'LineLate', labels: { dump: LONG } };
    await stage.alert(line);
    await stage.at('1m');
    await stage.alert({ ...line, status: 'resolved' });
    expect((await stage.incident()).alerts).toMatchObject({ firing: 0, total: 1 });
  }, 30_000);
});

test('fifty thousand alerts in one body are all decided, and the driver is rung once', async () => {
  const stage = await trams(trusting);
  const alerts = Array.from({ length: 50_000 }, (_, n) => ({
    labels: { alertname: 'LineLate', car: `${n}` },
    fingerprint: `car-${n}`,
  }));
  await taken(stage, { version: '4', status: 'firing', alerts });
  const { alerts: counted } = await stage.incident();
  expect(counted).toMatchObject({ firing: 50_000, total: 50_000 });
  expect(await stage.incidents()).toHaveLength(1);
  expect(await ofDriver(stage)).toEqual(driverRang);
  expect(await sizeOf(stage)).toBeLessThan(100_000);
}, 60_000);
