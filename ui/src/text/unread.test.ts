// Words that nobody reads: a key is read where its name stands behind a dot, or where its group is looked into by a name.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { en } from './en';

const root = join(import.meta.dirname, '..');
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(ts|svelte)$/.test(path) && !/^(text|bindings)\/|\.test\.ts$/.test(path))
  .map((path) => readFileSync(join(root, path), 'utf8'))
  .join('\n');
/** A destructured group, `const { names } = t().actions`, is read as much as one behind a dot. */
const named = new Set([...sources.matchAll(/[.{,]\s*([A-Za-z]\w*)/g)].map(([, name]) => name));
const indexed = new Set([...sources.matchAll(/(\w+)\[/g)].map(([, name]) => name));

function unread(words: object, path: readonly string[]): string[] {
  return Object.entries(words).flatMap(([key, value]) => {
    const here = [...path, key];
    if (indexed.has(key)) return [];
    if (!named.has(key) && path.length > 0) return [here.join('.')];
    return typeof value === 'object' && value !== null ? unread(value as object, here) : [];
  });
}

it('every word is read somewhere', () => {
  expect(unread(en, [])).toEqual([]);
});
