// The settings that no other story passes.
import { axe } from './axe';
import { firstKey, withoutKeys } from './keys';
import { expect, test } from './studio';

test('a key is forgotten only after asking, and the question can be answered no', async ({ page }) => {
  await withoutKeys(page);
  const forgotten = await firstKey(page, { kind: 'verified', kept: 'session', models: 3 });
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
  await page.keyboard.press('Control+,');
  const row = page.getByRole('region', { name: 'Providers' }).getByRole('listitem').first();
  await expect(row).toContainText('3 models listed.');
  const options = row.getByRole('button', { name: 'OpenAI key options' });
  const ask = async () => {
    await options.press('Enter');
    await page.getByRole('menuitem', { name: 'Forget the key' }).press('Enter');
  };
  await ask();
  const question = row.getByRole('group', { name: /^Forget the key for OpenAI\? It cannot be brought back/ });
  await expect(question.getByRole('button', { name: 'Keep the key' })).toBeFocused();
  await axe(page, 'asked before a key is forgotten');
  await page.keyboard.press('Enter');
  await expect(question).toBeHidden();
  await expect(options).toBeFocused();
  expect(forgotten).toEqual([]);

  await ask();
  await question.getByRole('button', { name: 'Forget the key' }).press('Enter');
  await expect(row).toContainText('No key yet.');
  expect(forgotten).toEqual(['openai']);
  await expect(row.getByRole('button', { name: 'Add a key' })).toBeFocused();
});

test('the list of groups says which one is being read', async ({ studio, page }) => {
  await studio.practise();
  await page.keyboard.press('Control+,');
  const groups = page.getByRole('navigation', { name: 'Settings groups' });
  const current = groups.locator('[aria-current]');
  await expect(current).toHaveText('Providers');
  await groups.getByRole('button', { name: 'Studio', exact: true }).click();
  await expect(current).toHaveText('Studio');
  const scroll = page.getByRole('region', { name: 'Settings', exact: true });
  await scroll.evaluate((node) => node.scrollTo(0, 0));
  await expect(current).toHaveText('Providers');
  await scroll.evaluate((node) => node.scrollTo(0, node.scrollHeight));
  await expect(current).toHaveText('About');
  await expect(page.getByRole('region', { name: 'Studio', exact: true })).toContainText('Connected');
});
