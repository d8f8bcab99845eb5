// No component says a sentence of its own: what a person reads or hears comes from the catalogue.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, type AST } from 'svelte/compiler';
import { expect, it } from 'vitest';

const SOURCES = fileURLToPath(new URL('..', import.meta.url));
const SPOKEN = ['alt', 'aria-label', 'aria-description', 'label', 'placeholder', 'title'];
const WORD = /^(?!https:).*\p{L}{2,}/su;

type Node = { readonly type?: string } & Readonly<Record<string, unknown>>;

/** Texts of a template and of the attributes that are read out. */
function saidIn(node: unknown, inAttribute: string | null = null): string[] {
  if (Array.isArray(node)) return node.flatMap((each) => saidIn(each, inAttribute));
  if (typeof node !== 'object' || node === null) return [];
  const { type } = node as Node;
  if (type === 'Text') return inAttribute === null || SPOKEN.includes(inAttribute) ? [(node as AST.Text).data] : [];
  const spoken = inAttribute !== null && SPOKEN.includes(inAttribute);
  const { value } = node as Node;
  if (type === 'Literal') return spoken && typeof value === 'string' && /^\p{Lu}/u.test(value) ? [value] : [];
  const named = type === 'Attribute' || type === 'StyleDirective';
  const attribute = named ? (node as AST.Attribute).name : inAttribute;
  return Object.entries(node).flatMap(([key, child]) => (key === 'parent' ? [] : saidIn(child, attribute)));
}

const components = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.svelte'),
);

it.each(components)('%s', (file) => {
  const { fragment } = parse(readFileSync(join(SOURCES, file), 'utf8'), { modern: true });
  expect(
    saidIn(fragment)
      .map((text) => text.trim())
      .filter((text) => WORD.test(text)),
  ).toEqual([]);
});
