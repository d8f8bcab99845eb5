/**
 * Questions about a draft that changes with every key. One is under way at a time and the newest draft wins: an answer
 * to an older draft is shown only while nothing newer has been answered.
 */
import type { WireError } from '$/bindings/WireError';
import { commandError } from '$/host/host';
import type { Environment } from './environment';

export class Newest<Draft, Answer extends { readonly revision: number }> {
  readonly #world: Environment;
  readonly #question: (draft: Draft, revision: number) => Promise<Answer>;
  #answer = $state.raw<Answer | null>(null);
  #error = $state.raw<WireError | null>(null);
  #draft: Draft | null = null;
  #revision = 0;
  /** Answers of before are of no use. */
  #oldest = 0;
  #asked = 0;
  #busy = false;
  #scheduled = false;
  #waiting: (() => void)[] = [];

  constructor(world: Environment, question: (draft: Draft, revision: number) => Promise<Answer>) {
    this.#world = world;
    this.#question = question;
  }

  get answer(): Answer | null {
    return this.#answer;
  }

  get error(): WireError | null {
    return this.#error;
  }

  /**
   * The draft changed; null means there is nothing to ask. With `anew` it is another question: no answer of before is
   * shown for it.
   */
  change(draft: Draft | null, anew = draft === null): void {
    this.#draft = draft;
    this.#revision += 1;
    if (anew) {
      this.#answer = null;
      this.#error = null;
      this.#oldest = this.#revision;
    }
    this.#schedule();
    this.#release();
  }

  /** What the answer depends on changed: the same draft is asked about again. */
  again(): void {
    if (this.#draft) this.change(this.#draft);
  }

  /** When nothing is to be asked any more. */
  settled(): Promise<void> {
    return this.#isSettled() ? Promise.resolve() : new Promise((done) => this.#waiting.push(done));
  }

  #isSettled(): boolean {
    return this.#draft === null || (!this.#busy && this.#asked === this.#revision);
  }

  #release(): void {
    if (!this.#isSettled()) return;
    for (const done of this.#waiting) done();
    this.#waiting = [];
  }

  #schedule(): void {
    if (this.#scheduled || this.#busy || this.#draft === null) return;
    this.#scheduled = true;
    this.#world.onFrame(() => {
      this.#scheduled = false;
      void this.#ask();
    });
  }

  async #ask(): Promise<void> {
    const draft = this.#draft;
    if (draft === null || this.#asked === this.#revision) return;
    const revision = this.#revision;
    this.#asked = revision;
    this.#busy = true;
    try {
      const answer = await this.#question(draft, revision);
      const isWanted = revision >= this.#oldest && answer.revision > (this.#answer?.revision ?? 0);
      if (this.#draft !== null && isWanted) {
        this.#answer = answer;
        this.#error = null;
      }
    } catch (thrown) {
      if (this.#draft !== null) this.#error = commandError(thrown).wire;
    }
    this.#busy = false;
    if (this.#asked !== this.#revision) this.#schedule();
    this.#release();
  }
}
