// Where a block of code begins, and where it ends, however its text comes.
import { expect, it } from 'vitest';
import { OpenFence } from './fence';

const code = (text: string) => OpenFence.at(text)?.codeIn(text);

it.each([
  ['backticks', '```js\nlet a', 'js', 'let a'],
  ['tildes', '~~~ python title\n# ```\n', 'python title', '# ```\n'],
  ['a longer fence', '````\n```\nx\n```\n', '', '```\nx\n```\n'],
])('is open: %s', (_, text, info, expected) => {
  expect(OpenFence.at(text)?.info).toBe(info);
  expect(code(text)).toBe(expected);
});

it.each([
  ['closed', '```js\nlet a\n```'],
  ['closed by a longer one, and more after it', '```\nx\n`````  \n\nText'],
  ['closed with spaces before it', '```\nx\n   ```\n'],
])('is closed: %s', (_, text) => expect(code(text)).toBeNull());

it.each([
  ['its first line is not whole', '```js'],
  ['it is code within a line', '```js``` is code\n'],
  ['it is indented', '  ```\nx\n'],
  ['it is something else', 'Text\n```\n'],
])('there is none: %s', (_, text) => expect(OpenFence.at(text)).toBeNull());

it('finds the end wherever the text was cut', () => {
  const text = '```\nlet a = `${b}`;\n``` no\n````\nafter';
  for (let cut = 4; cut < text.length; cut += 1) {
    const fence = OpenFence.at(text.slice(0, cut))!;
    fence.codeIn(text.slice(0, cut));
    expect(fence.codeIn(text), `${cut}`).toBeNull();
  }
});
