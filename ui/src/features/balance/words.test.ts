// The balance as it is read out.
import { expect, it } from 'vitest';
import { balance } from '../../../test/fake-host';
import { usageOf } from '../../../test/fake-usage';
import { lasts } from './lasts';
import { balanceName } from './words';

it('says what is available, what is held and when it resets', () => {
  expect(balanceName({ balance: balance(), simulated: false, offline: false })).toBe(
    '1,243 credits available, 88 held, resets 1 December',
  );
});

it('says practice credits for practice credits', () => {
  expect(balanceName({ balance: balance({ pending: 0 }), simulated: true, offline: false })).toBe(
    '1,243 practice credits available, 0 held, resets 1 December',
  );
});

it('offline it stands as of its stamp', () => {
  const as_of = new Date(2026, 10, 10, 14, 2).getTime();
  expect(balanceName({ balance: balance({ as_of }), simulated: false, offline: true })).toBe(
    '1,243 credits, as of 14:02, offline',
  );
});

it('says how long it lasts, with the range, and nothing that is not known', () => {
  const usage = usageOf(balance());
  const forecast = usage.forecast!;
  expect(lasts(usage)).toBe('Lasts to 27 Nov at this pace, between 25 Nov and 1 Dec');
  const calm = { ...forecast, runs_out_at: null };
  expect(lasts({ ...usage, forecast: calm })).toBe('Lasts to the reset on 1 Dec at this pace');
  expect(lasts({ ...usage, forecast: null })).toBeNull();
  expect(lasts({ ...usage, forecast: { ...forecast, daily: 0 } })).toBeNull();
});
