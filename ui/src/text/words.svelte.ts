/**
 * The words of the window: one catalogue a language, the same shape in all of them, so that a sentence somebody forgot
 * does not compile. English comes with the window; another language is fetched when it is chosen.
 */
import { en } from './en';

export type Words = typeof en;

let words = $state.raw<Words>(en);

/** The words in force. Read inside a component or a `$derived`, it follows the language. */
export function t(): Words {
  return words;
}

/** Puts another language in force. */
export function speak(other: Words): void {
  words = other;
}
