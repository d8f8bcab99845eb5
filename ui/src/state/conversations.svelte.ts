/** The list of conversations, and the things done to one: rename, delete, bring back. */
import type { ConversationSummary } from '$/bindings/ConversationSummary';
import type { WireError } from '$/bindings/WireError';
import { commandError } from '$/host/host';
import type { Environment } from './environment';

const PAGE = 200;
const UNDO_MS = 8_000;

export type ListPhase = 'loading' | 'ready' | { readonly error: WireError };

export class Conversations {
  readonly #world: Environment;
  #list = $state.raw<readonly ConversationSummary[]>([]);
  #total = $state(0);
  #phase = $state.raw<ListPhase>('loading');
  #deleted = $state.raw<ConversationSummary | null>(null);
  #cancelUndo: (() => void) | null = null;
  #scheduled = false;

  constructor(world: Environment) {
    this.#world = world;
  }

  get list(): readonly ConversationSummary[] {
    return this.#list;
  }

  get phase(): ListPhase {
    return this.#phase;
  }

  /** The conversation that was just deleted and can be brought back. */
  get deleted(): ConversationSummary | null {
    return this.#deleted;
  }

  readonly hasMore: boolean = $derived(this.#list.length < this.#total);

  async load(): Promise<void> {
    const limit = Math.min(Math.max(this.#list.length, PAGE), 500);
    try {
      const page = await this.#world.host.call('conversation_list', { before: null, limit });
      this.#list = page.conversations;
      this.#total = page.total;
      this.#phase = 'ready';
    } catch (thrown) {
      this.#phase = { error: commandError(thrown).wire };
    }
  }

  async more(): Promise<void> {
    const before = this.#list.at(-1)?.changed_at ?? null;
    const page = await this.#world.host.call('conversation_list', { before, limit: PAGE });
    const known = new Set(this.#list.map(({ id }) => id));
    this.#list = [...this.#list, ...page.conversations.filter(({ id }) => !known.has(id))];
    this.#total = page.total;
  }

  forget(): void {
    this.#list = [];
    this.#total = 0;
    this.#phase = 'loading';
    this.#deleted = null;
  }

  /** Several changes in one frame read the list once. */
  refreshSoon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#world.onFrame(() => {
      this.#scheduled = false;
      void this.load();
    });
  }

  async rename(id: string, title: string): Promise<ConversationSummary> {
    const summary = await this.#world.host.call('conversation_rename', { conversation_id: id, title: title.trim() });
    this.#list = this.#list.map((each) => (each.id === id ? summary : each));
    return summary;
  }

  /** Deletes at once, and offers to take it back for a while. */
  async remove(summary: ConversationSummary): Promise<void> {
    await this.#world.host.call('conversation_delete', { conversation_id: summary.id, deleted: true });
    this.#list = this.#list.filter(({ id }) => id !== summary.id);
    this.#deleted = summary;
    this.#cancelUndo?.();
    this.#cancelUndo = this.#world.after(UNDO_MS, () => (this.#deleted = null));
  }

  async undo(): Promise<string | null> {
    const summary = this.#deleted;
    if (!summary) return null;
    this.#cancelUndo?.();
    this.#deleted = null;
    await this.#world.host.call('conversation_delete', { conversation_id: summary.id, deleted: false });
    await this.load();
    return summary.id;
  }
}
