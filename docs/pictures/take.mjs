/**
 * Takes the pictures of README again, from a running demo:
 *
 *   bin/demo                                            (in one terminal)
 *   mkdir -p /tmp/pictures
 *   SHOP_URL=http://localhost:8000 TMPDIR=/tmp/pictures .venv/node/node docs/pictures/take.mjs
 *
 * It buys two seats of the demo's stadium.
 */
import { fileURLToPath } from 'node:url';

import { DESKTOP, PHONE, launch, openPage } from '../../tests/browser/browser.mjs';

const EVENT = 'aurora-line-hamburg';
const base = process.env.SHOP_URL ?? 'http://localhost:8000';
const browser = await launch();

/** Opens a page, lets `steps` go through it, and closes it; `keep(name)` writes a picture. */
async function visit(options, steps) {
  const { context, page } = await openPage(browser, base, { deviceScaleFactor: 1, ...options });
  const keep = async (name) => {
    await page.waitForTimeout(800); // glides and fades end
    await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, import.meta.url)) });
  };
  await steps(page, keep);
  await context.close();
}

async function openMap(page) {
  await page.goto(`/events/${EVENT}/seats`);
  await page.getByRole('application').waitFor();
}

async function holdTwo(page) {
  await openMap(page);
  await page.getByRole('button', { name: /find 2 seats together/i }).click();
  await page.getByText('Held for you').waitFor();
}

await visit({ size: DESKTOP }, async (page, keep) => {
  await page.goto('/');
  await page.locator('a.event').first().waitFor();
  await keep('shop-desktop');
});

await visit({ size: DESKTOP, scheme: 'dark' }, async (page, keep) => {
  await openMap(page);
  await keep('map-desktop-dark');
});

await visit({ size: PHONE }, async (page, keep) => {
  await page.goto(`/events/${EVENT}`);
  await page.locator('h1').waitFor();
  await keep('event-phone');
  await holdTwo(page);
  await keep('held-phone');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(/\/checkout\//);
  await page.getByLabel('Name').fill('Ada Okonkwo-Lindström');
  await page.getByLabel('E-mail').fill('ada@example.org');
  await keep('checkout-phone');
  await page.getByRole('button', { name: /^pay/i }).click();
  await page.waitForURL(/\/orders\//);
  await page.locator('.ticket svg[role=img]').first().waitFor();
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.locator('.ticket').first().scrollIntoViewIfNeeded();
  await keep('ticket-phone-dark');
});

await visit({ size: DESKTOP }, async (page, keep) => {
  await page.goto('/inbox/');
  await page.getByText(/Your tickets/).first().click();
  await page.getByRole('tab', { name: 'Plain text' }).click();
  await keep('inbox-desktop');
});

await browser.close();
