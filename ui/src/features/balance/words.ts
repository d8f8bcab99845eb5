/** The balance in words: what the button says to those who do not see the ring. */
import type { Balance } from '$/bindings/Balance';
import { held, left, unit } from '$/lib/amounts';
import { dayInProse, timeOfDay } from '$/lib/times';

export interface Standing {
  readonly balance: Balance;
  readonly simulated: boolean;
  readonly offline: boolean;
}

export function balanceName({ balance, simulated, offline }: Standing): string {
  const available = left(balance.available);
  const kind = `${simulated ? 'practice ' : ''}${unit(available)}`;
  if (offline) return `${available} ${kind}, as of ${timeOfDay(balance.as_of)}, offline`;
  return `${available} ${kind} available, ${held(balance.pending)} held, resets ${dayInProse(balance.resets_at)}`;
}
