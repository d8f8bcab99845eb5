// The build of the window. Nothing is inlined, because the shell's content security policy allows only files of our
// own.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { licences } from './licences.ts';

const webhost = process.env['ANYAI_WEB_URL'];
const proxy = webhost
  ? {
      '/call': { target: new URL(webhost).origin, changeOrigin: true },
      '/events': { target: new URL(webhost).origin, changeOrigin: true, ws: true },
    }
  : undefined;

/** KaTeX lists each of its fonts in three formats; every engine of ours takes the first. */
const onlyWoff2 = {
  name: 'only-woff2',
  enforce: 'pre' as const,
  transform: (css: string, id: string) =>
    id.includes('katex.min.css') ? css.replace(/,\s*url\([^)]+\.(?:woff|ttf)\)\s*format\([^)]+\)/g, '') : undefined,
};

export default defineConfig({
  plugins: [onlyWoff2, svelte(), licences()],
  // The runes of bits-ui are compiled with ours; without a fixed condition vitest would take Svelte's server build.
  resolve: {
    alias: { $: fileURLToPath(new URL('./src', import.meta.url)) },
    ...(process.env['VITEST'] ? { conditions: ['browser'] } : {}),
  },
  build: {
    target: 'es2022',
    // Engines that know `light-dark()`: lowered, it would forget a `color-scheme` set on an element.
    cssTarget: ['chrome125', 'safari18'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { host: '127.0.0.1', port: 5173, strictPort: true, ...(proxy ? { proxy } : {}) },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
