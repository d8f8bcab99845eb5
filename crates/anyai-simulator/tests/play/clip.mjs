// Plays a clip in Chromium and says what the browser makes of it: duration, size, whether it seeks, and whether its
// frames show something and move. `node tests/play/clip.mjs FILE` (or an http address); it needs the UI's packages.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../../ui/package.json', import.meta.url));
const { chromium } = require('@playwright/test');

/** What a browser page makes of a clip at this address (`data:` addresses too). */
export async function look(page, address) {
  return page.evaluate(async (source) => {
    const video = document.createElement('video');
    video.muted = true;
    const told = (event) =>
      new Promise((resolve, reject) => {
        video.addEventListener(event, resolve, { once: true });
        video.addEventListener('error', () => reject(new Error(video.error?.message ?? 'no error')), { once: true });
      });
    const loaded = told('loadeddata');
    video.src = source;
    await loaded;
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [64, 36];
    const context = canvas.getContext('2d', { willReadFrequently: true });
    const frameAt = async (seconds) => {
      const sought = told('seeked');
      video.currentTime = seconds;
      await sought;
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      return [...context.getImageData(0, 0, canvas.width, canvas.height).data];
    };
    const early = await frameAt(0.05);
    const late = await frameAt(video.duration * 0.6);
    const started = told('playing');
    await video.play();
    await started;
    return {
      duration: video.duration,
      width: video.videoWidth,
      height: video.videoHeight,
      seekable: video.seekable.length > 0 && video.seekable.end(0),
      colours: new Set(early.map((value) => value >> 4)).size,
      moved: early.filter((value, at) => Math.abs(value - late[at]) > 12).length,
    };
  }, address);
}

const [given] = process.argv.slice(2);
if (given) {
  const address = given.startsWith('http')
    ? given
    : `data:video/webm;base64,${readFileSync(given).toString('base64')}`;
  const browser = await chromium.launch({
    executablePath: process.env['ANYAI_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  console.log(JSON.stringify(await look(await browser.newPage(), address)));
  await browser.close();
}
