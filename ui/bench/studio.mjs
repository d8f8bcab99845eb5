/**
 * What the window costs, measured in Chromium through the webhost: opening a conversation of 10,000 turns, and an
 * answer of 300 tokens a second. `npm run bench`; ANYAI_BINARY names the program. The long conversation is put in
 * place of the core's answer to `conversation_open`, so its figure is the window's alone.
 */
import { loadavg } from 'node:os';
import { openStudio } from './open.mjs';

const TURNS = 10_000;
const RUNS = 5;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** The answer to `conversation_open` with its one turn repeated into a long path. */
function lengthened(view) {
  const [first] = view.turns;
  const id = (n) => `${first.id.slice(0, 24)}${n.toString(16).padStart(12, '0')}`;
  const text = 'A **paragraph** of some length, as answers have. '.repeat(6);
  const turns = Array.from({ length: TURNS }, (_, n) => ({
    ...first,
    id: id(n),
    parent_id: n === 0 ? null : id(n - 1),
    text: `${text}\n\n- one\n- two\n\n\`\`\`js\nconst n = ${n};\n\`\`\``,
  }));
  return { ...view, turns, selected_leaf: id(TURNS - 1) };
}

async function send(page, text) {
  const message = page.getByRole('textbox', { name: 'Message' });
  await message.fill(text);
  await page.getByRole('button', { name: /^Send, about/ }).waitFor();
  await message.press('Enter');
}

/** Processor time of the page's main thread so far: unlike a clock, it does not count who else is at work here. */
async function mainThreadMs(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value * 1_000;
}

/** Frames and long tasks until the answer is complete. */
const watch = (page) =>
  page.evaluate(() => {
    const seen = { frames: [], long: [] };
    const long = new PerformanceObserver((list) =>
      seen.long.push(...list.getEntries().map(({ duration }) => duration)),
    );
    long.observe({ entryTypes: ['longtask'] });
    let last = performance.now();
    const tick = (now) => {
      seen.frames.push(now - last);
      last = now;
      seen.next = requestAnimationFrame(tick);
    };
    seen.next = requestAnimationFrame(tick);
    globalThis.bench = seen;
  });

const watched = (page) =>
  page.evaluate(() => {
    const { frames, long, next } = globalThis.bench;
    cancelAnimationFrame(next);
    return { frames: frames.slice(1), long };
  });

async function streaming(page, session) {
  await send(page, 'Write at length. [[fault:slow tps=300]] [[length:tokens=3000]]');
  await page.locator('[data-answer]').last().waitFor();
  const busyBefore = await mainThreadMs(session);
  await watch(page);
  await page
    .getByRole('button', { name: /open receipt/ })
    .last()
    .waitFor({ timeout: 60_000 });
  const { frames, long } = await watched(page);
  const busy = (await mainThreadMs(session)) - busyBefore;
  const ms = frames.reduce((sum, each) => sum + each, 0);
  return {
    seconds: ms / 1_000,
    processorMsASecond: (busy * 1_000) / ms,
    processorMsAFrame: busy / frames.length,
    framesASecond: (frames.length * 1_000) / ms,
    worstFrameMs: Math.max(...frames),
    longTasks: long.length,
    longestTaskMs: Math.max(0, ...long),
  };
}

/** From the press on the conversation to the frame that shows its last turn. */
async function opening(page, session) {
  const list = page.getByRole('navigation', { name: 'All conversations' });
  const times = [];
  const busy = [];
  for (let run = 0; run < RUNS; run += 1) {
    await page.keyboard.press('Control+n');
    await page.waitForTimeout(300);
    const busyBefore = await mainThreadMs(session);
    await list
      .getByRole('button')
      .first()
      .evaluate((button) => {
        globalThis.opened = new Promise((done) => {
          const from = performance.now();
          const answered = { at: 0 };
          const fetching = globalThis.fetch;
          globalThis.fetch = async (...asked) => {
            const response = await fetching(...asked);
            if (String(asked[0]).includes('conversation_open')) {
              answered.at = performance.now();
              globalThis.fetch = fetching;
            }
            return response;
          };
          const look = () => {
            const shown = [...document.querySelectorAll('[data-turn]')].some((turn) =>
              turn.ariaLabel?.includes('10000'),
            );
            if (!shown) requestAnimationFrame(look);
            else requestAnimationFrame((at) => done({ all: at - from, window: at - answered.at }));
          };
          requestAnimationFrame(look);
          button.click();
        });
      });
    times.push(await page.evaluate(() => globalThis.opened));
    busy.push((await mainThreadMs(session)) - busyBefore);
  }
  const nodes = await page.evaluate(() => document.querySelectorAll('[data-turn]').length);
  return {
    medianMs: median(times.map(({ all }) => all)),
    windowMedianMs: median(times.map(({ window }) => window)),
    processorMedianMs: median(busy),
    turnsOnThePage: nodes,
  };
}

const { page, close } = await openStudio();
try {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const stream = await streaming(page, session);
  await page.route('**/call/conversation_open', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: lengthened(await response.json()) });
  });
  const open = await opening(page, session);
  process.stdout.write(`${JSON.stringify({ load: loadavg()[0], open, stream }, null, 2)}\n`);
} finally {
  await close();
}
