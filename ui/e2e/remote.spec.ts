// A studio server elsewhere: connecting, losing it, reading offline, and sending when it is back.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, Server } from './server';
import { expect, test } from './studio';

test('connect, lose the server, read offline, send when it is back', async ({ studio, page }) => {
  test.setTimeout(90_000);
  const folder = await mkdtemp(join(tmpdir(), 'anyai-server-'));
  const server = new Server(folder);
  try {
    const { url, token } = await server.start('127.0.0.1:0');
    await page.getByRole('button', { name: /Connect to a studio server/ }).click();
    await page.getByRole('textbox', { name: 'Address' }).fill(url);
    await connect(page, 'a-wrong-token');
    await expect(page.getByRole('alert').first()).toContainText('refused the access token');
    await connect(page, token!);
    await studio.ask('Hello. [[say:From elsewhere.]]');
    await expect(page.locator('.md')).toHaveText('From elsewhere.');

    await server.stop();
    const balance = page.getByRole('button', { name: /as of \d\d:\d\d, offline/ });
    await expect(balance).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText(/^Offline since/)).toBeVisible();
    await expect(page.locator('.md')).toHaveText('From elsewhere.');
    await page.getByRole('textbox', { name: 'Search conversations' }).fill('elsewhere');
    await expect(page.getByRole('region', { name: 'Search results' }).getByRole('button').first()).toBeVisible();
    await page.getByRole('button', { name: 'Clear search' }).click();
    await studio.message.fill('And now? [[say:Back again.]]');
    await page.getByRole('button', { name: 'Send when back' }).click();
    await expect(page.getByRole('button', { name: 'Sends when back' })).toBeVisible();

    await server.start(new URL(url).host);
    await expect(studio.turns).toHaveCount(2, { timeout: 45_000 });
    await expect(page.locator('.md').last()).toHaveText('Back again.', { timeout: 20_000 });
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
