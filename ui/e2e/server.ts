/** A studio server of its own, started and lost at will: `anyai serve` with simulated providers. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Page } from '@playwright/test';
import { BINARY } from './studio';

interface Served {
  readonly url: string;
  readonly token?: string;
}

export class Server {
  #process: ChildProcess | null = null;

  constructor(readonly folder: string) {}

  async start(listen: string): Promise<Served> {
    const args = ['serve', '--simulated', '--data', this.folder, '--listen', listen, '--plan', 'pro', '--json'];
    const child = spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line) as Served;
    throw new Error('`anyai serve` ended before it said where it is');
  }

  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** Fills in the remote door and presses Connect. */
export async function connect(page: Page, token: string): Promise<void> {
  await page.getByLabel('Access token').fill(token);
  const keep = page.getByRole('radio', { name: 'Until the studio closes' });
  if (await keep.isVisible()) await keep.click();
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
}
