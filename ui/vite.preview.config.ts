// Serves the window over a studio in memory (test/), one scenario per address, to look at every state. Never built.
import { defineConfig, mergeConfig } from 'vite';
import base from './vite.config.ts';

export default mergeConfig(base, defineConfig({ root: '.', server: { port: 5199 }, appType: 'mpa' }));
