/**
 * The composer: the draft, the chosen model and its knobs, and the road from a draft to a turn. A draft belongs to its
 * conversation and outlives the window; it is cleared only once the turn it became is known to the core.
 */
import type { Attachment } from '$/bindings/Attachment';
import type { ModelQuote } from '$/bindings/ModelQuote';
import type { ModelView } from '$/bindings/ModelView';
import type { PromptPart } from '$/bindings/PromptPart';
import type { TurnView } from '$/bindings/TurnView';
import type { WireError } from '$/bindings/WireError';
import { CommandError, commandError } from '$/host/host';
import { isCallable, type Catalogue } from './catalogue.svelte';
import type { Environment } from './environment';
import { Quoting } from './quoting.svelte';
import type { Session } from './session.svelte';
import type { Thread } from './thread.svelte';

export type ComposerPhase =
  | { readonly kind: 'empty' }
  /** There is a draft, and no price for it yet. */
  | { readonly kind: 'pricing' }
  | { readonly kind: 'ready'; readonly quote: ModelQuote }
  /** Pressing send once more sends: the price is above the person's own limit. */
  | { readonly kind: 'asking'; readonly quote: ModelQuote }
  | { readonly kind: 'too_dear'; readonly quote: ModelQuote; readonly needed: number }
  | { readonly kind: 'too_long'; readonly quote: ModelQuote }
  | { readonly kind: 'no_model' }
  | { readonly kind: 'sending' };

/** What the next turn follows: the end of the path, or another turn's parent when that prompt is being edited. */
export type Aim = { readonly kind: 'next' } | { readonly kind: 'edit'; readonly turn: TurnView };

/** What the next turn is made of. */
interface Content {
  readonly text: string;
  /** Long pastes, kept out of the field: a field with megabytes in it stutters at every key. */
  readonly pieces: readonly string[];
  readonly pictures: readonly Attachment[];
}

const SAVE_AFTER_MS = 400;
/** From this many characters a pasted text stands beside the message instead of in it. */
export const PIECE_MIN = 20_000;
const nothing: Content = { text: '', pieces: [], pictures: [] };
const next: Aim = { kind: 'next' };

/** What a stored file is in a prompt. */
function partKind({ mime }: Attachment): 'image' | 'video' | 'document' {
  if (mime.startsWith('image/')) return 'image';
  return mime.startsWith('video/') ? 'video' : 'document';
}

export const textOf = (parts: readonly PromptPart[]): string =>
  parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n\n');

const picturesOf = (parts: readonly PromptPart[]): Attachment[] =>
  parts.flatMap((part) => {
    if (part.kind !== 'image') return [];
    const { kind: _, ...picture } = part;
    return [picture];
  });

function contentOf(parts: readonly PromptPart[]): Content {
  const texts = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : []));
  return {
    text: texts.filter(({ length }) => length < PIECE_MIN).join('\n\n'),
    pieces: texts.filter(({ length }) => length >= PIECE_MIN),
    pictures: picturesOf(parts),
  };
}

/** A draft is kept as one text. */
const savedText = ({ text, pieces }: Content): string => [...pieces, text].filter(Boolean).join('\n\n');

export class Composer {
  readonly #world: Environment;
  readonly #session: Session;
  readonly #catalogue: Catalogue;
  readonly #thread: Thread;
  /** Prices of the draft. */
  readonly quoting: Quoting;
  /** Prices of a prompt that may be tried again on another model. */
  readonly retryQuoting: Quoting;
  #content = $state.raw<Content>(nothing);
  #storing = $state(0);
  #aim = $state.raw<Aim>(next);
  #error = $state.raw<WireError | null>(null);
  #sending = $state(false);
  #asking = $state(false);
  #queued = $state(false);
  #modelId = $state<string | null>(null);
  /** What stood in the composer before an edit began. */
  #setAside: Content | null = null;
  #owner: string | null = null;
  #cancelSave: (() => void) | null = null;

  constructor(world: Environment, session: Session, catalogue: Catalogue, thread: Thread) {
    this.#world = world;
    this.#session = session;
    this.#catalogue = catalogue;
    this.#thread = thread;
    this.quoting = new Quoting(world);
    this.retryQuoting = new Quoting(world);
  }

  get text(): string {
    return this.#content.text;
  }

  get pieces(): readonly string[] {
    return this.#content.pieces;
  }

  get attachments(): readonly Attachment[] {
    return this.#content.pictures;
  }

  get storing(): boolean {
    return this.#storing > 0;
  }

  get aim(): Aim {
    return this.#aim;
  }

  /** Offline: the draft is sent when the studio server answers again. */
  get queued(): boolean {
    return this.#queued;
  }

