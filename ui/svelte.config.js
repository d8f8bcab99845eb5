// The compiler's settings: runes everywhere, so that no component falls back to the older mode.
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default { preprocess: vitePreprocess(), compilerOptions: { runes: true } };
