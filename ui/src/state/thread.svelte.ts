/**
 * The open conversation: its tree of turns, the path that is shown, and the turns under way. Events are gathered and
 * applied once a frame; a hole in a turn's events, or a connection that was lost, attaches again and goes through the
 * same reducer.
 */
import type { ConversationSummary } from '$/bindings/ConversationSummary';
import type { ConversationView } from '$/bindings/ConversationView';
import type { EventFrame } from '$/bindings/EventFrame';
import type { TurnSend } from '$/bindings/TurnSend';
import type { TurnView } from '$/bindings/TurnView';
import type { WireError } from '$/bindings/WireError';
import { commandError } from '$/host/host';
import type { Environment } from './environment';
import { branchesOf, newestLeaf, pathTo, type Branches, type Turns } from './tree';
import { isEnded, isUnderWay, reduce } from './turns';

export type ThreadPhase =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'loading'; readonly id: string }
  | { readonly kind: 'open'; readonly summary: ConversationSummary }
  | { readonly kind: 'failed'; readonly id: string; readonly error: WireError };

/** Frames of turns nobody has shown yet: a send's first events may overtake its answer. */
const EARLY_TURNS_MAX = 32;
/** So many turns of a long conversation are read at once: few enough that no frame waits for them. */
const PAGE_TURNS = 500;

export class Thread {
  readonly #world: Environment;
  readonly #onTurn: (before: TurnView, after: TurnView) => void;
  readonly #onPath: () => void;
  #phase = $state.raw<ThreadPhase>({ kind: 'fresh' });
  #turns = $state.raw<Turns>(new Map());
  #branches = $state.raw<Branches>(new Map());
  #leaf = $state.raw<string | null>(null);
  #before = $state(0);
  #reading: Promise<void> = Promise.resolve();
  #pending = new Map<string, EventFrame[]>();
  #early = new Map<string, EventFrame[]>();
  #attaching = new Set<string>();
  #flushScheduled = false;

  /** `onTurn` hears every change of a shown turn's phase, `onPath` what may have changed what a next turn follows. */
  constructor(
    world: Environment,
    onTurn: (before: TurnView, after: TurnView) => void,
    onPath: () => void = () => undefined,
  ) {
    this.#world = world;
    this.#onTurn = onTurn;
    this.#onPath = onPath;
  }

  get phase(): ThreadPhase {
    return this.#phase;
  }

  get turns(): Turns {
    return this.#turns;
  }

  /** How many turns of the path are not read yet: a long conversation opens at its end. */
  get before(): number {
    return this.#before;
  }

