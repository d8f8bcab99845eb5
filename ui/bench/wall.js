/**
 * Runs in the page, in a browser as in the real window: fills the library with a hundred thousand files and scrolls its
 * wall. The files stand in place of the core's answers, by way of `fetch`, which carries both hosts' calls.
 */
{
  const FILES = 100_000;
  const MONTHS = 40;
  const SECONDS = globalThis.wallIsShort ? { rest: 1, wheel: 2, jumps: 2 } : { rest: 3, wheel: 10, jumps: 10 };
  const CLIP_EVERY = 5;
  const SHAPES = [
    [1_024, 1_024],
    [1_536, 1_024],
    [1_024, 1_536],
    [1_920, 1_080],
    [1_080, 1_920],
  ];
  const shapeOf = (place) => SHAPES[(place * 7 + (place >> 3)) % SHAPES.length];
  const idOf = (place) => `0196f3a0-0000-7000-8000-${place.toString(16).padStart(12, '0')}`;
  const placeOf = (id) => parseInt(id.slice(-12), 16);

  function item(place) {
    const [width, height] = shapeOf(place);
    const file =
      place % CLIP_EVERY === 0
        ? { name: 'clip.webm', mime: 'video/webm', duration_ms: 6_000 }
        : { name: 'picture.jpg', mime: 'image/jpeg', duration_ms: null };
    return {
      asset: { asset_id: idOf(place), bytes: 1_300_000, width, height, ...file },
      turn_id: idOf(0),
      conversation_id: idOf(0),
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

  /** Of each shape a small picture, as the core makes them. */
  function draw() {
    const drawn = [];
    for (const [index, [width, height]] of SHAPES.entries()) {
      const small = 512 / Math.max(width, height);
      const canvas = Object.assign(document.createElement('canvas'), { width: width * small, height: height * small });
      const pen = canvas.getContext('2d');
      for (let y = 0; y < canvas.height; y += 4)
        for (let x = 0; x < canvas.width; x += 4) {
          pen.fillStyle = `hsl(${(index * 70 + x / 5 + 20 * Math.sin(y / 40)) % 360} 45% ${40 + ((x * y) % 30)}%)`;
          pen.fillRect(x, y, 4, 4);
        }
      drawn.push(plain(canvas.toDataURL('image/jpeg', 0.82).split(',')[1]));
    }
    return drawn;
  }

  /** Without the colour profile that WebKit's canvas writes: the core's small pictures have none. */
  function plain(base64) {
    const bytes = atob(base64);
    let [kept, at] = [bytes.slice(0, 2), 2];
    while (bytes.charCodeAt(at + 1) !== 0xda) {
      const end = at + 2 + bytes.charCodeAt(at + 2) * 256 + bytes.charCodeAt(at + 3);
      if (bytes.charCodeAt(at + 1) !== 0xe2) kept += bytes.slice(at, end);
      at = end;
    }
    return btoa(kept + bytes.slice(at));
  }

  let pictures = [];
  const answers = {
    library_count: () => ({ count: FILES, charged: FILES * 4_000, months: months() }),
    library_shapes: () => ({
      heights_permille: Array.from({ length: FILES }, (_, place) => {
        const [width, height] = shapeOf(place);
        return Math.floor((height * 1_000) / width);
      }),
    }),
    library_list: ({ offset, limit }) => ({
      items: Array.from({ length: Math.min(limit, FILES - offset) }, (_, at) => item(offset + at)),
    }),
    asset_read: ({ asset_id }) => {
      const base64 = wall.picture(placeOf(asset_id));
      return { mime: 'image/jpeg', total: atob(base64).length, base64 };
    },
  };

  /** The name and the request of a call: a browser names it in the address, the shell in what is sent. */
  function callOf(url, body) {
    const named = /\/call\/(\w+)$/.exec(url)?.[1];
    if (typeof body !== 'string') return null;
    const sent = JSON.parse(body);
    return named ? { name: named, request: sent } : url.endsWith('/call') ? sent : null;
  }

  globalThis.wall = {
    picture: (place) => pictures[SHAPES.indexOf(shapeOf(place))],
    /** Which of the pictures each file has, for those who answer for it outside the page. */
    pictures: () => ({
      drawn: pictures,
      of: Array.from({ length: FILES }, (_, place) => SHAPES.indexOf(shapeOf(place))),
    }),

    async fill() {
      pictures = draw();
      const fetching = globalThis.fetch;
      globalThis.fetch = async (...asked) => {
        const call = callOf(String(asked[0]), asked[1]?.body);
        const answer = call && answers[call.name];
        if (!answer) return fetching(...asked);
        const headers = { 'content-type': 'application/json', 'Tauri-Response': 'ok' };
        return new Response(JSON.stringify(answer(call.request)), { headers });
      };
      wall.filled = true;
    },

    /** At rest, to know the machine by; down as a wheel goes; or across in jumps, as a dragged bar makes them. */
    async scroll(how) {
      wall.scrolled = null;
      const scroller = document.querySelector('main [role=listbox]').parentElement;
      const frames = [];
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      let last = await frame();
      const began = last;
      let tiles = 0;
      const next = async () => {
        const now = await frame();
        frames.push(now - last);
        last = now;
        tiles = Math.max(tiles, scroller.querySelectorAll('[role=option]').length);
      };
      let jumps = 0;
      while (last - began < SECONDS[how] * 1_000) {
        if (how === 'wheel') scroller.scrollTop += 60;
        if (how === 'jumps' && last - began >= jumps * 500) {
          scroller.scrollTop = ((jumps * 7) % 20) * (scroller.scrollHeight / 20);
          jumps += 1;
        }
        await next();
      }
      const sorted = [...frames].sort((a, b) => a - b);
      wall.scrolled = {
        frames: frames.length,
        framesASecond: (frames.length * 1_000) / (last - began),
        medianFrameMs: sorted[Math.floor(sorted.length / 2)],
        worstFrameMs: sorted.at(-1),
        framesOver50Ms: frames.filter((ms) => ms > 50).length,
        tilesDrawn: tiles,
        pictures: scroller.querySelectorAll('[role=option] :is(img, video)').length,
        height: scroller.scrollHeight,
      };
      return wall.scrolled;
    },
  };
}
