/** Amounts that reach a new value within the settle time, once, then stand still; at once when motion is unwanted. */
import { cubicOut } from 'svelte/easing';
import { prefersReducedMotion, Tween } from 'svelte/motion';

/** `--settle` of the tokens. */
const SETTLE_MS = 420;

/** The system wants it so, or the person does. */
const still = (): boolean => prefersReducedMotion.current || document.documentElement.dataset['motion'] === 'reduced';

export const settling = <T>(value: () => T): Tween<T> =>
  Tween.of(value, { duration: () => (still() ? 0 : SETTLE_MS), easing: cubicOut });
