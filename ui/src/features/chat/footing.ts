/** A turn's footer in words: how it stands, and its money. One place, so that every state says both. */
import type { StopReason } from '$/bindings/StopReason';
import type { TurnView } from '$/bindings/TurnView';
import { bound, charge, unit } from '$/lib/amounts';
import { t } from '$/text/words.svelte';

export interface Footing {
  /** How it stands; empty when there is nothing to add to the model's name. */
  readonly state: string;
  readonly look: 'quiet' | 'held' | 'stop';
  /** The amount, when one was charged or is counted. */
  readonly figure: string | null;
  /** What follows the figure, or stands alone without one. */
  readonly money: string;
  /** Whether a receipt can be opened. */
  readonly receipt: boolean;
}

function charged(turn: TurnView, amount: number): Pick<Footing, 'figure' | 'money' | 'receipt'> {
  if (amount === 0) return { figure: null, money: t().chat.notCharged, receipt: true };
  const figure = charge(amount);
  return { figure, money: unit(figure, turn.simulated), receipt: true };
}

function underWay(turn: TurnView): string {
  if (turn.media) return t().chat.making;
  return turn.text === '' && turn.thinking !== '' ? t().chat.thinking : t().chat.writing;
}

/** Why it ended; where a limit of the person's own ended it, the limit. */
function ending({ stop_at }: TurnView, reason: StopReason): string {
  if (reason === 'stopped' && stop_at?.reached) return t().chat.stoppedAt(bound(stop_at.credits));
  return t().chat.endings[reason];
}

export function footing(turn: TurnView, connectionLost: boolean): Footing {
  const { phase } = turn;
  switch (phase.kind) {
    case 'sending':
      return { state: t().chat.sending, look: 'quiet', figure: null, money: '', receipt: false };
    case 'running':
      if (connectionLost)
        return {
          state: t().chat.joiningAgain,
          look: 'quiet',
          figure: null,
          money: t().chat.held(charge(phase.held)),
          receipt: false,
        };
      return {
        state: underWay(turn),
        look: 'held',
        figure: null,
        money: t().chat.soFar(charge(phase.spent_so_far)),
        receipt: false,
      };
    case 'settled':
      // Another program had it answered: there was no estimate, no hold and no entry to show.
      if (phase.stop_reason === 'imported')
        return {
          state: ending(turn, 'imported'),
          look: 'quiet',
          figure: null,
          money: t().chat.notCharged,
          receipt: false,
        };
      return {
        state: ending(turn, phase.stop_reason),
        look: phase.stop_reason === 'declined' ? 'stop' : 'quiet',
        ...charged(turn, phase.charged),
      };
    case 'failed':
      return {
        state: phase.error.code === 'content_refused' ? t().chat.declined : t().chat.failed,
        look: 'stop',
        ...charged(turn, phase.charged),
      };
    case 'reconciling':
      return {
        state: t().chat.unknownOutcome,
        look: 'held',
        figure: null,
        money: t().chat.heldNow(charge(phase.held)),
        receipt: true,
      };
    case 'refused':
      return { state: t().chat.notSent, look: 'stop', figure: null, money: t().chat.nothingHeld, receipt: false };
  }
}
