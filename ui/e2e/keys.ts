/** A studio of one's own keys, and what the core would say of a key that no one has here. */
import { expect, type Page } from '@playwright/test';
import type { ProviderKeyState } from '../src/bindings/ProviderKeyState';
import type { Providers } from '../src/bindings/Providers';

/** Gives the first provider a key in this state. Returns the providers whose key was forgotten. */
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
