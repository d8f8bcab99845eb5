// @vitest-environment jsdom
// Answers are written by strangers: what they may put on the page, and what a stream costs to draw.
import DOMPurify from 'dompurify';
import { expect, it, vi } from 'vitest';
import { highlight } from './highlight';
import { coloured, MarkdownBlocks, renderMarkdown } from './markdown';

const answer = [
  '# Title',
  '',
  'A paragraph with **bold** and `code`.',
  '',
  '- one',
  '- two',
  '',
  '  still two',
  '',
  '```python',
  'x = "<b>"',
  '',
  'y = 1',
  '```',
  '',
  '| a | b |',
  '|---|--:|',
  '| 1 | 2 |',
  '',
  'The end.',
].join('\n');

it('draws the same blocks whether the text came at once or in pieces', () => {
  const whole = renderMarkdown(answer);
  for (const step of [1, 3, 7, 50]) {
    const blocks = new MarkdownBlocks();
    for (let end = step; end < answer.length + step; end += step) blocks.update(answer.slice(0, end));
    expect(
      blocks
        .update(answer)
        .map(({ html }) => html)
        .join(''),
    ).toBe(whole);
  }
});

it('parses only the open block again', () => {
  const blocks = new MarkdownBlocks();
  const long = Array.from({ length: 200 }, (_, i) => `Paragraph ${i}.`).join('\n\n');
  blocks.update(long);
  blocks.update(`${long} And a word.`);
  expect(blocks.parsed).toBe(1);
});

it('closed blocks keep their identity', () => {
  const blocks = new MarkdownBlocks();
  const first = blocks.update('One.\n\nTwo.\n\nThr')[0];
  expect(blocks.update('One.\n\nTwo.\n\nThree.')[0]).toBe(first);
});

it('starts over when the text is replaced', () => {
  const blocks = new MarkdownBlocks();
  blocks.update('One.\n\nTwo.');
  expect(blocks.update('Else.').map(({ html }) => html.trim())).toEqual(['<p>Else.</p>']);
});

it.each([
  ['an image', '![a](https://example.org/a.png)'],
  ['an image in raw html', '<img src="https://example.org/a.png">'],
  ['an inline image', 'text <img src=x onerror=alert(1)> text'],
  ['a script', '<script>alert(1)</script>'],
  ['a style', '<style>@import url(https://example.org)</style>'],
  ['a frame', '<iframe src="https://example.org"></iframe>'],
  ['a script link', '[x](javascript:alert(1))'],
  ['a data link', '[x](data:text/html,<script>alert(1)</script>)'],
  ['an obfuscated script link', '[x](JaVaScRiPt:alert(1))'],
  ['a reference image', '![a][r]\n\n[r]: https://example.org/a.png'],
  ['code with markup', '```\n<img src=x onerror=alert(1)>\n```'],
  ['a language with markup', '```"><img src=x>\ncode\n```'],
])('never loads or runs %s', (_, text) => {
  const page = document.createElement('div');
  page.innerHTML = renderMarkdown(text);
  expect(page.querySelectorAll('img, script, style, iframe, [onerror], [src], [style]')).toHaveLength(0);
  for (const link of page.querySelectorAll('a')) expect(link.getAttribute('href')).toMatch(/^https:\/\//);
});

it('links leave without telling where they came from', () => {
  const page = document.createElement('div');
  page.innerHTML = renderMarkdown('[x](https://example.org)');
  expect(page.querySelector('a')?.rel).toContain('noreferrer');
});

it('keeps what a person typed as text', () => {
  const page = document.createElement('div');
  page.innerHTML = renderMarkdown('a < b && c > d\n\n```\n"quotes" & <tags>\n```');
  expect(page.querySelector('code')?.textContent).toBe('"quotes" & <tags>');
  expect(page.querySelector('p')?.textContent).toBe('a < b && c > d');
});

it('survives carriage returns and a half-finished fence', () => {
  expect(renderMarkdown('One.\r\n\r\n```js\r\nlet a')).toContain('let a');
});

it('shows raw html as the text it is', () => {
  const page = document.createElement('div');
  page.innerHTML = renderMarkdown('A <b>bold</b> claim.\n\n<div>block</div>');
  expect(page.textContent).toContain('A <b>bold</b> claim.');
  expect(page.textContent).toContain('<div>block</div>');
});

it('every block passes the sanitiser, although the renderer lets nothing through', () => {
  const sanitise = vi.spyOn(DOMPurify, 'sanitize').mockReturnValue('<p>clean</p>');
  expect(renderMarkdown('One.\n\nTwo.')).toBe('<p>clean</p><p>clean</p>');
  sanitise.mockRestore();
});

it('colours code without changing or freeing a character of it', () => {
  const code = 'const a = "<img src=x>" && b; // &amp; \u00a0 </code>';
  const [block] = new MarkdownBlocks().update(`\`\`\`js\n${code}\n\`\`\``);
  const page = document.createElement('div');
  page.innerHTML = coloured(block!, highlight);
  expect(page.querySelector('code')?.textContent).toBe(code);
  expect(page.querySelector('.hljs-keyword')?.textContent).toBe('const');
  expect(page.querySelectorAll('img')).toHaveLength(0);
});

it('a highlighter that misbehaves is still sanitised', () => {
  const [block] = new MarkdownBlocks().update('```js\nx\n```');
  expect(coloured(block!, () => '<img src=x onerror=alert(1)><b onclick=x>y</b>')).not.toMatch(/img|onclick|onerror/);
});
