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

it('a highlighter that misbehaves is still sanitised', () => {
  expect(page(spansOnly('<img src=x onerror=alert(1)><b onclick=x>y</b>')).outerHTML).not.toMatch(
    /img|onclick|onerror/,
  );
});
