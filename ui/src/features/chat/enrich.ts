/**
 * What a finished block of an answer gets after it was put on the page: colours for its code, its formulas drawn.
 * Both come with the first block that needs them.
 */

type Draw = (node: HTMLElement) => void;
let drawFormula: Draw | null = null;

async function colour(code: HTMLElement, isGone: () => boolean): Promise<void> {
  const { highlight } = await import('$/lib/highlight');
  const spans = await highlight(code.textContent ?? '', code.dataset['language'] ?? '');
  if (spans !== null && !isGone()) code.replaceChildren(spans);
}

/** Draws at once when it can, so that a formula in a growing block does not flicker. */
async function formulas(nodes: readonly HTMLElement[], isGone: () => boolean): Promise<void> {
  if (nodes.length === 0) return;
  drawFormula ??= (await import('$/lib/formula')).drawFormula;
  if (!isGone()) nodes.forEach(drawFormula);
}

/** An attachment for a block. `_html` is what it shows: other words, another run. */
export function enrich(_html: string, finished: boolean): (block: HTMLElement) => () => void {
  return (block) => {
    let gone = false;
    const isGone = () => gone;
    void formulas([...block.querySelectorAll<HTMLElement>('[data-math]')], isGone);
    if (finished)
      for (const code of block.querySelectorAll<HTMLElement>('pre > code[data-language]'))
        if (code.dataset['language']) void colour(code, isGone);
    return () => (gone = true);
  };
}
