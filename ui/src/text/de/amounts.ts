/** Credits und Anteile in Worten. */
import type { Words } from '../words.svelte';

export const amounts = {
  under: (figure) => `unter ${figure}`,
  credits: (whole) => (whole === 1 ? 'Credit' : 'Credits'),
  practiceCredits: (whole) => (whole === 1 ? 'Übungs-Credit' : 'Übungs-Credits'),
  creditsAlone: 'Credits',
  neverMoreThan: (estimate, ceiling) => `${estimate}, nie mehr als ${ceiling}`,
  spoken: (estimate, low, high, ceiling) => `${estimate}, zwischen ${low} und ${high}, nie mehr als ${ceiling}`,
  percent: (figure) => `${figure}\u00a0%`,
} satisfies Words['amounts'];
