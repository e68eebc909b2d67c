/**
 * Every page and state by axe (WCAG 2.2 AA), in both schemes and sizes.
 *
 *   SHOP_URL=http://127.0.0.1:8000 TMPDIR=/a/private/folder node access.mjs [folder for pictures]
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

import { DESKTOP, PHONE } from './browser.mjs';
import { chooseFromList, done, eventOnSale, openMap, scenario } from './scenarios.mjs';

const { source } = createRequire(new URL('../../web/package.json', import.meta.url))('axe-core');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const slug = await eventOnSale();

async function judge(page, state) {
  await page.evaluate(source);
  const { violations } = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags }), RULES);
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)}\n    ${node.failureSummary}`).join('\n    ')}`,
  );
  assert.deepEqual(found, [], `axe in "${state}"`);
}

for (const [size, scheme] of [
  [PHONE, 'light'],
  [PHONE, 'dark'],
  [DESKTOP, 'light'],
  [DESKTOP, 'dark'],
]) {
  const name = `${size === PHONE ? 'phone' : 'desktop'}-${scheme}`;
  await scenario(name, { size, scheme, reducedMotion: 'reduce' }, async (page, picture, complaints) => {
    const see = async (state) => {
      await picture(state);
      await judge(page, state);
    };
    await page.goto('/');
    await page.locator('a.event').first().waitFor();
    await see('home');
    await page.goto('/?q=zzzzzz');
    await page.getByText('Nothing found').waitFor();
    await see('home-empty');
    await page.goto(`/events/${slug}`);
    await page.getByRole('link', { name: /choose seats/i }).waitFor();
    await see('event');
    await openMap(page, slug);
    await see('map');
    await chooseFromList(page, 2);
    await see('list');
    await page.getByRole('button', { name: /continue with 1 place/i }).click();
    await page.getByLabel('Name').waitFor();
    await see('checkout');
    await page.getByRole('button', { name: /^pay/i }).click();
    await page.getByText('Please tell us your name.').waitFor();
    await see('checkout-wrong');
    await page.getByLabel('Name').fill('Ada Lovelace');
    await page.getByLabel('E-mail').fill('ada@example.org');
    await page.getByRole('button', { name: /^pay/i }).click();
    await page.locator('.ticket svg[role=img]').first().waitFor();
    await see('order');
    const nowhere = await page.goto('/nowhere/at/all');
    assert.equal(nowhere?.status(), 404);
    await page.getByText('This page does not exist').waitFor();
    assert(complaints.splice(0).every((text) => text.includes('status of 404')));
    await see('missing');
    await page.goto('/orders/KX7-QM3-9PA');
    await page.getByLabel('Link from the e-mail').waitFor();
    await see('order-shut');
    await page.goto('/account/log-in');
    await page.getByLabel('Password', { exact: true }).waitFor();
    await see('log-in');
    await page.goto('/account/register');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('Please tell us your name.').waitFor();
    await see('register-wrong');
    await page.goto('/account/verify-email');
    await page.getByRole('heading', { name: 'This link is not complete' }).waitFor();
    await see('verify-incomplete');
    await page.goto('/account/verify-email#token=unknown');
    await page.getByRole('button', { name: 'Confirm my address' }).waitFor();
    await see('verify');
    await page.goto('/account/reset-password');
    await page.getByRole('button', { name: 'Send the link' }).waitFor();
    await see('reset-ask');
    await page.goto('/account/reset-password#token=unknown');
    await page.getByLabel('New password', { exact: true }).waitFor();
    await see('reset');
  });
}

await done();
