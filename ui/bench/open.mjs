/** A studio of its own in a browser, gone through the practice door: what every bench begins with. */
import { chromium } from '@playwright/test';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BINARY = process.env.ANYAI_BINARY ?? fileURLToPath(new URL('../../target/debug/anyai', import.meta.url));

async function serve(folder) {
  const child = spawn(BINARY, ['web', '--data', folder, '--json'], { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface({ input: child.stdout })) return { child, url: JSON.parse(line).url };
  throw new Error('`anyai web` ended before it said where it is');
}

async function practise(page) {
  await page.getByRole('button', { name: /Try it now/ }).click();
  await page.getByRole('radio', { name: /^Max/ }).click();
  await page.getByRole('button', { name: 'Open the practice studio' }).click();
  await page.getByRole('textbox', { name: 'Message' }).waitFor();
}

/** Call `close` whatever happens. */
export async function openStudio() {
  const folder = await mkdtemp(join(tmpdir(), 'anyai-bench-'));
  const { child, url } = await serve(folder);
  const browser = await chromium.launch({
    executablePath: process.env.ANYAI_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const close = async () => {
    await browser.close();
    child.kill();
    await rm(folder, { recursive: true, force: true });
  };
  await page.goto(url);
  await practise(page);
  return { page, close };
}
