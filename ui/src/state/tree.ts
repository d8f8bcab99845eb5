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
    path.push(turn);
    id = turn.parent_id;
  }
  return path.reverse();
}

/** The ids of turns with the same parent, oldest first, by parent. Only a new turn changes it, never a turn's words. */
export type Branches = ReadonlyMap<string | null, readonly string[]>;

export function branchesOf(turns: Turns): Branches {
  const branches = new Map<string | null, string[]>();
  for (const { id, parent_id } of turns.values()) {
    const siblings = branches.get(parent_id);
    if (siblings) siblings.push(id);
    else branches.set(parent_id, [id]);
  }
  return branches;
}

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
