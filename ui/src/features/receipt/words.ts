/** A receipt in words and rows: what a person reads, and what "Copy" puts on the clipboard. */
import type { Receipt } from '$/bindings/Receipt';
import type { ReceiptLine } from '$/bindings/ReceiptLine';
import type { ReceiptLineKind } from '$/bindings/ReceiptLineKind';
import type { ReceiptUnit } from '$/bindings/ReceiptUnit';
import { charge, count, estimate, estimateWithRange, exact, returned } from '$/lib/amounts';

export const lineNames: Record<ReceiptLineKind, string> = {
  reading: 'Reading',
  remembered_reading: 'Reading, remembered',
  remembering: 'Remembering',
  thinking: 'Thinking',
  answer: 'Answer',
  reading_pictures: 'Reading pictures',
  pictures: 'Pictures',
  clip: 'Clip',
  provider_tools: 'Searches',
};

const unitNames: Record<ReceiptUnit, readonly [one: string, many: string, each: string]> = {
  tokens: ['token', 'tokens', 'a million'],
  pictures: ['picture', 'pictures', 'each'],
  seconds: ['second', 'seconds', 'a second'],
  calls: ['call', 'calls', 'each'],
};

/** "1,200 tokens", "1 picture". */
export function quantityOf({ quantity, unit }: ReceiptLine): string {
  const [one, many] = unitNames[unit];
  return `${count(quantity)} ${quantity === 1 ? one : many}`;
}

/** "1,000 a million", "4 each". */
export const rateOf = ({ price, unit }: ReceiptLine): string => `${count(price / 1_000)} ${unitNames[unit][2]}`;

export type Verdict = { readonly look: 'have' | 'plain'; readonly words: string } | null;

/** How the charge compares with the estimate that was shown. */
export function verdict({ charged, estimate: shown }: Receipt): Verdict {
  if (charged === null) return null;
  if (charged < shown.low) return { look: 'have', words: 'Below the estimate' };
  if (charged > shown.high) return { look: 'plain', words: 'Above the estimate' };
  return { look: 'have', words: 'Inside the estimate' };
}

/** A line's cost at three decimals, rounded up from microcredits as the line itself was. */
export const lineCost = (microcredits: number): string => exact(Math.ceil(microcredits / 1_000));

/** "entries 8,114 to 8,116". */
export function entriesOf({ entries }: Receipt): string {
  const sequences = entries.map(({ sequence }) => sequence);
  if (sequences.length === 0) return 'none yet';
  const [from, to] = [Math.min(...sequences), Math.max(...sequences)];
  return from === to ? `entry ${count(from)}` : `entries ${count(from)} to ${count(to)}`;
}

export function receiptText(receipt: Receipt): string {
  const rows = [
    `${receipt.model_label}${receipt.simulated ? ' (simulated, practice credits)' : ''}`,
    `Turn ${receipt.turn_id}`,
    `Estimate ${estimateWithRange(receipt.estimate)}, never more than ${estimate(receipt.estimate.ceiling)}`,
    `Held ${charge(receipt.held)}`,
    `Charged ${receipt.charged === null ? 'not yet' : exact(receipt.charged)}`,
    `Returned ${receipt.returned === null ? 'not yet' : returned(receipt.returned)}`,
    ...receipt.lines.map(
      (line) => `${lineNames[line.kind]}: ${quantityOf(line)} at ${rateOf(line)}, ${lineCost(line.microcredits)}`,
    ),
    `Rate card ${receipt.rate_card_version}, ledger ${entriesOf(receipt)}`,
  ];
  return rows.join('\n');
}
