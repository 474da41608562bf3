/**
 * A real Prometheus Alertmanager delivers to a running server.
 *
 * It runs with the configuration that `docs/guides/alertmanager.md` tells people to write, to the letter; only the
 * addresses are replaced and the intervals shortened. The crane gets slow: Alertmanager tells it, the watch is rung once
 * however often it is repeated, and when the crane recovers the incident hears that every alert has cleared. When it gets
 * slow while Tocsin is down, Alertmanager keeps the news until Tocsin is back.
 */
import { describe, expect, onTestFinished, test } from 'vitest';
import { isInstalled, skippedBecause, startAlertmanager } from '../support/alertmanager.ts';
import { realWorld, until } from '../support/real.ts';

const PATIENCE_MS = 90_000;

describe.skipIf(!isInstalled)(`a real Alertmanager${skippedBecause}`, () => {
  test(
    'fires, repeats and resolves: one ring, one incident, and the incident hears the end',
    async () => {
      const world = await realWorld({ onTestFinished });
      const server = await world.start();
      const prometheus = await startAlertmanager({
        tocsin: server.url,
        test: { onTestFinished },
      });

      await prometheus.say({ alertname: 'CraneSlow', state: 'fires' });
      await until('the watch is rung', () => world.pages().length > 0);
      const [incident] = await world.incidents();
      expect(incident).toMatchObject({ title: 'CraneSlow at the harbour', level: 'mild' });

      const before = await prometheus.delivered();
      await until('it is repeated twice', async () => (await prometheus.delivered()) >= before + 2);
      const id = incident?.id ?? '';
      const attached = (await world.events(id)).filter((event) => event.type === 'AlertsAttached');
      expect([attached.length, (await world.incidents()).length]).toEqual([1, 1]);

      await prometheus.say({ alertname: 'CraneSlow', state: 'ended' });
      await until('the incident hears that the alert has cleared', async () =>
        (await world.events(id)).some((event) => event.type === 'AlertsCleared'),
      );
      expect(world.pages().filter((page) => page.event === 'rang')).toHaveLength(1);
    },
    PATIENCE_MS,
  );

  test(
    'keeps what it has to say while the server is down',
    async () => {
      const world = await realWorld({ onTestFinished });
      const before = await world.start();
      const prometheus = await startAlertmanager({
        tocsin: before.url,
        test: { onTestFinished },
      });
      await before.kill();

      await prometheus.say({ alertname: 'CraneSlow', state: 'fires' });
      await world.start();
      await until('the watch is rung', () => world.pages().length > 0, 45_000);
      expect(await world.incidents()).toHaveLength(1);
    },
    PATIENCE_MS,
  );
});
