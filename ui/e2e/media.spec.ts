// Pictures, clips and the library: the main job by mouse and by keyboard alone, what is heard, and axe in both themes.
import { axe } from './axe';
import { expect, test } from './studio';

const MADE = { timeout: 40_000 };

test('pictures: priced, made, varied into a clip, found in the library', async ({ studio, page }) => {
  test.slow();
  test.setTimeout(150_000);
  await studio.practise();
  await page.getByRole('button', { name: 'Image', exact: true }).click();
  await expect(page.getByText('Nothing made yet')).toBeVisible();
  const form = page.getByRole('complementary', { name: 'New image' });
  await form.getByRole('textbox', { name: 'Prompt' }).fill('A red fox in fog');
  await form.getByRole('radio', { name: /Draft/ }).click();
  await form.getByRole('button', { name: 'More', exact: true }).click();
  const make = form.getByRole('button', { name: /^Make 2 images\s.* practice\scredits$/ });
  await expect(make).toBeEnabled();
  await axe(page, 'image, priced');
  await make.click();
  const batch = page.getByRole('region', { name: 'A red fox in fog' });
  await expect(batch.getByRole('progressbar').first()).toBeVisible();
  await expect(batch.getByRole('button', { name: /^Image 2,/ })).toBeVisible(MADE);
  await expect(page.locator('[data-live=turn]')).toHaveText(/2 images ready, .*[^]practice[^]credits/);
  await batch.getByRole('button', { name: /open receipt/ }).click();
  await expect(page.getByRole('dialog', { name: 'Receipt' })).toBeVisible();
  await page.keyboard.press('Escape');
  await batch.getByRole('button', { name: /^Image 1,/ }).click();
  await expect(
    page.getByRole('toolbar', { name: 'Image 1' }).getByRole('button', { name: /^Variations\s/ }),
  ).toBeEnabled();
  await axe(page, 'image, made');

  await page.getByRole('button', { name: 'Animate' }).click();
  const clip = page.getByRole('complementary', { name: 'New clip' });
  await expect(clip.getByRole('img', { name: /A red fox/ })).toBeVisible();
  await clip.getByRole('textbox', { name: 'Prompt' }).fill('The fog lifts');
  await clip.getByRole('switch', { name: 'Make a draft first' }).click();
  await clip.getByRole('button', { name: /^Make draft\s.* practice\scredits$/ }).click();
  await expect(page.getByText(/1 clip in flight/)).toBeVisible();

  // Closing the window loses nothing: the job is there on return.
  await page.reload();
  await page.getByRole('button', { name: /^Video/ }).click();
  const final = page.getByRole('button', { name: /^Make final\s\+\d+/ });
  await expect(final).toBeEnabled({ timeout: 60_000 });
  await axe(page, 'video, a draft');

  await page.keyboard.press('Control+4');
  const wall = page.getByRole('listbox', { name: 'Everything made' });
  await expect(wall.getByRole('option')).toHaveCount(3);
  await expect(wall.getByRole('option').first()).toHaveAccessibleName(/^Clip, The fog lifts, .*practice.credits$/);
  await axe(page, 'library');
  await page.getByRole('textbox', { name: 'Search prompts' }).fill('fox');
  await expect(wall.getByRole('option')).toHaveCount(2);
  await wall.getByRole('option').first().click();
  const details = page.getByRole('complementary', { name: 'Selected item' });
  await expect(details.getByText('1024 × 1024', { exact: true })).toBeVisible();
  await axe(page, 'library, a chosen picture');
  await details.getByRole('button', { name: 'Delete' }).click();
  await expect(wall.getByRole('option')).toHaveCount(1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(wall.getByRole('option')).toHaveCount(2);
});

test('by keyboard alone: a picture from its prompt to the large view', async ({ studio, page }) => {
  test.setTimeout(90_000);
  await studio.practise();
  await page.keyboard.press('Control+2');
  const prompt = page.getByRole('textbox', { name: 'Prompt' });
  await expect(prompt).toBeVisible();
  while (!(await prompt.evaluate((node) => node === document.activeElement))) await page.keyboard.press('Tab');
  await page.keyboard.type('A quiet harbour');
  await expect(page.getByRole('button', { name: /^Make 1 image\s/ })).not.toHaveAttribute('aria-disabled', 'true');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('button', { name: /^Image 1, A quiet harbour/ })).toBeVisible(MADE);

  await page.keyboard.press('Control+4');
  const cell = page.getByRole('option').first();
  await expect(cell).toBeVisible();
  while (!(await cell.evaluate((node) => node === document.activeElement))) await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await expect(cell).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'A quiet harbour' })).toBeVisible();
  await axe(page, 'large view');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'A quiet harbour' })).toBeHidden();
});

test('the structure of the studios', async ({ studio, page }) => {
  await studio.practise();
  await page.keyboard.press('Control+2');
  await expect(page.getByRole('button', { name: /^Make 1 image\s.* practice\scredits$/ })).toBeVisible();
  await expect(page.getByRole('complementary', { name: 'New image' })).toMatchAriaSnapshot({ name: 'image.aria.yml' });
  await page.keyboard.press('Control+3');
  await expect(page.getByRole('button', { name: /^Make clip\s.* practice\scredits$/ })).toBeVisible();
  await expect(page.getByRole('complementary', { name: 'New clip' })).toMatchAriaSnapshot({ name: 'video.aria.yml' });
});
