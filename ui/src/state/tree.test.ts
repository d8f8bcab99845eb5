// Paths and branches, also in trees that are not trees.
import { expect, it } from 'vitest';
import { turn } from '../../test/fake-host';
import { branchesOf, newestLeaf, pathTo } from './tree';

const tree = (...pairs: [string, string | null][]) =>
  new Map(pairs.map(([id, parent_id]) => [id, turn(id, { parent_id })]));
const ids = (turns: readonly { id: string }[]) => turns.map(({ id }) => id);

it('walks from the root to a leaf', () => {
  const turns = tree(['a', null], ['b', 'a'], ['c', 'b'], ['b2', 'a']);
  expect(ids(pathTo(turns, 'c'))).toEqual(['a', 'b', 'c']);
  expect(ids(pathTo(turns, 'b2'))).toEqual(['a', 'b2']);
  expect(pathTo(turns, null)).toEqual([]);
  expect(pathTo(turns, 'gone')).toEqual([]);
});

it('finds siblings, first prompts among them', () => {
  const branches = branchesOf(tree(['a', null], ['a2', null], ['b', 'a']));
  expect(branches.get(null)).toEqual(['a', 'a2']);
  expect(branches.get('a')).toEqual(['b']);
});

it('goes down to the newest end', () => {
  const turns = tree(['a', null], ['b', 'a'], ['c', 'b'], ['b2', 'a'], ['c2', 'b2'], ['d2', 'c2']);
  expect(newestLeaf(turns, 'a')).toBe('d2');
  expect(newestLeaf(turns, 'b')).toBe('c');
});

it('a circle or an orphan does not hang the window', () => {
  const circle = tree(['a', 'b'], ['b', 'a']);
  expect(pathTo(circle, 'a')).toHaveLength(2);
  expect(['a', 'b']).toContain(newestLeaf(circle, 'a'));
  expect(ids(pathTo(tree(['b', 'gone']), 'b'))).toEqual(['b']);
});
