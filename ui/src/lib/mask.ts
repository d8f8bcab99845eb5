/** A part of a picture, as the strokes painted over it, and the mask that providers read: transparent in that part. */

export interface Stroke {
  /** Takes away instead. */
  readonly erases: boolean;
  /** How wide, in the picture's pixels. */
  readonly size: number;
  readonly points: readonly (readonly [x: number, y: number])[];
}

type Pen = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** The stroke from one of its points on. */
export function paintStroke(pen: Pen, { erases, size, points }: Stroke, from = 0): void {
  const [start, ...rest] = points.slice(Math.max(from - 1, 0));
  if (!start) return;
  pen.globalCompositeOperation = erases ? 'destination-out' : 'source-over';
  pen.lineCap = 'round';
  pen.lineJoin = 'round';
  pen.lineWidth = size;
  pen.beginPath();
  pen.moveTo(...start);
  // A stroke of one point is a dab.
  for (const point of rest.length > 0 ? rest : [start]) pen.lineTo(...point);
  pen.stroke();
}

function painted(width: number, height: number, strokes: readonly Stroke[], scale = 1): OffscreenCanvas {
  const canvas = new OffscreenCanvas(Math.max(Math.round(width * scale), 1), Math.max(Math.round(height * scale), 1));
  const pen = canvas.getContext('2d');
  pen?.scale(scale, scale);
  if (pen) for (const stroke of strokes) paintStroke(pen, stroke);
  return canvas;
}

/** How much of the picture is painted, in thousandths. Counted on a small copy. */
export function coveredPermille(width: number, height: number, strokes: readonly Stroke[]): number {
  const small = painted(width, height, strokes, 96 / Math.max(width, height));
  const pixels = small.getContext('2d')?.getImageData(0, 0, small.width, small.height).data ?? [];
  let count = 0;
  for (let alpha = 3; alpha < pixels.length; alpha += 4) if ((pixels[alpha] ?? 0) > 127) count += 1;
  return Math.round((count * 1_000) / (small.width * small.height));
}

/** The mask as a PNG of the picture's size. */
export async function maskOf(width: number, height: number, strokes: readonly Stroke[]): Promise<Blob> {
  const mask = new OffscreenCanvas(width, height);
  const pen = mask.getContext('2d');
  if (pen) {
    pen.fillRect(0, 0, width, height);
    pen.globalCompositeOperation = 'destination-out';
    pen.drawImage(painted(width, height, strokes), 0, 0);
  }
  return mask.convertToBlob({ type: 'image/png' });
}
