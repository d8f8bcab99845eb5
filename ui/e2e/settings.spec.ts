// Keys of one's own, as far as a studio goes without one: what the core would answer for them is written here.
import type { Page } from '@playwright/test';
import type { ProviderKeyState } from '../src/bindings/ProviderKeyState';
import type { Providers } from '../src/bindings/Providers';
import { axe } from './axe';
import { expect, test } from './studio';

/** The studio's providers, the first of which has a key in this state. Returns the providers whose key was forgotten. */
export async function firstKey(page: Page, key: ProviderKeyState): Promise<string[]> {
  const forgotten: string[] = [];
  await page.route('**/call/provider_list', async (route) => {
    const response = await route.fetch();
    const { providers } = (await response.json()) as Providers;
    const [first, ...rest] = providers;
    await route.fulfill({ response, json: { providers: [{ ...first, key }, ...rest] } });
  });
  await page.route('**/call/provider_key_forget', async (route) => {
    forgotten.push((route.request().postDataJSON() as { provider: string }).provider);
    await page.unroute('**/call/provider_list');
    await route.continue();
  });
  return forgotten;
}

/** Through the door of one's own keys, to the settings. */
export async function withoutKeys(page: Page): Promise<void> {
  await page.getByRole('button', { name: /Use your own provider keys/ }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Add keys later' }).click();
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
}

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
});
