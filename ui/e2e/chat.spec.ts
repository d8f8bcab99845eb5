// The chat room beyond the main job: what answers are made of, comparing, limits, quotes, prompts and files.
import { axe } from './axe';
import { expect, test } from './studio';

// Some of these draw diagrams and wait for slow answers: on a busy machine that takes a while.
test.describe.configure({ timeout: 90_000 });

test.beforeEach(async ({ studio }) => studio.practise());

test('formulas, code and diagrams are drawn, and nothing remote is loaded', async ({ studio, page }) => {
  const remote: string[] = [];
  page.on(
    'request',
    (request) => !/127\.0\.0\.1|localhost|^(blob|data):/.test(request.url()) && remote.push(request.url()),
  );
  const answer = [
    'It is $x^2$, for $5 to $10.',
    '$$a = b$$',
    '```python\nimport os\n```',
    '```mermaid\nflowchart LR\n  A --> B\n```',
    '![map](https://example.org/a.png)',
  ].join('\n\n');
  await studio.ask(`[[say:${answer}]] Go`);
  const shown = page.locator('[data-answer]');
  await expect(shown.locator('.katex')).toHaveCount(2);
  await expect(shown.getByText('for $5 to $10.')).toBeVisible();
  await expect(shown.locator('.hljs-keyword')).toHaveText('import');
  await expect(shown.getByRole('link', { name: 'Picture elsewhere on the web: map' })).toBeVisible();
  await page.getByRole('button', { name: 'Draw the diagram' }).click();
  await expect(shown.getByRole('img', { name: 'Diagram: flowchart LR' })).toBeVisible({ timeout: 20_000 });
  await page.getByRole('button', { name: 'Show the source' }).click();
  await expect(shown.getByText('flowchart LR')).toBeVisible();
  expect(remote).toEqual([]);
});

