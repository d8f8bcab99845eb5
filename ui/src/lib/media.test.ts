// What a form says of its price.
import { expect, it } from 'vitest';
import { paymentOf } from './media';

it('what a fixed price leaves is said only where it fits', () => {
  const fixed = { low: 48_000, likely: 48_000, high: 48_000, ceiling: 48_000 };
  expect(paymentOf(fixed, 100_000, false)).toMatchObject({ title: 'Fixed price', note: 'leaves 52' });
  expect(paymentOf(fixed, 48_000, false).note).toBe('leaves 0');
  expect(paymentOf(fixed, 47_999, false)).toMatchObject({ price: expect.stringMatching(/^48/) as string, note: '' });
});
