/**
 * What a page measures of itself. The benches put it into the window, in Chromium and in WebKitGTK alike: figures
 * appear in `globalThis.bench`, so that a driver can ask for them without being in the way.
 */
const frame = () => new Promise((done) => requestAnimationFrame(done));
const shows = (number) =>
  [...document.querySelectorAll('[data-turn]')].some((turn) => {
    const { top, bottom } = turn.getBoundingClientRect();
    return turn.ariaLabel?.includes(String(number)) && top < innerHeight && bottom > 0;
  });
const longest = (values) => values.reduce((most, value) => Math.max(most, value), 0);

const bench = {
  opened: null,
  watched: null,
  keys: [],
  prices: [],

  /** From the press on a conversation to the frame that shows its last turn. */
  open(title, last) {
    bench.opened = null;
    const button = [...document.querySelectorAll('nav button')].find(({ textContent }) => textContent.includes(title));
    const from = performance.now();
    button.click();
    void (async () => {
      while (!shows(last)) await frame();
      bench.opened = (await frame()) - from;
    })();
  },

  /** Frames and long tasks from now on, until `unwatch`. WebKit knows no long tasks. */
  watch() {
    const frames = [];
    const long = [];
    const observer = PerformanceObserver.supportedEntryTypes.includes('longtask')
      ? new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration)))
      : null;
    observer?.observe({ entryTypes: ['longtask'] });
    let last = performance.now();
    let next = requestAnimationFrame(function tick(now) {
      frames.push(now - last);
      last = now;
      next = requestAnimationFrame(tick);
    });
    bench.unwatch = () => {
      cancelAnimationFrame(next);
      observer?.disconnect();
      const counted = frames.slice(1);
      const ms = counted.reduce((sum, each) => sum + each, 0);
      bench.watched = {
        seconds: ms / 1_000,
        framesASecond: (counted.length * 1_000) / ms,
        worstFrameMs: longest(counted),
        longTasks: observer ? long.length : null,
        longestTaskMs: observer ? longest(long) : null,
      };
      return bench.watched;
    };
  },

  /**
   * The bare probe: nothing of ours is left on the page but one paragraph, which gets five words a frame as a quick
   * answer does. What is missing to a frame at every turn of the screen then is the machine's and the engine's.
   */
  bare(seconds) {
    document.documentElement.innerHTML =
      '<body style="font: 15px/25px sans-serif; margin: 40px; width: 720px"><p></p></body>';
    const page = document.querySelector('p');
    bench.watched = null;
    bench.watch();
    const from = performance.now();
    requestAnimationFrame(function write(now) {
      page.append('five more words every frame ');
      if (page.textContent.length > 4_000) page.textContent = '';
      if (now - from < seconds * 1_000) requestAnimationFrame(write);
      else bench.unwatch();
    });
  },

  /** Of each key: how late it was heard, and how long after it the thread was free again. */
  hearKeys() {
    bench.keys = [];
    const { port1, port2 } = new MessageChannel();
    const waiting = [];
    port2.onmessage = () => {
      const { from, heard } = waiting.shift();
      bench.keys.push({ late: heard - from, free: performance.now() - from });
    };
    addEventListener(
      'keydown',
      (event) => {
        waiting.push({ from: event.timeStamp, heard: performance.now() });
        port1.postMessage(null);
      },
      { capture: true },
    );
  },

  /** Changes the draft so that its price must change, and counts frames until the new one is in the document. */
  price(rounds) {
    bench.prices = [];
    const field = document.querySelector('[data-message]');
    const model = document.querySelector('[data-model-button]');
    const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set;
    const round = async (number) => {
      const before = model.textContent;
      let frames = 0;
      set.call(field, 'word '.repeat(2_000 * (1 + (number % 2))));
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      while (model.textContent === before && frames < 600) {
        await frame();
        frames += 1;
      }
      bench.prices.push(frames);
    };
    void (async () => {
      for (let number = 0; number < rounds; number += 1) await round(number);
      bench.prices.push(null);
    })();
  },
};
globalThis.bench = bench;
