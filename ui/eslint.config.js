// The law between the layers, and TypeScript without `any`. Each ban names the place where the thing belongs.
import { readdirSync } from 'node:fs';
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';

const features = readdirSync(new URL('./src/features', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

const tauri = { group: ['@tauri-apps/*'], message: 'Only src/host may talk to the shell: use the Host interface.' };
const ban = (files, patterns, ignores = []) => ({
  files,
  ignores,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});
const layer = (...names) => names.flatMap((name) => [`$/${name}/*`, `**/${name}/*`]);

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/bindings', 'test-results'] },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    rules: {
      'no-undef': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      'no-restricted-globals': ['error', { name: 'fetch', message: 'Only src/host may use the network.' }],
      'svelte/no-at-html-tags': 'error',
      'svelte/require-each-key': 'error',
      // State here is replaced whole ($state.raw), never mutated in place.
      'svelte/prefer-svelte-reactivity': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
    },
  },
  { files: ['src/host/**', 'e2e/**', 'test/**'], rules: { 'no-restricted-globals': 'off' } },
  ban(['src/**'], [tauri], ['src/host/**', 'src/kit/**', 'src/state/**', 'src/features/**', 'src/lib/**']),
  ban(
    ['src/text/**'],
    [
      tauri,
      {
        group: layer('kit', 'state', 'host', 'features', 'screens', 'lib'),
        message: 'src/text is the lowest layer: values come in as arguments.',
      },
    ],
  ),
  ban(
    ['src/lib/**'],
    [
      tauri,
      {
        group: layer('kit', 'state', 'host', 'features', 'screens'),
        message: 'src/lib is pure: it knows only src/bindings and src/text.',
      },
    ],
  ),
  ban(
    ['src/kit/**'],
    [
      tauri,
      {
        group: layer('state', 'host', 'features', 'bindings'),
        message: 'The kit draws what it is given: pass values in as props.',
      },
    ],
  ),
  ban(
    ['src/state/**'],
    [tauri, { group: layer('kit', 'features', 'styles'), message: 'State does not know how it is drawn.' }],
  ),
  ...features.map((name) =>
    ban(
      [`src/features/${name}/**`],
      [
        tauri,
        {
          group: features
            .filter((other) => other !== name)
            .flatMap((other) => [`$/features/${other}/*`, `../${other}/*`]),
          message:
            'Features do not import each other: compose them in src/screens, or move the shared part to src/kit.',
        },
      ],
    ),
  ),
);
