// @vitest-environment jsdom
// Colours change nothing about what the code says.
import { expect, it } from 'vitest';
import { highlight, spansOnly } from './highlight';

const page = (drawn: DocumentFragment | null) => {
  const div = document.createElement('div');
  div.append(drawn ?? '');
  return div;
};

it('keeps every character, and lets no markup of the code through', async () => {
  const code = 'const a = "<img src=x>" && b; // &amp; \u00a0 </code>';
  const drawn = page(await highlight(code, 'js'));
  expect(drawn.textContent).toBe(code);
  expect(drawn.querySelector('.hljs-keyword')?.textContent).toBe('const');
  expect(drawn.querySelectorAll('img')).toHaveLength(0);
});

it('leaves unknown languages and very long code plain', async () => {
  for (const language of ['klingon', '', 'constructor']) expect(await highlight('x', language)).toBeNull();
  expect(await highlight('x'.repeat(40_001), 'js')).toBeNull();
});

it('a highlighter that misbehaves draws nothing but coloured words', async () => {
  const bad =
    '<img src=x onerror=alert(1)><span class="a" onclick="x">y</span><span class="b">z</span></span>&nbsp;</span>q';
  const drawn = page(await spansOnly(bad));
  expect([...drawn.querySelectorAll('*')].map(({ tagName, className }) => `${tagName} ${className}`)).toEqual([
    'SPAN b',
  ]);
  expect(drawn.textContent).toContain('<img src=x onerror=alert(1)>');
  expect(drawn.textContent).toMatch(/&nbsp;q$/);
});

it('long code is drawn whole, piece by piece', async () => {
  const code = Array.from({ length: 700 }, (_, line) => `const a${line} = "<${line}>";`).join('\n');
  const drawn = page(await highlight(code, 'js'));
  expect(drawn.textContent).toBe(code);
  expect(drawn.querySelectorAll('.hljs-keyword')).toHaveLength(700);
});
