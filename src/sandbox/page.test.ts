import { describe, expect, it } from 'vitest';
import { MINUTE, post, sandboxWorld } from '../../test/support/sandbox.ts';
import type { SandboxWorld } from '../../test/support/sandbox.ts';

const HOSTILE = `"><img src=x onerror=alert(1)></p><script>alert('x')</script>`;

async function pageOf({ sandbox }: SandboxWorld): Promise<string> {
  const text = await (await fetch(`${sandbox.url}/`)).text();
  return text.replaceAll(/\s+/g, ' ');
}

describe('the page of the sandbox', () => {
  it('is quiet when nothing has happened', async () => {
    const page = await pageOf(await sandboxWorld());
    expect(page).toContain('Silence. Whoever is rung appears here.');
    expect(page).toContain('All systems operational');
    expect(page).toContain('<bdi>Checkout</bdi><span class="state good">Operational</span>');
    expect(page).toContain('nothing planned');
  });

  it('shows who is rung, for what, and the way to answer', async () => {
    const world = await sandboxWorld();
    await post(`${world.sandbox.url}/pd/events/ring`, {
      address: 'ada',
      key: 'k1',
      title: 'Checkout is down',
    });
    await world.clock.advanceBy(6 * MINUTE);
    const page = await pageOf(world);
    expect(page).toContain('<title>(2) Tocsin sandbox</title>');
    expect(page).toContain('<bdi>ada</bdi>');
    expect(page).toContain('<bdi>boss</bdi>');
    expect(page).toContain(
      '<button name="verb" value="acknowledge" class="main">Acknowledge</button>',
    );
  });

  it('takes an answer from its own form and comes back', async () => {
    const world = await sandboxWorld();
    await post(`${world.sandbox.url}/pd/events/ring`, { address: 'ada', key: 'k1' });
    const answer = await fetch(`${world.sandbox.url}/answer`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: world.sandbox.url },
      body: new URLSearchParams({ target: 'pd', address: 'ada', ref: 'k1', verb: 'acknowledge' }),
    });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    const page = await pageOf(world);
    expect(page).toContain('<article class="phone acknowledged">');
    expect(page).not.toContain('value="acknowledge"');
  });

  it('shows the public page as visitors see it, the room, and the faults', async () => {
    const world = await sandboxWorld();
    const { url } = world.sandbox;
    const first = {
      ref: 'i1',
      name: 'Checkout trouble',
      status: 'investigating',
      body: 'We look.',
      components: { Checkout: 'partial_outage' },
    };
    await post(`${url}/status/api/posts`, first);
    await post(`${url}/status/api/posts`, {
      ...first,
      status: 'identified',
      body: 'We know.',
      notified: true,
    });
    await post(`${url}/status/api/messages`, { channel: '#inc-1', text: 'Ada is on it' });
    await post(`${url}/faults`, { target: 'pd', fault: '5xx', times: 3, path: '/events' });
    const page = await pageOf(world);
    expect(page).toContain('There is an ongoing incident');
    expect(page).toContain('<span class="state warn">Partial outage</span>');
    expect(page.indexOf('We know.')).toBeLessThan(page.indexOf('We look.'));
    expect(page).toContain(', subscribers were mailed');
    expect(page).toContain('<bdi>#inc-1</bdi>');
    expect(page).toContain('5xx, broken (/events, 3 left)');
  });

  it('lets no text of a vendor become markup', async () => {
    const world = await sandboxWorld();
    const { url } = world.sandbox;
    await post(`${url}/pd/events/ring`, { address: HOSTILE, key: HOSTILE, title: HOSTILE });
    await post(`${url}/status/api/posts`, {
      ref: HOSTILE,
      name: HOSTILE,
      status: HOSTILE,
      body: HOSTILE,
      components: { [HOSTILE]: HOSTILE },
    });
    await post(`${url}/status/api/messages`, { channel: HOSTILE, text: HOSTILE });
    await post(`${url}/faults`, { target: 'pd', fault: 'hang', path: `/${HOSTILE}` });
    const page = await pageOf(world);
    expect(page).not.toMatch(/<img src=x/);
    expect(page.match(/<script/g)).toEqual(['<script']);
    expect(page.split('&lt;script&gt;').length).toBeGreaterThan(10);
  });

  it('runs no script and no style but its own', async () => {
    const { sandbox } = await sandboxWorld();
    const page = await fetch(`${sandbox.url}/`);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    const markup = await page.text();
    expect(markup).not.toMatch(/<[^>]*\s(?:on\w+|style)=/);
    const files = [...markup.matchAll(/(?:src|href)="(\/[\w.]+)"/g)].map(([, path]) => path ?? '');
    for (const path of new Set(files))
      expect([path, (await fetch(`${sandbox.url}${path}`)).status]).toEqual([path, 200]);
  });

  it('says how much it leaves out in a storm', async () => {
    const world = await sandboxWorld();
    for (let i = 0; i < 65; i += 1)
      await post(`${world.sandbox.url}/pd/events/ring`, { address: `p${i}`, key: `k${i}` });
    expect(await pageOf(world)).toContain('and 5 more phones');
  });
});
