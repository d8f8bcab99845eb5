// Coming from other programs and leaving with everything, in the settings room; and what it would have cost, in usage.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { axe, overflow } from './axe';
import { EXPORT } from './claude';
import { expect, test, type Studio } from './studio';

const enter = async (studio: Studio, room: 'settings' | 'usage') => {
  await studio.page.keyboard.press(room === 'settings' ? 'Control+,' : 'Control+5');
  const name = room === 'settings' ? 'Settings' : 'Usage';
  await expect(studio.page.getByRole('heading', { name, level: 1 })).toBeVisible();
};

const data = (studio: Studio) => studio.page.getByRole('region', { name: 'Your data' });

async function bring(studio: Studio, text: string): Promise<void> {
  const choosing = studio.page.waitForEvent('filechooser');
  await data(studio).getByRole('button', { name: 'Choose a file' }).press('Enter');
  await (
    await choosing
  ).setFiles({ name: 'conversations.json', mimeType: 'application/json', buffer: Buffer.from(text) });
}

test('conversations of another program come in once, open with their branches and go on', async ({ studio, page }) => {
  await studio.practise();
  await enter(studio, 'settings');
  await bring(studio, EXPORT);
  const rows = data(studio);
  await expect(rows.getByText('Brought in from Claude')).toBeVisible();
  await expect(rows.getByText('2 new conversations')).toBeVisible();
  await expect(rows.getByText('4 new turns')).toBeVisible();
  await expect(rows.getByText('1 conversation left out: nothing is said in it, or it is damaged')).toBeVisible();
  await axe(page, 'settings after an import');

  await bring(studio, EXPORT);
  await expect(rows.getByText('2 conversations here already')).toBeVisible();
  await expect(rows.getByText(/new conversation/)).toHaveCount(0);

  await page.keyboard.press('Control+1');
  await page.getByRole('button', { name: /^Bread/ }).click();
  await expect(studio.turns).toHaveCount(2);
  await expect(studio.turns.last()).toContainText('A week of patience.');
  await expect(studio.turns.last()).toContainText('answered in another program');
  await studio.turns
    .last()
    .getByRole('button', { name: /previous|earlier/i })
    .first()
    .click();
  await expect(studio.turns.last()).toContainText('Buy new.');
  await studio.ask('[[say:Flour.]] What else?');
  await expect(studio.turns.last()).toContainText('Flour.');
});

test('everything is written into a folder whose path is said', async ({ studio, page }) => {
  await studio.practise();
  await studio.ask('[[say:Amber.]] Which colour?');
  await enter(studio, 'settings');
  const rows = data(studio);
  await rows.getByRole('button', { name: 'Export', exact: true }).press('Enter');
  await expect(rows.getByText('The export is whole')).toBeVisible();
  await expect(rows.getByText('Conversations: 1. Turns: 1. Files: 0.')).toBeVisible();
  const path = await rows.getByText(join(studio.folder, 'exports')).innerText();
  expect((await readdir(path)).sort()).toEqual(['conversations', 'index.md', 'ledger.csv', 'media', 'studio.json']);
  expect(await readFile(join(path, 'studio.json'), 'utf8')).toContain('Amber.');
  await axe(page, 'settings after an export');
  expect(await overflow(page)).toBe(0);
});

test('what is no export is said to be none', async ({ studio, page }) => {
  await studio.practise();
  await enter(studio, 'settings');
  await bring(studio, '{"a": 1}');
  await expect(page.getByText(/^That file is no export of ChatGPT/)).toBeVisible();
  await expect(data(studio).getByText('Nothing was brought in.')).toBeVisible();
});

test('imported months find the plan that fits', async ({ studio, page }) => {
  await studio.practise();
  await enter(studio, 'usage');
  const part = page.getByRole('region', { name: 'Coming from another program' });
  await part.getByRole('button', { name: 'Work it out' }).press('Enter');
  await expect(part.getByText('No conversation of another program is here yet.')).toBeVisible();
  await part.getByRole('button', { name: 'Bring one in' }).press('Enter');
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  await bring(studio, EXPORT);
  await expect(data(studio).getByText('Brought in from Claude')).toBeVisible();
  await enter(studio, 'usage');
  await part.getByRole('button', { name: 'Work it out' }).press('Enter');
  await expect(part.getByText(/fits you$/)).toBeVisible();
  await expect(part.getByText(/^4 turns, as if asked of/)).toBeVisible();
  await axe(page, 'usage with imported months');
});
