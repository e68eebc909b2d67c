/** How every browser test here is run: one page, one story, and a browser that must not complain. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { launch, openPage } from './browser.mjs';

export const base = process.env.SHOP_URL ?? '';
assert(base, 'SHOP_URL names the shop under test');

const pictures = process.argv[2] ?? null;
if (pictures) mkdirSync(pictures, { recursive: true });

const browser = await launch();
let passed = 0;

/**
 * Runs `steps(page, picture, complaints)`; afterwards the browser must have had nothing to complain about:
 * no script error, no refused style, no request to anybody else. `picture(step)` keeps a screenshot
 * where a folder was named.
 */
export async function scenario(name, options, steps) {
  const { context, page, complaints } = await openPage(browser, base, options);
  const picture = async (step) => {
    if (pictures) await page.screenshot({ path: join(pictures, `${name}-${step}.png`) });
  };
  try {
    await steps(page, picture, complaints);
    assert.deepEqual(complaints, [], `the browser complained in "${name}"`);
    passed += 1;
    console.log(`passed: ${name}`);
  } catch (error) {
    if (pictures) await page.screenshot({ path: join(pictures, `${name}-failed.png`) }).catch(() => undefined);
    await browser.close();
    console.error(`failed: ${name}\n${error.stack}\n${complaints.join('\n')}`);
    console.log(`${passed} passed, 1 failed`);
    process.exit(1);
  }
  await context.close();
}

export async function done() {
  await browser.close();
  console.log(`${passed} passed, 0 failed`);
}

/**
 * Waits until nothing on the page moves any more, so that a picture shows where it came to rest.
 * Clocks are left out: where a picture takes a second, they never stand.
 */
export async function still(page) {
  const end = performance.now() + 10_000;
  const mask = [page.getByRole('timer')];
  let before = await page.screenshot({ mask });
  for (;;) {
    const now = await page.screenshot({ mask });
    if (now.equals(before)) return;
    assert(performance.now() < end, 'the page comes to rest');
    before = now;
  }
}

/** The slug of an event on sale that has sections: its page must have a map worth the name. */
export async function eventOnSale() {
  if (process.env.SHOP_EVENT) return process.env.SHOP_EVENT;
  const { items } = await ask('/v1/events?limit=100');
  const open = items.filter((event) => event.status === 'on_sale').sort((a, b) => b.seat_count - a.seat_count);
  assert(open.length > 0, 'an event on sale');
  return open[0].slug;
}

export async function ask(path, options = {}) {
  const answer = await fetch(base + path, {
    ...options,
    headers: { 'content-type': 'application/json', ...options.headers },
    signal: AbortSignal.timeout(20_000),
  });
  const text = await answer.text();
  assert(answer.ok, `${options.method ?? 'GET'} ${path}: ${answer.status} ${text.slice(0, 300)}`);
  return text ? JSON.parse(text) : null;
}

/** Goes to the map of `slug` and waits until it is there. */
export async function openMap(page, slug) {
  await page.goto(`/events/${slug}/seats`);
  await page.getByRole('application').waitFor();
}

/** Chooses one free seat through the list, section by section; answers its label in the sheet. */
export async function chooseFromList(page, nth = 0) {
  await page.getByRole('button', { name: 'List' }).click();
  await page.getByRole('heading', { name: 'Sections' }).waitFor();
  await page.locator('ul .entry').nth(nth).click();
  await page.locator('summary').first().waitFor();
  if ((await page.locator('.seat:visible').count()) === 0) await page.locator('summary').first().click();
  await page.locator('.seat:visible').first().click();
  return (await page.locator('.chosen .label').first().evaluate((label) => label.firstChild.textContent)).trim();
}
