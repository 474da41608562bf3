/** Heartbeats of a real server, to a receiver that this process plays. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'vitest';
import { BLOCK_LOOP_MS } from './support/block-loop.ts';
import { makingWithHeartbeat, realWorld, until } from './support/real.ts';
import { receiver } from './support/receiver.ts';

const BLOCK = new URL('./support/block-loop.ts', import.meta.url).href;

describe.concurrent('heartbeats', { timeout: 120_000 }, () => {
  test('come while the server runs, end while it is suspended, and come again', async (context) => {
    const { expect } = context;
    const { file, heard, silent } = await receiver(context);
    const world = await realWorld(context, makingWithHeartbeat(`{url_file: "${file}", every: 2s}`));
    const server = await world.start();
    await until('three heartbeats', () => heard.length >= 3);
    expect(heard[0]).toMatchObject({ request: 'POST /ping-0a1b2c3d 0', body: '' });
    server.signal('SIGSTOP');
    await silent(8_000);
    const before = heard.length;
    server.signal('SIGCONT');
    await until('another one', () => heard.length > before);
    expect(await server.stop()).toBe('0');
    expect(server.output()).not.toContain('0a1b2c3d');
  });

  test('end within 25 s while its event loop stands still, and come again once it turns', async (context) => {
    const { expect } = context;
    const { file, heard } = await receiver(context);
    const world = await realWorld(context, makingWithHeartbeat(`{url_file: "${file}", every: 1s}`));
    const server = await world.start(undefined, {
      preload: [BLOCK],
      environment: { [BLOCK_LOOP_MS]: '25000' },
    });
    await until('three heartbeats', () => heard.length >= 3);
    const blockedAt = performance.now();
    server.signal('SIGUSR2');
    await until('it turns again', () => performance.now() - blockedAt > 24_000);
    const during = heard.filter(({ at }) => at > blockedAt).map(({ at }) => at - blockedAt);
    // The loop turned a moment ago when it got stuck: they go on for ten seconds.
    expect(during.length).toBeGreaterThan(3);
    expect(Math.max(...during)).toBeLessThan(13_000);
    const before = heard.length;
    await until('another one', () => heard.length > before);
  });

  test('go to each address by itself; one that redirects, or is not there, is told of without its path', async (context) => {
    const { expect } = context;
    const [good, elsewhere] = [await receiver(context), await receiver(context, '/moved-9f8e7d6c')];
    elsewhere.answer(302, '/ping-elsewhere');
    const gone = join(dirname(good.file), 'gone');
    writeFileSync(gone, 'http://127.0.0.1:9/gone-5a5b5c5d');
    const files = [good.file, elsewhere.file, gone].map((one) => `"${one}"`).join(', ');
    const world = await realWorld(
      context,
      makingWithHeartbeat(`{url_files: [${files}], every: 1s}`),
    );
    const server = await world.start();
    await until('heartbeats', () => good.heard.length >= 4);
    await until('they are told of', () => server.output().includes('answered 302'));
    expect(elsewhere.heard.every(({ request }) => request.includes('/moved-9f8e7d6c'))).toBe(true);
    const warned = server.output().split('a heartbeat was not taken').length - 1;
    expect(warned, 'each trouble once').toBe(2);
    await server.stop();
    expect(server.output()).not.toMatch(/0a1b2c3d|9f8e7d6c|5a5b5c5d/);
  });

  test('to another Tocsin show its token, and say by their body what they are', async (context) => {
    const { expect } = context;
    const { file, heard, tokens } = await receiver(context, '/webhooks/other');
    const token = join(dirname(file), 'token');
    writeFileSync(token, 'token-of-the-other-one\n');
    const url = readFileSync(file, 'utf8').trim();
    const world = await realWorld(
      context,
      makingWithHeartbeat(`{peers: [{url: "${url}", token_file: "${token}"}], every: 1s}`),
    );
    await world.start();
    await until('a heartbeat', () => heard.length >= 1);
    expect(heard[0]?.body).toBe('{"alertname":"TocsinAlive"}');
    expect(tokens[0]).toBe('Bearer token-of-the-other-one');
  });
});
