/**
 * A block of code at the open end of a text. It only grows until its fence closes it, so what came is added and
 * nothing before it is read, parsed or drawn again.
 */
const OPENING = /^(`{3,}|~{3,})([^\n]*)\n/;

export class OpenFence {
  readonly info: string;
  readonly #closing: RegExp;
  readonly #start: number;
  /** Up to here, at the start of a line, no closing fence was found. */
  #looked: number;

  private constructor(info: string, closing: RegExp, start: number) {
    this.info = info;
    this.#closing = closing;
    this.#start = start;
    this.#looked = start;
  }

  /** The fence this text begins with; null when it begins with something else. */
  static at(text: string): OpenFence | null {
    const [opening, fence, info] = OPENING.exec(text) ?? [];
    if (opening === undefined || fence === undefined || info === undefined) return null;
    if (fence.startsWith('`') && info.includes('`')) return null;
    const closing = new RegExp(`^ {0,3}${fence[0]}{${fence.length},}[ \\t]*$`);
    return new OpenFence(info.trim(), closing, opening.length);
  }

  /** The code so far, of a text that begins with what this one was read from; null when the fence is closed. */
  codeIn(text: string): string | null {
    for (;;) {
      const end = text.indexOf('\n', this.#looked);
      if (this.#closing.test(text.slice(this.#looked, end < 0 ? undefined : end))) return null;
      if (end < 0) return text.slice(this.#start);
      this.#looked = end + 1;
    }
  }
}
