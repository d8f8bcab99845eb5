/** A turn's footer in words: how it stands, and its money. One place, so that every state says both. */
import type { TurnView } from '$/bindings/TurnView';
import { charge, unit } from '$/lib/amounts';

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

const endings = {
  complete: '',
  length: 'reached its length limit',
  stopped: 'stopped by you',
  declined: 'Declined by the provider',
  tool: 'asked for a tool, which this studio does not offer',
} as const;

function charged(turn: TurnView, amount: number): Pick<Footing, 'figure' | 'money' | 'receipt'> {
  if (amount === 0) return { figure: null, money: 'You were not charged', receipt: true };
  const figure = charge(amount);
  return { figure, money: `${turn.simulated ? 'practice ' : ''}${unit(figure)}`, receipt: true };
}

export function footing(turn: TurnView, connectionLost: boolean): Footing {
  const { phase } = turn;
  switch (phase.kind) {
    case 'sending':
      return { state: 'Sending', look: 'quiet', figure: null, money: '', receipt: false };
    case 'running':
      if (connectionLost)
        return {
          state: 'connection lost, joining again',
          look: 'quiet',
          figure: null,
          money: `held ${charge(phase.held)}`,
          receipt: false,
        };
      return {
        state: turn.text === '' && turn.thinking !== '' ? 'Thinking' : 'Writing',
        look: 'held',
        figure: null,
        money: `${charge(phase.spent_so_far)} so far`,
        receipt: false,
      };
    case 'settled':
      return {
        state: endings[phase.stop_reason],
        look: phase.stop_reason === 'declined' ? 'stop' : 'quiet',
        ...charged(turn, phase.charged),
      };
    case 'failed':
      return {
        state: phase.error.code === 'content_refused' ? 'Declined by the provider' : 'Failed',
        look: 'stop',
        ...charged(turn, phase.charged),
      };
    case 'reconciling':
      return {
        state: 'Outcome unknown, reconciling',
        look: 'held',
        figure: null,
        money: `${charge(phase.held)} held`,
        receipt: true,
      };
    case 'refused':
      return { state: 'Not sent', look: 'stop', figure: null, money: 'Nothing was held', receipt: false };
  }
}
