/**
 * Credits in words, by the rules of the design's "Copy" chapter. Amounts come in as whole millicredits and never become
 * floating point before they are rounded: every division below says which way it rounds.
 */

/** Millicredits in one credit. */
const SCALE = 1_000;
const NBSP = '\u00a0';
const EN_DASH = '\u2013';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

function grouped(units: number, decimals: 0 | 1 | 3): string {
  const factor = 10 ** decimals;
  const integer = Math.trunc(units / factor);
  if (decimals === 0) return whole.format(integer);
  return `${whole.format(integer)}.${String(units % factor).padStart(decimals, '0')}`;
}

const isDust = (millicredits: number) => millicredits > 0 && millicredits < 50;
const UNDER = 'under 0.1';

/** An estimate or a ceiling, rounded up: whole from 10, one decimal below. */
export function estimate(millicredits: number): string {
  if (millicredits <= 0) return '0';
  if (isDust(millicredits)) return UNDER;
  const tenths = Math.ceil(millicredits / 100);
  return tenths < 100 ? grouped(tenths, 1) : grouped(Math.ceil(millicredits / SCALE), 0);
}

/** A charge or a hold: one decimal, half up. */
export function charge(millicredits: number): string {
  if (millicredits <= 0) return '0';
  if (isDust(millicredits)) return UNDER;
  return grouped(Math.floor((millicredits + 50) / 100), 1);
}

/** What comes back: one decimal, rounded down, so it never promises more than the ledger holds. */
export function returned(millicredits: number): string {
  if (millicredits <= 0) return '0';
  if (millicredits < 100) return UNDER;
  return grouped(Math.floor(millicredits / 100), 1);
}

/** What is left to spend, rounded down: whole from 10, one decimal below. */
export function left(millicredits: number): string {
  if (millicredits <= 0) return '0';
  if (millicredits < 100) return UNDER;
  return millicredits < 10 * SCALE
    ? grouped(Math.floor(millicredits / 100), 1)
    : grouped(Math.floor(millicredits / SCALE), 0);
}

/** An amount held in a summary, rounded up: whole from 10, one decimal below. */
export const held = estimate;

/** A receipt line: always three decimals, because it adds up. */
export function exact(millicredits: number): string {
  const sign = millicredits < 0 ? '-' : '';
  return millicredits === 0 ? '0' : sign + grouped(Math.abs(millicredits), 3);
}

/** "credit" only for exactly 1. */
export const unit = (figure: string): string => (figure === '1' ? 'credit' : 'credits');

/** A figure with its unit, unbreakable: "12 credits". */
export const withUnit = (figure: string): string => `${figure}${NBSP}${unit(figure)}`;

/** An end of a range: as an estimate, without an empty decimal ("8", not "8.0"). */
export const bound = (millicredits: number): string => estimate(millicredits).replace(/\.0$/, '');

/** "8–19"; one figure when both ends read the same. */
export function range(low: number, high: number): string {
  const [from, to] = [bound(low), bound(high)];
  return from === to ? to : `${from}${EN_DASH}${to}`;
}

/** What an estimate consists of, in millicredits. */
export interface Spread {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
  readonly ceiling: number;
}

/** "12 (8–19)". */
export const estimateWithRange = (spread: Spread): string =>
  spread.low === spread.high
    ? estimate(spread.likely)
    : `${estimate(spread.likely)} (${range(spread.low, spread.high)})`;

/** The estimate as a sentence for the eyes: "12 (8–19), never more than 24". */
export const estimateSentence = (spread: Spread): string =>
  `${estimateWithRange(spread)}, never more than ${bound(spread.ceiling)}`;

/** The estimate as a phrase for the ears: no dashes, no brackets. */
export function estimateSpoken({ low, likely, high, ceiling }: Spread): string {
  const figure = estimate(likely);
  return `${figure} ${unit(figure)}, between ${bound(low)} and ${bound(high)}, never more than ${bound(ceiling)}`;
}

/** A count with thousands: tokens, entries. */
export const count = (value: number): string => whole.format(value);

/** A share of a whole in percent, rounded to the nearest; a positive share never reads as nothing. */
export function percent(part: number, all: number): string {
  if (all <= 0 || part <= 0) return `0${NBSP}%`;
  const share = Math.round((part / all) * 100);
  return share === 0 ? `under 1${NBSP}%` : `${share}${NBSP}%`;
}
