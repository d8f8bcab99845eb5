/** Where the person is in the window: the room, the layer on top, and the turn a search or a key points at. */
export type Room = 'chat' | 'settings';
export type Layer = 'none' | 'picker' | 'panel';

/** What the picker's choice is for: the next turn, or another try at one. */
export type PickerAim = { readonly kind: 'compose' } | { readonly kind: 'retry'; readonly turnId: string };

export class Navigation {
  #room = $state<Room>('chat');
  #layer = $state<Layer>('none');
  #pickerAim = $state.raw<PickerAim>({ kind: 'compose' });
  #receiptOf = $state<string | null>(null);
  #pointAt = $state<string | null>(null);

  get room(): Room {
    return this.#room;
  }

  get layer(): Layer {
    return this.#layer;
  }

  get pickerAim(): PickerAim {
    return this.#pickerAim;
  }

  /** The turn whose receipt is open. */
  get receiptOf(): string | null {
    return this.#receiptOf;
  }

  /** The turn to bring into view. */
  get pointAt(): string | null {
    return this.#pointAt;
  }

  go(room: Room): void {
    this.#room = room;
    this.#layer = 'none';
    this.#receiptOf = null;
  }

  openPicker(aim: PickerAim = { kind: 'compose' }): void {
    this.#room = 'chat';
    this.#pickerAim = aim;
    this.#receiptOf = null;
    this.#layer = 'picker';
  }

  togglePanel(): void {
    this.#layer = this.#layer === 'panel' ? 'none' : 'panel';
  }

  close(): void {
    this.#layer = 'none';
  }

  showReceipt(turnId: string | null): void {
    this.#receiptOf = turnId;
    if (turnId !== null) this.#layer = 'none';
  }

  point(turnId: string | null): void {
    this.#pointAt = turnId;
  }
}
