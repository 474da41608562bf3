import { describe, expect, it } from 'vitest';
import { html } from './html.ts';

describe('a template', () => {
  it('escapes text, in content and in quoted attributes', () => {
    const hostile = `"><script>alert('1' & 2)</script>`;
    expect(String(html`<p title="${hostile}">${hostile}</p>`)).toBe(
      '<p title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39; &amp; 2)&lt;/script&gt;">' +
        '&quot;&gt;&lt;script&gt;alert(&#39;1&#39; &amp; 2)&lt;/script&gt;</p>',
    );
  });

  it('keeps markup of other templates and joins lists', () => {
    const rows = ['a', '<b>'].map((text) => html`<i>${text}</i>`);
    expect(String(html`<b>${rows}</b>`)).toBe('<b><i>a</i><i>&lt;b&gt;</i></b>');
  });

  it('writes zero and leaves out null and false', () => {
    expect(String(html`${0}|${null}|${false}|${''}`)).toBe('0|||');
  });

  it('takes nothing that only looks like markup for markup', () => {
    const forged = { toString: () => '<script>' } as unknown as string;
    expect(() => html`${forged}`).toThrow(TypeError);
  });
});
