// @vitest-environment jsdom
// Code that is being written: whole, and without touching what stands there already.
import { expect, it } from 'vitest';
import { grow } from './grow';

const frame = () => {
  const block = document.createElement('div');
  block.innerHTML = '<figure><pre><code></code></pre></figure>';
  return { block, code: block.querySelector('code')! };
};

it('shows all of it, and leaves the pieces before the last alone', () => {
  const { block, code } = frame();
  const whole = Array.from({ length: 2_000 }, (_, line) => `let line_${line} = ${line};`).join('\n');
  for (let end = 0; end < whole.length; end += 777) grow(whole.slice(0, end))(block);
  const first = code.firstElementChild!.firstChild!;
  grow(whole)(block);
  expect(code.textContent).toBe(whole);
  expect(code.childElementCount).toBeGreaterThan(8);
  expect(code.firstElementChild!.firstChild).toBe(first);
  for (const piece of [...code.children].slice(0, -1)) expect(piece.textContent).toMatch(/\n$/);
});

it('splits no line, however long it is', () => {
  const { block, code } = frame();
  grow('x'.repeat(9_000))(block);
  grow(`${'x'.repeat(9_000)}y\nz`)(block);
  expect([...code.children].map(({ textContent }) => textContent?.length)).toEqual([9_002, 1]);
});

it('leaves a block alone that shows its code already', () => {
  const { block, code } = frame();
  code.textContent = 'x = 1';
  grow(null)(block);
  expect(code.innerHTML).toBe('x = 1');
});