test('two models side by side by keyboard: one total, two lanes, one kept', async ({ studio, page }) => {
  await studio.write('Compare. [[say:The same words.]]');
  await page.getByRole('button', { name: 'Compare models' }).press('Enter');
  const menu = page.getByRole('dialog', { name: 'Compare models' });
  await menu.getByRole('checkbox', { name: /Haiku 5.5/ }).press('Space');
  await page.keyboard.press('Escape');
  const strip = page.getByRole('region', { name: 'Comparing' });
  await expect(strip).toContainText('2 models, one quote');
  await expect(page.getByRole('button', { name: /^Send to 2 models, about/ })).toBeVisible();
  await axe(page, 'comparing');
  await studio.message.press('Enter');
  const view = page.getByRole('region', { name: 'Compare' });
  const lanes = view.getByRole('article');
  await expect(lanes).toHaveCount(2);
  await expect(lanes.getByRole('button', { name: 'Keep this one' })).toHaveCount(2, { timeout: 20_000 });
  await expect(lanes.last()).toContainText(/charged/);
  await axe(page, 'compare');
  await lanes.first().getByRole('button', { name: 'Keep this one' }).press('Enter');
  await expect(studio.turns).toHaveCount(1);
  await expect(studio.turns).toContainText('1 of 2');
  await studio.turns.getByRole('button', { name: 'More for this turn' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Compare the branches' }).press('Enter');
  await expect(lanes).toHaveCount(2);
  await page.keyboard.press('Escape');
  await expect(studio.message).toBeFocused();
});

test('a turn stops where its person said, and the rest has its price', async ({ studio, page }) => {
  await page.getByRole('button', { name: 'Stop a turn at' }).click();
  await page.getByRole('menuitemcheckbox').nth(1).click();
  await page.keyboard.press('Control+m');
  await page.keyboard.type('5.5 pro');
  await page.keyboard.press('Enter');
  await studio.write('A story. [[think:tokens=1]] [[fault:slow tps=80]] [[length:tokens=2000]]');
  await studio.message.press('Enter');
  await expect(studio.turns.last()).toContainText(/stopped at 1\b/, { timeout: 25_000 });
  await expect(studio.turns.last()).toContainText('your limit for a turn');
  await axe(page, 'stopped');
  await page.getByRole('button', { name: /^Continue for about/ }).click();
  await expect(studio.turns).toHaveCount(2);
});

test('an answer is quoted, and carried into a new conversation', async ({ studio, page }) => {
  await studio.ask('Say it. [[say:It sounds every thirty seconds.]]');
  await page.locator('[data-answer] p').click({ clickCount: 3 });
  await page.getByRole('button', { name: 'Quote', exact: true }).click();
  await expect(studio.message).toHaveValue('> It sounds every thirty seconds.\n\n');
  await expect(studio.message).toBeFocused();
  await studio.message.fill('And when it is foggy?');
  await studio.turns.getByRole('button', { name: 'More for this turn' }).click();
  await page.getByRole('menuitem', { name: /^Start fresh here/ }).click();
  await expect(studio.turns).toHaveCount(0);
  await expect(studio.message).toHaveValue('And when it is foggy?');
  await expect(page.getByText('Pasted text')).toBeVisible();
});

test('a prompt is kept, filled in and used, by keyboard', async ({ studio, page }) => {
  await studio.message.press('/');
  const library = page.getByRole('dialog', { name: 'Prompts' });
  await library.getByRole('button', { name: 'New prompt' }).press('Enter');
  await library.getByRole('textbox', { name: 'Name' }).fill('Plain words');
  await library.getByRole('textbox', { name: 'Prompt' }).fill('Explain {{topic}} to {{who}}.');
  await axe(page, 'prompt');
  await library.getByRole('button', { name: 'Keep', exact: true }).press('Enter');
  await library.getByRole('button', { name: /^Plain words/ }).press('Enter');
  await library.getByRole('textbox', { name: 'topic' }).fill('tides');
  await library.getByRole('textbox', { name: 'who' }).fill('a child');
  await page.keyboard.press('Enter');
  await expect(studio.message).toHaveValue('Explain tides to a child.');
  await expect(studio.message).toBeFocused();
});

test('files stay with their draft, say their share, and are taken out by key', async ({ studio, page }) => {
  const drawn = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 400 });
    return canvas.toDataURL('image/png').split(',')[1]!;
  });
  const file = { name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from(drawn, 'base64') };
  await page.locator('input[type=file]').setInputFiles(file);
  const pieces = page.getByRole('list', { name: 'With the message' });
  await expect(pieces).toContainText('notes.png');
  await studio.write('What is in it?');
  await expect(pieces).toContainText(/% of the price/);
  await page.reload();
  await expect(pieces).toContainText('notes.png');
  await pieces.getByRole('button', { name: 'Remove notes.png' }).press('Delete');
  await expect(pieces).toBeHidden();
  await expect(studio.message).toBeFocused();
});

test('branches are walked by key, and by their buttons, without losing the place', async ({ studio, page }) => {
  await studio.ask('How do tides work? [[say:The moon pulls.]]');
  await page.keyboard.press('Alt+ArrowUp');
  await page.keyboard.press('r');
  await page.keyboard.type('haiku 5.5');
  await page.keyboard.press('Enter');
  const turn = studio.turns.last();
  await expect(turn).toContainText('2 of 2');
  await expect(studio.charge()).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press('Alt+ArrowUp');
  for (const [key, place] of [
    ['Alt+ArrowLeft', '1 of 2'],
    ['Alt+ArrowRight', '2 of 2'],
  ] as const) {
    await page.keyboard.press(key);
    await expect(turn).toContainText(place);
    await expect(turn).toBeFocused();
  }
  await turn.getByRole('button', { name: 'Edit the prompt' }).click();
  await studio.write('And the sun? [[say:A little.]]');
  await studio.message.press('Enter');
  await expect(turn).toContainText('3 of 3');
  await expect(studio.charge()).toBeVisible({ timeout: 20_000 });
  const back = turn.getByRole('button', { name: 'Previous branch' });
  await back.press('Enter');
  await expect(turn).toContainText('2 of 3');
  await expect(back).toBeFocused();
  await back.press('Enter');
  await expect(turn).toContainText('1 of 3');
  await expect(turn).toBeFocused();
});
