// The window in its other languages: words, numbers, direction, and nothing left in English.
import { ar } from '../src/text/ar';
import { de } from '../src/text/de';
import type { Words } from '../src/text/words.svelte';
import { axe, overflow } from './axe';
import { expect, test, type Studio } from './studio';

async function practise({ page }: Studio, words: Words): Promise<void> {
  await page.getByRole('button', { name: words.welcome.doors.simulated.title }).click();
  await page.getByRole('button', { name: words.welcome.budget.openPractice }).click();
  await expect(page.getByRole('textbox', { name: words.composer.message })).toBeVisible();
}

for (const { locale, words, dir, digits } of [
  { locale: 'de-CH', words: de, dir: 'ltr', digits: /2\.000/ },
  { locale: 'ar-SA', words: ar, dir: 'rtl', digits: /٢٬٠٠٠/ },
]) {
  test.describe(locale, () => {
    test.use({ locale });

    test('follows the system from the first screen on', async ({ studio, page }) => {
      await expect(page.getByRole('heading', { name: words.welcome.hero })).toBeVisible();
      await expect(page.locator('html')).toHaveAttribute('dir', dir);
      await axe(page, `welcome, ${locale}`);
      await practise(studio, words);
      await expect(page.getByRole('main')).toContainText(digits);
      await axe(page, `empty, ${locale}`);
      const message = page.getByRole('textbox', { name: words.composer.message });
      await message.fill('Hello. [[say:Good day.]]');
      await expect(page.getByRole('button', { name: words.composer.sendAbout('') })).toBeEnabled();
      await message.press('Enter');
      await expect(page.locator('.md')).toHaveText('Good day.', { timeout: 20_000 });
      await expect(page.locator('[data-live="turn"]')).toHaveText(new RegExp(words.shell.live.complete('')));
      await axe(page, `chat, ${locale}`);
      await page.keyboard.press('Control+,');
      await expect(page.getByRole('heading', { name: words.settings.sections.language })).toBeVisible();
      await axe(page, `settings, ${locale}`);
      expect(await overflow(page)).toBe(0);
      await page.keyboard.press('Control+k');
      await expect(page.getByRole('dialog', { name: words.actions.palette.title })).toBeVisible();
      await axe(page, `palette, ${locale}`);
    });
  });
}

test('a language is chosen in the settings, at once and for good', async ({ studio, page }) => {
  await studio.practise();
  await page.keyboard.press('Control+,');
  await page.getByRole('radio', { name: 'العربية' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ar');
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await expect(page.getByRole('heading', { name: ar.settings.sections.language })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: ar.settings.sections.language })).toBeVisible();
  await page.getByRole('radio', { name: 'English' }).click();
  await expect(page.locator('html')).toHaveAttribute('dir', 'ltr');
});
