/**
 * The stops of the tour: every screen and state, each reached from the one before. A room adds its lines here; the tour
 * photographs each stop at every size, light and dark.
 */
import { expect, type Studio } from '../studio';

export interface Stop {
  /** The picture's name. */
  readonly name: string;
  readonly go: (studio: Studio) => Promise<void>;
}

const press = (studio: Studio, keys: string) => studio.page.keyboard.press(keys);

export const stops: readonly Stop[] = [
  { name: 'welcome', go: ({ page }) => expect(page.getByRole('button', { name: /Try it now/ })).toBeVisible() },
  {
    name: 'welcome-remote',
    go: ({ page }) => page.getByRole('button', { name: /Connect to a studio server/ }).click(),
  },
  {
    name: 'welcome-budget',
    go: async ({ page }) => {
      await page.getByRole('button', { name: 'Back' }).click();
      await page.getByRole('button', { name: /Use your own provider keys/ }).click();
    },
  },
  {
    name: 'welcome-keys',
    go: async ({ page }) => {
      await page.getByRole('button', { name: 'Continue' }).click();
      await expect(page.getByRole('heading', { name: 'Add a provider key' })).toBeVisible();
    },
  },
  {
    name: 'chat-no-key',
    go: async ({ page }) => {
      await page.getByRole('button', { name: 'Add keys later' }).click();
      await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
    },
  },
  {
    name: 'chat-empty',
    go: async (studio) => {
      await press(studio, 'Control+,');
      await studio.page.getByRole('button', { name: 'Change', exact: true }).click();
      await studio.practise();
    },
  },
  { name: 'chat-draft', go: (studio) => studio.write('Explain how tides work, with a table and a little code') },
  {
    name: 'picker',
    go: async (studio) => {
      await press(studio, 'Control+m');
      await expect(studio.page.getByRole('dialog', { name: 'Choose a model' })).toBeVisible();
    },
  },
  {
    name: 'chat',
    go: async (studio) => {
      await press(studio, 'Escape');
      await studio.message.press('Enter');
      await expect(studio.charge()).toBeVisible({ timeout: 30_000 });
      await studio.write('Which Saturdays have low water around noon?');
    },
  },
  {
    name: 'receipt',
    go: async (studio) => {
      await studio.charge().click();
      await expect(studio.page.getByRole('dialog', { name: 'Receipt' }).getByText('Rate card')).toBeVisible();
    },
  },
  {
    name: 'balance',
    go: async (studio) => {
      await press(studio, 'Escape');
      await studio.balance.click();
    },
  },
  {
    name: 'palette',
    go: async (studio) => {
      await press(studio, 'Escape');
      await press(studio, 'Control+k');
    },
  },
  {
    name: 'palette-found',
    go: async (studio) => {
      await studio.page.keyboard.type('tides');
      await expect(studio.page.getByRole('option').first()).toBeVisible();
    },
  },
  {
    name: 'keys',
    go: async (studio) => {
      await press(studio, 'Escape');
      await press(studio, 'Control+/');
      await expect(studio.page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
    },
  },
  {
    name: 'settings',
    go: async (studio) => {
      await press(studio, 'Escape');
      await press(studio, 'Control+,');
      await expect(studio.page.getByRole('heading', { name: 'Providers' })).toBeVisible();
    },
  },
  {
    name: 'settings-below',
    go: ({ page }) => page.getByRole('heading', { name: 'About' }).scrollIntoViewIfNeeded(),
  },
  {
    name: 'toast',
    go: async (studio) => {
      await press(studio, 'Control+1');
      await studio.page.getByRole('button', { name: 'Conversation menu' }).click();
      await studio.page.getByRole('menuitem', { name: 'Delete' }).click();
      await expect(studio.page.getByRole('region', { name: 'What was just done' })).toContainText('Deleted');
    },
  },
  {
    name: 'usage',
    go: async (studio) => {
      await press(studio, 'Control+5');
      await expect(studio.page.getByRole('heading', { name: 'Usage', exact: true })).toBeVisible();
    },
  },
  {
    name: 'arabic',
    go: async (studio) => {
      await press(studio, 'Control+,');
      await studio.page.getByRole('radio', { name: 'العربية' }).click();
      await expect(studio.page.locator('html')).toHaveAttribute('dir', 'rtl');
    },
  },
  { name: 'arabic-chat', go: (studio) => press(studio, 'Control+1') },
];
