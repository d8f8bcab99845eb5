// Pictures in a prompt: attached, priced, sent, and still there afterwards.
import { expect, test } from './studio';

/** A picture drawn by the page itself. */
const draw = (page: import('@playwright/test').Page) =>
  page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 40 });
    const pen = canvas.getContext('2d')!;
    pen.fillStyle = 'teal';
    pen.fillRect(0, 0, 64, 40);
    return canvas.toDataURL('image/png').split(',')[1]!;
  });

test('attach, remove, attach again, send, reopen', async ({ studio, page }) => {
  await studio.practise();
  const file = { name: 'tide.png', mimeType: 'image/png', buffer: Buffer.from(await draw(page), 'base64') };
  await page.locator('input[type=file]').setInputFiles(file);
  await expect(page.getByText('64 × 40')).toBeVisible();
  await page.getByRole('button', { name: 'Remove tide.png' }).click();
  await expect(page.getByText('64 × 40')).toBeHidden();
  await page.locator('input[type=file]').setInputFiles(file);
  await studio.ask('What is this? [[say:A teal field.]]');
  await expect(studio.turns.last().getByRole('img', { name: 'tide.png' })).toBeVisible();
  await page.reload();
  await page.getByRole('navigation', { name: 'All conversations' }).getByRole('button').first().click();
  await expect(studio.turns.last().getByRole('img', { name: 'tide.png' })).toBeVisible();
});
