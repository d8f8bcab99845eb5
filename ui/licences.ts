// The licences of what is built into the window, read from the packages themselves, as the module `virtual:licences`.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const NAME = 'virtual:licences';
const IMPORTED = /(?:from|import|import\()\s*['"]((?:@[\w-]+\/)?[a-z][\w.-]*)/g;

interface Manifest {
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function named(): Set<string> {
  const files = readdirSync(here('./src'), { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((file) => /\.(ts|svelte|css)$/.test(file) && !file.includes('.test.'))
    .map((file) => readFileSync(join(here('./src'), file), 'utf8'));
  return new Set(texts.flatMap((text) => [...text.matchAll(IMPORTED)].map((match) => match[1]!)));
}

/** What the sources import, and what that needs in turn. */
function packages(): Map<string, Manifest> {
  const found = new Map<string, Manifest>();
  const visit = (name: string): void => {
    const path = here(`./node_modules/${name}/package.json`);
    if (found.has(name) || name.startsWith('@types/') || !existsSync(path)) return;
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
    found.set(name, manifest);
    for (const needed of Object.keys(manifest.dependencies ?? {})) visit(needed);
  };
  for (const name of named()) visit(name);
  return found;
}

function licenceText(name: string): string {
  const folder = here(`./node_modules/${name}`);
  const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying|ofl)/i.test(each));
  return file ? readFileSync(join(folder, file), 'utf8').trim() : '';
}

export function licences(): Plugin {
  return {
    name: 'licences',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
    load(id) {
      if (id !== `\0${NAME}`) return null;
      const all = [...packages()].map(([name, { license = '' }]) => ({
        name,
        licence: license,
        text: licenceText(name),
      }));
      all.sort((a, b) => a.name.localeCompare(b.name, 'en'));
      return `export const licences = ${JSON.stringify(all)};`;
    },
  };
}
