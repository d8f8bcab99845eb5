/**
 * Draws formulas; loaded with the first one. The nodes are made by script, so that no inline style has to pass the
 * content security policy, and nothing a formula says may link or load.
 */
import katex from 'katex';
import 'katex/dist/katex.min.css';

export function drawFormula(node: HTMLElement): void {
  // A block that ends is drawn once more; what stands in the node by then is the drawing.
  const source = node.dataset['source'] ?? node.textContent ?? '';
  katex.render(source, node, {
    displayMode: node.dataset['math'] === 'block',
    throwOnError: false,
    trust: false,
    strict: 'ignore',
    maxExpand: 200,
    maxSize: 20,
    // What cannot be read is shown as it was written, in the colour of its text.
    errorColor: 'inherit',
  });
  node.dataset['source'] = source;
}
