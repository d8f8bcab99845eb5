/** Wörter, die mehr als ein Raum braucht. */
import type { Words } from '../words.svelte';

export const common = {
  cancel: 'Abbrechen',
  close: 'Schließen',
  back: 'Zurück',
  retry: 'Erneut versuchen',
  undo: 'Rückgängig',
  simulated: 'simuliert',
  product: 'Any AI Studio',
} satisfies Words['common'];