  readonly id: string | null = $derived.by(() => {
    if (this.#phase.kind === 'open') return this.#phase.summary.id;
    return this.#phase.kind === 'fresh' ? null : this.#phase.id;
  });
  readonly summary: ConversationSummary | null = $derived(this.#phase.kind === 'open' ? this.#phase.summary : null);
  readonly path: readonly TurnView[] = $derived(pathTo(this.#turns, this.#leaf));
  readonly last: TurnView | null = $derived(this.path.at(-1) ?? null);
  readonly running: TurnView | null = $derived(this.path.findLast(({ phase }) => isUnderWay(phase)) ?? null);

  /** Stands for all that a turn below this one would send along; how far an answer has come is no matter. */
  contextOf(parentId: string | null): string {
    const path = parentId === (this.last?.id ?? null) ? this.path : pathTo(this.#turns, parentId);
    const versions = path.reduce((sum, { phase, sequence }) => sum + (isUnderWay(phase) ? 0 : sequence), 0);
    return `${this.id} ${parentId} ${path.length} ${versions}`;
  }

  /** The ids of the tries at the same place, the turn's own among them. */
  siblings(turn: TurnView): readonly string[] {
    return this.#branches.get(turn.parent_id) ?? [turn.id];
  }

  /** An empty conversation; it gets its id with its first turn. */
  fresh(): void {
    this.#phase = { kind: 'fresh' };
    this.#empty();
  }

  /** Opens a conversation; answers with it, or null when another was opened meanwhile. */
  async open(id: string): Promise<ConversationView | null> {
    this.#phase = { kind: 'loading', id };
    this.#empty();
    try {
      const view = await this.#world.host.call('conversation_open', { conversation_id: id });
      if (this.id !== id) return null;
      this.#take(view);
      this.#reading = this.#readWhole(view);
      return view;
    } catch (thrown) {
      if (this.id === id) this.#phase = { kind: 'failed', id, error: commandError(thrown).wire };
      return null;
    }
  }

  /**
   * Reads the open conversation again after the mirror changed it; turns that are further along here stay as they
   * are.
   */
  async refresh(): Promise<void> {
    const id = this.id;
    if (id === null || this.#phase.kind === 'loading') return;
    const view = await this.#whole(await this.#world.host.call('conversation_open', { conversation_id: id }));
    if (view && this.id === id) this.#take(view);
  }

  /** Every turn of the tree is here. */
  whole(): Promise<void> {
    return this.#reading;
  }

  /** Sends a turn and shows it. */
  async send(turn: TurnSend): Promise<TurnView> {
    const from = this.id;
    const sent = await this.#world.host.call('turn_send', turn);
    this.showSent(from, [sent]);
    return sent;
  }

  /** Shows turns that were sent while the conversation `from` was open, unless another is by now. */
  showSent(from: string | null, sent: readonly TurnView[]): void {
    for (const turn of sent) if (this.id === from || this.id === turn.conversation_id) this.#show(turn);
  }

  async stop(turn: TurnView): Promise<void> {
    await this.#world.host.call('turn_stop', { turn_id: turn.id });
  }

  /** Has a turn under way stopped when it has cost this; null lets it run to its end. */
  async stopAt(turn: TurnView, credits: number | null): Promise<void> {
    await this.#world.host.call('turn_stop_at', { turn_id: turn.id, credits });
  }

  /** Shows the path through a sibling, down to its newest end. */
  async select(turnId: string): Promise<void> {
    const id = this.id;
    if (id === null) return;
    this.#leaf = newestLeaf(this.#turns, turnId);
    this.#attachUnderWay();
    this.#onPath();
    await this.#world.host.call('conversation_select', { conversation_id: id, leaf: this.#leaf });
  }

  rename(title: string): void {
    if (this.#phase.kind === 'open') this.#phase = { kind: 'open', summary: { ...this.#phase.summary, title } };
  }

  receive(frame: EventFrame): void {
    const queue = this.#turns.has(frame.turn_id) ? this.#pending : this.#early;
    const frames = queue.get(frame.turn_id);
    if (frames) frames.push(frame);
    else queue.set(frame.turn_id, [frame]);
    if (queue === this.#early) this.#trimEarly();
    else this.#schedule();
  }

  /** Events may have been missed: everything that is not over is attached again. */
  reattach(): void {
    this.#attaching.clear();
    this.#attachUnderWay();
  }

  #empty(): void {
    this.#turns = new Map();
    this.#leaf = null;
    this.#before = 0;
    this.#pending.clear();
  }

  /** A view that was its end, with all of its turns; null when another conversation was opened meanwhile. */
  async #whole(view: ConversationView): Promise<ConversationView | null> {
    const { before, ...rest } = view;
    if (before === undefined) return view;
    const turns: TurnView[] = [];
    for (;;) {
      const page = await this.#world.host.call('conversation_turns', {
        conversation_id: view.summary.id,
        after: turns.at(-1)?.id ?? null,
        limit: PAGE_TURNS,
      });
      if (this.id !== view.summary.id) return null;
      if (page.turns.length === 0) return { ...rest, turns };
      turns.push(...page.turns);
    }
  }

  /** What cannot be read now is read with the next change. */
  async #readWhole(end: ConversationView): Promise<void> {
    if (end.before === undefined) return;
    const view = await this.#whole(end).catch(() => null);
    if (view) this.#take(view);
  }

  #take(view: ConversationView): void {
    const turns = new Map(
      view.turns.map((turn) => {
        const known = this.#turns.get(turn.id);
        return [turn.id, known && known.sequence > turn.sequence ? known : turn];
      }),
    );
    // What was sent while the pages were read is newer than all of them.
    const read = view.turns.at(-1)?.created_at ?? 0;
    for (const [id, turn] of this.#turns) if (!turns.has(id) && turn.created_at > read) turns.set(id, turn);
    const changed = [...turns.values()].flatMap((turn) => {
      const known = this.#turns.get(turn.id);
      return known && known.phase.kind !== turn.phase.kind ? [[known, turn] as const] : [];
    });
    // What another window sent goes on below the end that is shown here.
    const end = this.#leaf !== null && turns.has(this.#leaf) ? newestLeaf(turns, this.#leaf) : null;
    this.#turns = turns;
    this.#branches = branchesOf(turns);
    this.#before = view.before ?? 0;
    this.#leaf = end ?? view.selected_leaf ?? view.turns.at(-1)?.id ?? null;
    this.#phase = { kind: 'open', summary: view.summary };
    for (const id of turns.keys()) this.#adoptEarly(id);
    this.#attachUnderWay();
    for (const [before, after] of changed) this.#onTurn(before, after);
    this.#onPath();
  }

  #show(turn: TurnView): void {
    const known = this.#turns.get(turn.id);
    if (!known || known.sequence <= turn.sequence) this.#turns = new Map(this.#turns).set(turn.id, turn);
    this.#branches = branchesOf(this.#turns);
    this.#leaf = turn.id;
    if (this.#phase.kind === 'fresh') {
      const title = turn.prompt.findLast((part) => part.kind === 'text')?.text.slice(0, 80) ?? '';
      const summary = {
        id: turn.conversation_id,
        title,
        changed_at: turn.created_at,
        turns: 1,
        charged: 0,
        running: true,
      };
      this.#phase = { kind: 'open', summary };
    }
    this.#adoptEarly(turn.id);
    this.#onTurn(known ?? { ...turn, phase: { kind: 'sending' } }, turn);
    this.#onPath();
  }

  #adoptEarly(id: string): void {
    const frames = this.#early.get(id);
    if (!frames) return;
    this.#early.delete(id);
    this.#pending.set(id, [...(this.#pending.get(id) ?? []), ...frames]);
    this.#schedule();
  }

  #trimEarly(): void {
    const oldest = this.#early.keys().next().value;
    if (this.#early.size > EARLY_TURNS_MAX && oldest !== undefined) this.#early.delete(oldest);
  }

  #schedule(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    this.#world.onFrame(() => {
      this.#flushScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    const pending = this.#pending;
    this.#pending = new Map();
    const turns = new Map(this.#turns);
    const changed: [TurnView, TurnView][] = [];
    for (const [id, frames] of pending) {
      const before = turns.get(id);
      if (!before) continue;
      const { turn, gap } = reduce(before, frames);
      if (turn !== before) changed.push([before, turn]);
      turns.set(id, turn);
      if (gap) this.#attach(turn);
      else this.#attaching.delete(id);
    }
    if (changed.length > 0) this.#turns = turns;
    const moved = changed.filter(([before, after]) => before.phase.kind !== after.phase.kind);
    for (const [before, after] of moved) this.#onTurn(before, after);
    if (moved.length > 0) this.#onPath();
  }

  #attachUnderWay(): void {
    for (const turn of this.#turns.values()) if (!isEnded(turn.phase)) this.#attach(turn);
  }

  #attach(turn: TurnView): void {
    if (this.#attaching.has(turn.id)) return;
    this.#attaching.add(turn.id);
    const done = () => this.#attaching.delete(turn.id);
    this.#world.host.call('turn_attach', { turn_id: turn.id, after: turn.sequence }).then(done, done);
  }
}
