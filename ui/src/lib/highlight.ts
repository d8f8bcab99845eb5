/**
 * Colours for code. Each language is a file of its own, fetched with the first code block that names it; languages
 * that are not listed stay plain.
 */
import type { LanguageFn } from 'highlight.js';
import highlighter from 'highlight.js/lib/core';

type Fetch = () => Promise<{ readonly default: LanguageFn }>;

const grammars: Readonly<Record<string, Fetch>> = {
  bash: () => import('highlight.js/lib/languages/bash'),
  c: () => import('highlight.js/lib/languages/c'),
  clojure: () => import('highlight.js/lib/languages/clojure'),
  cpp: () => import('highlight.js/lib/languages/cpp'),
  csharp: () => import('highlight.js/lib/languages/csharp'),
  css: () => import('highlight.js/lib/languages/css'),
  dart: () => import('highlight.js/lib/languages/dart'),
  diff: () => import('highlight.js/lib/languages/diff'),
  dockerfile: () => import('highlight.js/lib/languages/dockerfile'),
  elixir: () => import('highlight.js/lib/languages/elixir'),
  go: () => import('highlight.js/lib/languages/go'),
  graphql: () => import('highlight.js/lib/languages/graphql'),
  haskell: () => import('highlight.js/lib/languages/haskell'),
  ini: () => import('highlight.js/lib/languages/ini'),
  java: () => import('highlight.js/lib/languages/java'),
  javascript: () => import('highlight.js/lib/languages/javascript'),
  json: () => import('highlight.js/lib/languages/json'),
  julia: () => import('highlight.js/lib/languages/julia'),
  kotlin: () => import('highlight.js/lib/languages/kotlin'),
  latex: () => import('highlight.js/lib/languages/latex'),
  lua: () => import('highlight.js/lib/languages/lua'),
  makefile: () => import('highlight.js/lib/languages/makefile'),
  markdown: () => import('highlight.js/lib/languages/markdown'),
  nix: () => import('highlight.js/lib/languages/nix'),
  perl: () => import('highlight.js/lib/languages/perl'),
  php: () => import('highlight.js/lib/languages/php'),
  powershell: () => import('highlight.js/lib/languages/powershell'),
  python: () => import('highlight.js/lib/languages/python'),
  r: () => import('highlight.js/lib/languages/r'),
  ruby: () => import('highlight.js/lib/languages/ruby'),
  rust: () => import('highlight.js/lib/languages/rust'),
  scala: () => import('highlight.js/lib/languages/scala'),
  scss: () => import('highlight.js/lib/languages/scss'),
  sql: () => import('highlight.js/lib/languages/sql'),
  swift: () => import('highlight.js/lib/languages/swift'),
  typescript: () => import('highlight.js/lib/languages/typescript'),
  xml: () => import('highlight.js/lib/languages/xml'),
  yaml: () => import('highlight.js/lib/languages/yaml'),
};

/** What models write for them. */
const names: Readonly<Record<string, string>> = {
  ...{ sh: 'bash', shell: 'bash', zsh: 'bash', console: 'bash', h: 'c', 'c++': 'cpp', 'c#': 'csharp', cs: 'csharp' },
  ...{ docker: 'dockerfile', patch: 'diff', golang: 'go', hs: 'haskell', toml: 'ini', js: 'javascript' },
  ...{ jsx: 'javascript', mjs: 'javascript', jsonc: 'json', kt: 'kotlin', tex: 'latex', make: 'makefile' },
  ...{ md: 'markdown', ps1: 'powershell', py: 'python', rb: 'ruby', rs: 'rust', ts: 'typescript', tsx: 'typescript' },
  ...{ html: 'xml', svg: 'xml', vue: 'xml', svelte: 'xml', yml: 'yaml' },
};

/** Beyond this many characters the colours are not worth the wait. */
const LENGTH_MAX = 40_000;

/** The highlighter writes spans with a class, five entities and text. What is anything else stays the text it is. */
const WRITTEN = /<span class="([\w -]+)">|<\/span>|&(?:amp|lt|gt|quot|#x27);|[^<&]+|[<&]/g;
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#x27': "'" };

/** So many pieces are drawn before the window gets its turn. */
const PIECES_AT_ONCE = 1_500;

const breath = () => new Promise((done) => setTimeout(done));

/** What a highlighter wrote, as nodes: made one by one, so that nothing it says can be more than a coloured word. */
export async function spansOnly(html: string): Promise<DocumentFragment> {
  const drawn = document.createDocumentFragment();
  let here: Node = drawn;
  let pieces = 0;
  for (const [piece, name] of html.matchAll(WRITTEN)) {
    if (name !== undefined) {
      const span = document.createElement('span');
      span.className = name;
      here = here.appendChild(span);
    } else if (piece === '</span>') here = here.parentNode ?? drawn;
    else here.appendChild(document.createTextNode(entities[piece.slice(1, -1)] ?? piece));
    pieces += 1;
    if (pieces % PIECES_AT_ONCE === 0) await breath();
  }
  return drawn;
}

/** The code with coloured spans; null when it stays plain. */
export async function highlight(code: string, language: string): Promise<DocumentFragment | null> {
  const asked = language.toLowerCase();
  const name = names[asked] ?? asked;
  const grammar = Object.hasOwn(grammars, name) ? grammars[name] : undefined;
  if (!grammar || code.length > LENGTH_MAX) return null;
  if (!highlighter.getLanguage(name)) highlighter.registerLanguage(name, (await grammar()).default);
  await breath();
  const { value } = highlighter.highlight(code, { language: name, ignoreIllegals: true });
  await breath();
  return spansOnly(value);
}
