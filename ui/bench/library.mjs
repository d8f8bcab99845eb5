/**
 * What scrolling costs in a library of 100,000 files, measured in Chromium through the webhost: ten seconds down the
 * wall as a wheel goes, then jumps as a dragged bar makes them. `ANYAI_BINARY` names the program. The files stand in
 * place of the core's answers to `library_count`, `library_shapes` and `library_list`, so the figures are the window's.
 */
import { randomUUID } from 'node:crypto';
import { loadavg } from 'node:os';
import { openStudio } from './open.mjs';

const FILES = 100_000;
const SECONDS = 10;
const JUMPS = 20;
const SHAPES = [
  [1_024, 1_024],
  [1_536, 1_024],
  [1_024, 1_536],
  [1_920, 1_080],
  [1_080, 1_920],
];
const MONTHS = 40;
const CLIP_EVERY = 5;

const shapeOf = (place) => SHAPES[(place * 7 + (place >> 3)) % SHAPES.length];
const clip = (place) => place % CLIP_EVERY === 0;
const turn = randomUUID();
const conversation = randomUUID();

function item(place) {
  const [width, height] = shapeOf(place);
  const id = `${turn.slice(0, 24)}${place.toString(16).padStart(12, '0')}`;
  const file = clip(place)
    ? { name: 'clip.webm', mime: 'video/webm', duration_ms: 6_000 }
    : { name: 'picture.png', mime: 'image/png', duration_ms: null };
  return {
    asset: { asset_id: id, bytes: 1_300_000, width, height, ...file },
    turn_id: turn,
    conversation_id: conversation,
    created_at: Date.now(),
    model_label: 'Grok Imagine 2.0',
    simulated: true,
    prompt: `The causeway at low water, early light, number ${place}`,
    charged: 4_000 + (place % 900),
  };
}

function months() {
  const count = FILES / MONTHS;
  const name = (back) => new Date(Date.UTC(2_026, 10 - back, 1)).toISOString().slice(0, 7);
  return Array.from({ length: MONTHS }, (_, back) => ({ month: name(back), count, charged: count * 4_000 }));
}

/** A small picture of each shape as the core makes them, and a clip, both drawn by the browser itself. */
const draw = (page) =>
  page.evaluate(async (shapes) => {
    const base64 = async (blob) => {
      const bytes = new Uint8Array(await blob.arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    };
    const paint = (canvas, hue) => {
      const pen = canvas.getContext('2d');
      for (let y = 0; y < canvas.height; y += 4)
        for (let x = 0; x < canvas.width; x += 4) {
          pen.fillStyle = `hsl(${(hue + x / 5 + 20 * Math.sin(y / 40)) % 360} 45% ${40 + ((x * y) % 30)}%)`;
          pen.fillRect(x, y, 4, 4);
        }
    };
    const pictures = [];
    for (const [index, [width, height]] of shapes.entries()) {
      const small = 512 / Math.max(width, height);
      const canvas = Object.assign(document.createElement('canvas'), { width: width * small, height: height * small });
      paint(canvas, index * 70);
      pictures.push(await base64(await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.82))));
    }
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
    const recorder = new MediaRecorder(canvas.captureStream(10), { mimeType: 'video/webm' });
    const recorded = new Promise((done) => (recorder.ondataavailable = ({ data }) => done(data)));
    recorder.start();
    for (let frame = 0; frame < 8; frame += 1) {
      paint(canvas, frame * 10);
      await new Promise((done) => setTimeout(done, 100));
    }
    recorder.stop();
    return { pictures, clip: await base64(await recorded) };
  }, SHAPES);

async function fill(page) {
  const answer = (name, of) =>
    page.route(`**/call/${name}`, (route) => route.fulfill({ json: of(route.request().postDataJSON()) }));
  await answer('library_count', () => ({ count: FILES, charged: FILES * 4_000, months: months() }));
  const heights = Array.from({ length: FILES }, (_, place) => {
    const [width, height] = shapeOf(place);
    return Math.floor((height * 1_000) / width);
  });
  await answer('library_shapes', () => ({ heights_permille: heights }));
  await answer('library_list', ({ offset, limit }) => ({
    items: Array.from({ length: Math.min(limit, FILES - offset) }, (_, at) => item(offset + at)),
  }));
  const drawn = await draw(page);
  const pictures = drawn.pictures.map((base64) => Buffer.from(base64, 'base64'));
  const film = Buffer.from(drawn.clip, 'base64');
  await page.route('**/asset/**', (route) => {
    const path = new URL(route.request().url()).pathname;
    if (!path.endsWith('/thumbnail')) return route.fulfill({ contentType: 'video/webm', body: film });
    const place = parseInt(/-([0-9a-f]{12})\//.exec(path)?.[1] ?? '0', 16);
    return route.fulfill({ contentType: 'image/jpeg', body: pictures[SHAPES.indexOf(shapeOf(place))] });
  });
}

/** Frames and long tasks while the wall moves. */
const scroll = (page, how) =>
  page.evaluate(
    async ([kind, seconds, jumps]) => {
      const wall = document.querySelector('main [role=listbox]').parentElement;
      const frames = [];
      const long = [];
      const observer = new PerformanceObserver((list) => long.push(...list.getEntries().map((each) => each.duration)));
      observer.observe({ entryTypes: ['longtask'] });
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      let last = await frame();
      const began = last;
      let tiles = 0;
      const next = async () => {
        const now = await frame();
        frames.push(now - last);
        last = now;
        tiles = Math.max(tiles, wall.querySelectorAll('[role=option]').length);
      };
      if (kind === 'wheel') {
        while (last - began < seconds * 1_000) {
          wall.scrollTop += 60;
          await next();
        }
      } else {
        for (let jump = 0; jump < jumps; jump += 1) {
          wall.scrollTop = ((jump * 7) % jumps) * (wall.scrollHeight / jumps);
          for (let wait = 0; wait < 20; wait += 1) await next();
        }
      }
      observer.disconnect();
      const sorted = [...frames].sort((a, b) => a - b);
      return {
        frames: frames.length,
        framesASecond: (frames.length * 1_000) / (last - began),
        medianFrameMs: sorted[Math.floor(sorted.length / 2)],
        worstFrameMs: sorted.at(-1),
        framesOver50Ms: frames.filter((ms) => ms > 50).length,
        longTasks: long.length,
        longestTaskMs: Math.max(0, ...long),
        tilesDrawn: tiles,
        reached: wall.scrollTop,
        height: wall.scrollHeight,
      };
    },
    [how, SECONDS, JUMPS],
  );

const { page, close } = await openStudio();
try {
  await fill(page);
  const from = Date.now();
  await page.keyboard.press('Control+4');
  await page.locator('[role=option] img').first().waitFor();
  const firstPictureMs = Date.now() - from;
  await page.waitForTimeout(1_000);
  const wheel = await scroll(page, 'wheel');
  const jumps = await scroll(page, 'jumps');
  process.stdout.write(
    `${JSON.stringify({ load: loadavg()[0], files: FILES, firstPictureMs, wheel, jumps }, null, 2)}\n`,
  );
} finally {
  await close();
}