  /** What went wrong with the last try; gone with the next change. */
  get error(): WireError | null {
    return this.#error;
  }

  readonly model: ModelView | null = $derived.by(() =>
    this.#catalogue.preferred(this.#modelId ?? this.#session.settings?.model_id ?? null),
  );
  readonly effort: string | null = $derived.by(() => {
    const knob = this.model?.effort;
    if (!this.model || !knob) return null;
    const chosen = this.#session.settings?.effort_by_model[this.model.id];
    return chosen !== undefined && knob.values.includes(chosen) ? chosen : knob.default;
  });
  readonly isEmpty: boolean = $derived.by(() => {
    const { text, pieces, pictures } = this.#content;
    return pieces.length === 0 && pictures.length === 0 && text.trim() === '';
  });
  readonly quote: ModelQuote | null = $derived.by(() =>
    this.isEmpty || !this.model ? null : (this.quoting.byModel.get(this.model.id) ?? null),
  );
  readonly phase: ComposerPhase = $derived.by(() => {
    if (this.#sending) return { kind: 'sending' };
    if (!this.model || !isCallable(this.model)) return { kind: 'no_model' };
    if (this.isEmpty) return { kind: 'empty' };
    const quote = this.quote;
    if (!quote) return { kind: 'pricing' };
    if (quote.fit.kind === 'does_not_fit') return { kind: 'too_dear', quote, needed: quote.fit.needed };
    if (quote.fit.kind === 'context_too_long') return { kind: 'too_long', quote };
    return this.#asking ? { kind: 'asking', quote } : { kind: 'ready', quote };
  });
  /** Models this draft fits on, cheapest first. */
  readonly fitting: readonly { readonly model: ModelView; readonly quote: ModelQuote }[] = $derived.by(() =>
    this.#catalogue.models
      .filter(isCallable)
      .flatMap((model) => {
        const quote = this.quoting.byModel.get(model.id);
        const fits = quote && (quote.fit.kind === 'fits' || quote.fit.kind === 'limited');
        return quote && fits ? [{ model, quote }] : [];
      })
      .sort((a, b) => a.quote.likely - b.quote.likely),
  );

  write(text: string): void {
    this.#fill({ text });
    this.#saveSoon();
  }

  /** A long paste: it joins the draft beside the message. */
  paste(text: string): void {
    this.#fill({ pieces: [...this.pieces, text] });
    this.#saveSoon();
  }

  removePiece(index: number): void {
    this.#fill({ pieces: this.pieces.filter((_, i) => i !== index) });
    this.#saveSoon();
  }

  /** Stores a picture; it joins the draft when the core has accepted it. */
  async attach(name: string, base64: string): Promise<void> {
    const owner = this.#owner;
    this.#storing += 1;
    try {
      const picture = await this.#world.host.call('attachment_add', { name, base64 });
      if (this.#owner === owner && !this.attachments.some(({ asset_id }) => asset_id === picture.asset_id))
        this.#fill({ pictures: [...this.attachments, picture] });
    } catch (thrown) {
      this.#error = commandError(thrown).wire;
    } finally {
      this.#storing -= 1;
    }
  }

  detach(assetId: string): void {
    this.#fill({ pictures: this.attachments.filter(({ asset_id }) => asset_id !== assetId) });
  }

  /** The model for this and new conversations. */
  async choose(modelId: string): Promise<void> {
    this.#modelId = modelId;
    this.#changed();
    await this.#session.change({ model_id: modelId });
  }

  async setEffort(effort: string): Promise<void> {
    if (!this.model || !this.#session.settings) return;
    const byModel = { ...this.#session.settings.effort_by_model, [this.model.id]: effort };
    const kept = this.#session.change({ effort_by_model: byModel });
    this.#changed();
    await kept;
  }

  /** Turns to another conversation; what was in the composer is kept first. Its draft may `arrive` later. */
  turnTo(conversationId: string | null): void {
    this.#flushSave();
    this.#owner = conversationId;
    this.#aim = next;
    this.#setAside = null;
    this.#fill(nothing);
  }

  /** The stored draft of the conversation. What was typed while it was read stays, after it. */
  arrive(conversationId: string | null, draft: string): void {
    if (this.#owner !== conversationId || draft === '') return;
    if (draft.length >= PIECE_MIN) this.#fill({ pieces: [draft, ...this.pieces] });
    else this.#fill({ text: this.text === '' ? draft : `${draft}\n\n${this.text}` });
  }

  /** Brings a prompt back to be changed; sending makes a sibling of its turn. */
  edit(turn: TurnView): void {
    this.#setAside ??= this.#content;
    this.#aim = { kind: 'edit', turn };
    this.#fill(contentOf(turn.prompt));
  }

  leaveEdit(): void {
    this.#aim = next;
    this.#fill(this.#setAside ?? nothing);
    this.#setAside = null;
  }

  /** Prices the draft again: prices, the pool or the path changed. */
  reprice(): void {
    this.quoting.change(this.isEmpty ? null : this.#draft());
  }

  /** Sends the draft. The first press on a dear turn only asks. */
  async send(): Promise<TurnView | null> {
    const { phase, model } = this;
    if ((phase.kind !== 'ready' && phase.kind !== 'asking') || !model || this.storing) return null;
    const limit = this.#session.settings?.ask_above ?? null;
    if (phase.kind === 'ready' && limit !== null && phase.quote.likely > limit) {
      this.#asking = true;
      return null;
    }
    const draft = this.#draft();
    const turn = await this.#sendTurn(draft.parent_id, model.id, draft.parts);
    if (turn) this.#sent(turn);
    return turn;
  }

  /** Offline: sends when the server is back, or calls that off. */
  queue(queued: boolean): void {
    this.#queued = queued && !this.isEmpty;
  }

  async sendQueued(): Promise<void> {
    if (!this.#queued) return;
    this.#queued = false;
    await this.send();
  }

  /** Prices a turn's prompt for the picker of "retry with another model". */
  quoteRetry(turn: TurnView): void {
    this.retryQuoting.change({
      conversation_id: turn.conversation_id,
      parent_id: turn.parent_id,
      parts: turn.prompt,
      effort_by_model: this.#session.settings?.effort_by_model ?? {},
    });
  }

  /** Asks the same prompt of a model again: a sibling of the turn. */
  async retry(turn: TurnView, modelId: string): Promise<TurnView | null> {
    return this.#sendTurn(turn.parent_id, modelId, turn.prompt);
  }

  /** Keeps the draft now, for a window that is about to close. */
  keep(): void {
    this.#flushSave();
  }

  async #sendTurn(parentId: string | null, modelId: string, parts: PromptPart[]): Promise<TurnView | null> {
    this.#sending = true;
    this.#error = null;
    const knob = this.#catalogue.byId.get(modelId)?.effort;
    const effort = knob ? (this.#session.settings?.effort_by_model[modelId] ?? null) : null;
    try {
      return await this.#thread.send({
        conversation_id: this.#thread.id,
        parent_id: parentId,
        model_id: modelId,
        effort,
        parts,
      });
    } catch (thrown) {
      this.#fail(commandError(thrown));
      return null;
    } finally {
      this.#sending = false;
      this.#asking = false;
    }
  }

  #fail(error: CommandError): void {
    this.#error = error.wire;
    if (error.code === 'rate_card_changed' || error.code === 'insufficient_credits') this.reprice();
  }

  #sent(turn: TurnView): void {
    const aside = this.#aim.kind === 'edit' ? this.#setAside : null;
    const wasNew = this.#owner === null;
    this.#aim = next;
    this.#setAside = null;
    this.#content = aside ?? nothing;
    if (wasNew) {
      this.#saveNow(null, '');
      this.#owner = turn.conversation_id;
    }
    this.#changed();
    this.#saveNow(this.#owner, savedText(this.#content));
  }

  #draft() {
    const { text, pieces, pictures } = this.#content;
    const texts = [...pieces, ...(text.trim() === '' ? [] : [text])];
    return {
      conversation_id: this.#thread.id,
      parent_id: this.#aim.kind === 'edit' ? this.#aim.turn.parent_id : (this.#thread.last?.id ?? null),
      parts: [
        ...pictures.map((file): PromptPart => ({ kind: partKind(file), ...file })),
        ...texts.map((each): PromptPart => ({ kind: 'text', text: each })),
      ],
      effort_by_model: this.#session.settings?.effort_by_model ?? {},
    };
  }

  #fill(part: Partial<Content>): void {
    this.#content = { ...this.#content, ...part };
    this.#changed();
  }

  #changed(): void {
    this.#error = null;
    this.#asking = false;
    if (this.isEmpty) this.#queued = false;
    this.reprice();
  }

  #saveSoon(): void {
    if (this.#aim.kind === 'edit') return;
    this.#cancelSave?.();
    this.#cancelSave = this.#world.after(SAVE_AFTER_MS, () => this.#flushSave());
  }

  #flushSave(): void {
    if (!this.#cancelSave) return;
    this.#saveNow(this.#owner, savedText(this.#aim.kind === 'edit' ? (this.#setAside ?? nothing) : this.#content));
  }

  #saveNow(conversationId: string | null, text: string): void {
    this.#cancelSave?.();
    this.#cancelSave = null;
    this.#world.host.call('draft_save', { conversation_id: conversationId, text }).catch((thrown) => {
      this.#error = commandError(thrown).wire;
    });
  }
}
