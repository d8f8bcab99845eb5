/**
 * Work that is done one at a time, what was asked for last first, and not at all once nobody waits for it: of a long
 * list, what is in view is what was asked for last.
 */
export class NewestFirst {
  readonly #waiting = new Set<() => Promise<void>>();
  #working = false;

  do<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return new Promise((done, failed) => {
      const begin = () => work().then(done, failed);
      this.#waiting.add(begin);
      signal.addEventListener('abort', () => {
        this.#waiting.delete(begin);
        failed(signal.reason);
      });
      void this.#go();
    });
  }

  async #go(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (let next = this.#take(); next; next = this.#take()) await next();
    this.#working = false;
  }

  #take(): (() => Promise<void>) | undefined {
    const newest = [...this.#waiting].at(-1);
    if (newest) this.#waiting.delete(newest);
    return newest;
  }
}
