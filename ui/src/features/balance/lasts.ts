/** How long the credits last, in one line. */
import type { Usage } from '$/bindings/Usage';
import { resetDay } from '$/lib/times';
import { t } from '$/text/words.svelte';

/** Null while that is not known. */
export function lasts({ balance, forecast, until }: Usage): string | null {
  if (!forecast || forecast.daily === 0 || balance.available === 0 || until >= balance.resets_at) return null;
  const words = t().balance;
  if (forecast.runs_out_at === null) return words.lastsToReset(resetDay(balance.resets_at));
  const line = words.lastsTo(resetDay(forecast.runs_out_at));
  const [early, late] = [forecast.runs_out_early, forecast.runs_out_late ?? balance.resets_at];
  return early === null ? line : `${line}, ${words.range(resetDay(early), resetDay(late))}`;
}
