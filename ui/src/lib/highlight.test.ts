// Colours change nothing about what the code says.
import { expect, it } from 'vitest';
import { highlight } from './highlight';

const textOf = (html: string) =>
  html
    .replace(/<\/?span[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#x27;/g, "'")
    .replace(/&amp;/g, '&');

it('keeps every character', () => {
  const code = 'if (a < b && c > "d") { return `<b>${x}</b>`; } // <script>';
  expect(textOf(highlight(code, 'js')!)).toBe(code);
});

it('lets no markup of the code through', () => {
  expect(highlight('<img src=x onerror=alert(1)>', 'html')).not.toMatch(/<(?!\/?span)/);
});

it('leaves unknown languages and very long code plain', () => {
  expect(highlight('x', 'klingon')).toBeNull();
  expect(highlight('', '')).toBeNull();
  expect(highlight('x'.repeat(50_000), 'js')).toBeNull();
});
