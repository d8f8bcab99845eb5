// Every state a turn can be in says how it stands and what it costs.
import { expect, it } from 'vitest';
import type { TurnPhase } from '$/bindings/TurnPhase';
import { turn } from '../../../test/fake-host';
import { footing } from './footing';

const error = { code: 'provider_failed', message: '' } as const;
const of = (phase: TurnPhase, more = {}) => footing(turn('t', { phase, ...more }), false);

it('a finished turn shows its charge and nothing else', () => {
  expect(of({ kind: 'settled', charged: 11_400, stop_reason: 'complete' })).toMatchObject({
    state: '',
    figure: '11.4',
    money: 'credits',
  });
});

it('a stopped turn says by whom, a declined one by whom', () => {
  expect(of({ kind: 'settled', charged: 3_100, stop_reason: 'stopped' })).toMatchObject({
    state: 'stopped by you',
    figure: '3.1',
  });
  expect(of({ kind: 'settled', charged: 0, stop_reason: 'declined' })).toMatchObject({
    state: 'Declined by the provider',
    money: 'You were not charged',
  });
  expect(of({ kind: 'failed', charged: 0, error: { code: 'content_refused', message: '' } })).toMatchObject({
    state: 'Declined by the provider',
  });
});

it('a turn under way counts', () => {
  expect(of({ kind: 'running', held: 24_000, spent_so_far: 6_240 })).toMatchObject({
    state: 'Writing',
    money: '6.2 so far',
  });
  expect(of({ kind: 'running', held: 24_000, spent_so_far: 0 }, { text: '', thinking: 'hm' })).toMatchObject({
    state: 'Thinking',
    money: '0 so far',
  });
});

it('a failure says its money, charged or not', () => {
  expect(of({ kind: 'failed', charged: 0, error })).toMatchObject({
    state: 'Failed',
    figure: null,
    money: 'You were not charged',
  });
  expect(of({ kind: 'failed', charged: 700, error })).toMatchObject({ figure: '0.7', money: 'credits' });
});

it('an unknown outcome keeps its hold in sight', () => {
  expect(of({ kind: 'reconciling', held: 40_000 })).toMatchObject({
    state: 'Outcome unknown, reconciling',
    money: '40.0 held',
  });
});

it('practice credits are named as such', () => {
  expect(of({ kind: 'settled', charged: 900, stop_reason: 'complete' }, { simulated: true }).money).toBe(
    'practice credits',
  );
});

it('a lost connection keeps its hold in sight', () => {
  expect(footing(turn('t', { phase: { kind: 'running', held: 12_000, spent_so_far: 1 } }), true)).toMatchObject({
    state: 'connection lost, joining again',
    money: 'held 12.0',
  });
});

it('what another program answered has nothing to show a receipt of', () => {
  expect(of({ kind: 'settled', charged: 0, stop_reason: 'imported' })).toEqual({
    state: 'answered in another program',
    look: 'quiet',
    figure: null,
    money: 'You were not charged',
    receipt: false,
  });
});
