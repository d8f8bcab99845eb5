/** How a component reaches the state: read through one context, made once in main.ts. */
import { createContext } from 'svelte';
import type { Studio } from './studio.svelte';

export const [getStudio, setStudio] = createContext<Studio>();
