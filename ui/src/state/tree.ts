/** The tree of a conversation's turns: the path that is shown, and the siblings at each step. */
import type { TurnView } from '$/bindings/TurnView';

export type Turns = ReadonlyMap<string, TurnView>;

/** From the root to `leaf`. A broken or circular parent ends the path instead of hanging the window. */
export function pathTo(turns: Turns, leaf: string | null): TurnView[] {
  const path: TurnView[] = [];
  const seen = new Set<string>();
  let id = leaf;
  while (id !== null && !seen.has(id)) {
    const turn = turns.get(id);
    if (!turn) break;
    seen.add(id);
    path.unshift(turn);
    id = turn.parent_id;
  }
  return path;
}

/** Turns with the same parent, oldest first, the turn itself among them. */
export const siblingsOf = (turns: Turns, turn: TurnView): TurnView[] =>
  [...turns.values()].filter(({ parent_id }) => parent_id === turn.parent_id);

/** The end of the newest path below a turn. */
export function newestLeaf(turns: Turns, from: string): string {
  const newestChild = new Map<string, string>();
  for (const turn of turns.values()) if (turn.parent_id !== null) newestChild.set(turn.parent_id, turn.id);
  const seen = new Set<string>();
  let leaf = from;
  for (let next = newestChild.get(leaf); next !== undefined && !seen.has(next); next = newestChild.get(leaf)) {
    seen.add(next);
    leaf = next;
  }
  return leaf;
}
