/** Variables of a saved prompt are found once each, and filled where they stand. */
import { expect, it } from 'vitest';
import { filled, variablesOf } from './variables';

it('reads each variable once, in order', () => {
  expect(variablesOf('Write {{ kind }} about {{topic}}, {{kind}}. {{}} {not} {{two\nlines}}')).toEqual([
    'kind',
    'topic',
  ]);
});

it('fills in values, whatever they hold', () => {
  const values = { topic: '$& {{kind}}', kind: '' };
  expect(filled('About {{ topic }} as {{kind}}', values)).toBe('About $& {{kind}} as {{kind}}');
  expect(filled('{{constructor}}', {})).toBe('{{constructor}}');
});
