/**
 * Draws a mermaid diagram; loaded when a person asks for one. What it makes is handed on as a picture, in which no
 * script runs and nothing is loaded, whatever the diagram says.
 */
import mermaid from 'mermaid';

export interface Inks {
  readonly ink: string;
  readonly paper: string;
  readonly well: string;
  readonly line: string;
  readonly font: string;
}

let drawn = 0;

/** The address of the drawing. Whoever shows it revokes it. */
export async function drawDiagram(source: string, { ink, paper, well, line, font }: Inks): Promise<string> {
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    suppressErrorRendering: true,
    htmlLabels: false,
    flowchart: { htmlLabels: false },
    theme: 'base',
    look: 'classic',
    fontFamily: font,
    themeVariables: {
      fontFamily: font,
      background: paper,
      primaryColor: well,
      primaryTextColor: ink,
      primaryBorderColor: line,
      secondaryColor: paper,
      tertiaryColor: paper,
      lineColor: line,
      textColor: ink,
      useGradient: false,
      dropShadow: 'none',
    },
  });
  drawn += 1;
  const { svg } = await mermaid.render(`diagram-${drawn}`, source);
  return URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
}
