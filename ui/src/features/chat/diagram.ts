/** The button of a mermaid block: draws the diagram in the block's place, and puts the source back. */
import { t } from '$/text/words.svelte';

const ink = (node: Element, name: string): string => {
  // A canvas turns any colour the tokens use into one every parser knows.
  const pen = document.createElement('canvas').getContext('2d');
  const value = getComputedStyle(node).getPropertyValue(name).trim();
  const probe = document.createElement('span');
  probe.style.color = value;
  node.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  if (!pen) return '#808080';
  pen.fillStyle = color;
  pen.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0] = pen.getImageData(0, 0, 1, 1).data;
  return `#${[r, g, b].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
};

function showSource(figure: HTMLElement, button: HTMLElement): void {
  const picture = figure.querySelector<HTMLImageElement>('img.diagram');
  if (picture) URL.revokeObjectURL(picture.src);
  picture?.remove();
  figure.querySelector('pre')?.removeAttribute('hidden');
  button.textContent = t().chat.drawDiagram;
}

export async function toggleDiagram(button: HTMLElement): Promise<void> {
  const figure = button.closest('figure');
  const source = figure?.querySelector('pre');
  if (!figure || !source || button.ariaBusy === 'true') return;
  if (figure.querySelector('img.diagram')) {
    showSource(figure, button);
    return;
  }
  button.ariaBusy = 'true';
  button.textContent = t().chat.drawingDiagram;
  const text = source.textContent ?? '';
  try {
    const { drawDiagram } = await import('$/lib/diagram');
    const inks = { ink: ink(figure, '--ink'), paper: ink(figure, '--stage'), well: ink(figure, '--well') };
    const font = getComputedStyle(figure).fontFamily;
    const picture = new Image();
    picture.className = 'diagram';
    picture.alt = t().chat.diagram(text.trim().split('\n', 1)[0] ?? '');
    picture.src = await drawDiagram(text, { ...inks, line: ink(figure, '--ink-3'), font });
    source.hidden = true;
    source.after(picture);
    button.textContent = t().chat.showSource;
  } catch {
    button.textContent = t().chat.diagramFailed;
  } finally {
    button.ariaBusy = 'false';
  }
}
