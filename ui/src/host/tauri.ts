/** The host inside the desktop window: one IPC command, one event. */
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { AppEvent } from '$/bindings/AppEvent';
import type { Commands } from '$/bindings/Commands';
import { commandError, Listeners, type CommandName, type Host } from './host';

export class TauriHost implements Host {
  readonly #events = new Listeners<[AppEvent]>();
  readonly listening: Promise<void>;

  constructor() {
    this.listening = listen<AppEvent>('studio', (event) => this.#events.emit(event.payload)).then(() => undefined);
  }

  async call<K extends CommandName>(name: K, request: Commands[K]['request']): Promise<Commands[K]['response']> {
    try {
      return await invoke<Commands[K]['response']>('call', { name, request });
    } catch (thrown) {
      throw commandError(thrown);
    }
  }

  onEvent(listener: (event: AppEvent) => void): () => void {
    return this.#events.add(listener);
  }

  painted(): void {
    // Without an answer the shell shows the window by itself.
    invoke('ready').catch(() => undefined);
  }

  /** The shell's channel has no gaps. */
  onGap(): () => void {
    return () => undefined;
  }
}
