/** The balance in words: what the button says to those who do not see the ring. */
import type { Balance } from '$/bindings/Balance';
import { held, left, withUnit } from '$/lib/amounts';
import { dayInProse, timeOfDay } from '$/lib/times';
import { t } from '$/text/words.svelte';

export interface Standing {
  readonly balance: Balance;
  readonly simulated: boolean;
  readonly offline: boolean;
}

export function balanceName({ balance, simulated, offline }: Standing): string {
  const available = withUnit(left(balance.available), simulated).replace('\u00a0', ' ');
  const words = t().balance;
  return offline
    ? words.nameOffline(available, timeOfDay(balance.as_of))
    : words.name(available, held(balance.pending), dayInProse(balance.resets_at));
}
