/** An environment whose frames and timers the test turns by hand. */
import type { Environment } from '../src/state/environment';
import { FakeHost, FakeStudio, NOW } from './fake-host';

export class World implements Environment {
  readonly host: FakeHost;
  #now = NOW;
  #frames: (() => void)[] = [];
  #timers: { at: number; run: () => void }[] = [];

  constructor(studio = new FakeStudio(), overrides: ConstructorParameters<typeof FakeHost>[1] = {}) {
    this.host = new FakeHost(studio, overrides);
  }

  readonly onFrame = (run: () => void): void => {
    this.#frames.push(run);
  };

  readonly after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  };

  readonly now = (): number => this.#now;

  keepsDrafts = true;
  readonly languages = ['en-GB'];

  get framesWaiting(): number {
    return this.#frames.length;
  }

  /** One frame, and everything it started. */
  async frame(): Promise<void> {
    const due = this.#frames;
    this.#frames = [];
    for (const run of due) run();
    await settle();
  }

  async pass(ms: number): Promise<void> {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { run } of due) run();
    await settle();
  }
}

/** Lets promises that are ready run their course. */
export const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

/** A promise the test resolves. */
export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve: (value) => resolve(value) };
}

/** A file as a person brings it, of a size that is only said. */
export const file = (name: string, type = 'image/png', bytes = 1): File =>
  Object.defineProperty(new File(['a'], name, { type }), 'size', { value: bytes });
