/** A clip's first moment as a picture: only the page's engine can look into a clip. */

const SIDE_MAX_PX = 512;
const QUALITY = 0.82;
/** A clip that an engine cannot play says nothing at all sometimes. */
const PATIENCE_MS = 8_000;

/** The picture's address, made from the clip's. */
export async function drawFirstMoment(clip: string, signal: AbortSignal): Promise<string> {
  const video = Object.assign(document.createElement('video'), { muted: true, preload: 'auto', src: clip });
  try {
    await heard(video, 'loadeddata', signal);
    const scale = Math.min(SIDE_MAX_PX / Math.max(video.videoWidth, video.videoHeight), 1);
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
    const drawn = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
    if (!drawn) throw new Error('the first moment could not be drawn');
    return URL.createObjectURL(drawn);
  } finally {
    video.removeAttribute('src');
    video.load();
  }
}

function heard(video: HTMLVideoElement, event: string, signal: AbortSignal): Promise<void> {
  return new Promise((done, failed) => {
    const late = setTimeout(() => failed(new Error('the clip does not play')), PATIENCE_MS);
    const end = (then: () => void) => () => {
      clearTimeout(late);
      then();
    };
    video.addEventListener(event, end(done), { once: true });
    signal.addEventListener(
      'abort',
      end(() => failed(signal.reason)),
      { once: true },
    );
    video.addEventListener(
      'error',
      end(() => failed(new Error('the clip cannot be read'))),
      { once: true },
    );
  });
}
