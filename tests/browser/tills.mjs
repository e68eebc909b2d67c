/**
 * The till where it is easiest to lose one's money out of sight: two tabs, a no of the bank, no network.
 *
 *   SHOP_URL=http://127.0.0.1:8000 TMPDIR=/a/private/folder node tills.mjs [folder for pictures]
 */
import assert from 'node:assert/strict';

import { PHONE } from './browser.mjs';
import { done, eventOnSale, openMap, scenario } from './scenarios.mjs';

const slug = await eventOnSale();

/** Holds two seats and stands at the till, with both fields filled. */
async function atTheTill(page, name = 'Ada Okonkwo') {
  await openMap(page, slug);
  await page.getByRole('button', { name: /find 2 seats together/i }).click();
  await page.getByText('Held for you').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(/\/checkout\//);
  await fillIn(page, name);
}

async function fillIn(page, name) {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('E-mail').fill('ada@example.org');
}

/** A refusal that the story is about is the only thing the browser may name. */
function onlyRefusals(complaints, ...statuses) {
  const told = complaints.splice(0);
  assert(told.every((text) => statuses.some((status) => text.includes(`status of ${status}`))), told.join('\n'));
}

const pay = (page) => page.getByRole('button', { name: /^pay/i });

async function expectTickets(page) {
  await page.waitForURL(/\/orders\//);
  await page.locator('.ticket svg[role=img]').nth(1).waitFor();
  return new URL(page.url()).pathname;
}

/** The same till in a second tab, which knows what its opener knew, as "duplicate tab" makes it. */
async function secondTab(page, name) {
  const [other] = await Promise.all([
    page.waitForEvent('popup'),
    page.evaluate(() => void window.open(location.href)),
  ]);
  await other.getByLabel('Name').waitFor();
  await fillIn(other, name);
  return other;
}

await scenario('paid-in-another-tab', { size: PHONE }, async (page, picture) => {
  await atTheTill(page);
  const till = page.url();
  const other = await secondTab(page, 'Grace Hopper');
  await pay(other).click();
  const order = await expectTickets(other);
  // Nobody pressed anything here: this tab finds the order by itself.
  assert.equal(await expectTickets(page), order);
  await picture('1-found');
  // Back at the till, and at the till in a fresh tab: the order, and no word of seats let go.
  await page.goto(till);
  assert.equal(await expectTickets(page), order);
  const fresh = await page.context().newPage();
  await fresh.goto(till);
  assert.equal(await expectTickets(fresh), order);
});

await scenario('both-tabs-at-once', { size: PHONE }, async (page, picture, complaints) => {
  await atTheTill(page);
  const other = await secondTab(page, 'Grace Hopper');
  await Promise.all([page, other].map((tab) => pay(tab).evaluate((button) => button.click())));
  const [one, two] = await Promise.all([page, other].map(expectTickets));
  assert.equal(one, two, 'one order for both');
  await picture('1-order');
  // Whoever was second may have been told so.
  onlyRefusals(complaints, 409, 422);
});

await scenario('tabs-that-share-nothing', { size: PHONE }, async (page, picture, complaints) => {
  await page.addInitScript(() => {
    const get = () => {
      throw new DOMException('forbidden', 'SecurityError');
    };
    Object.defineProperty(window, 'localStorage', { get });
  });
  await atTheTill(page);
  const other = await secondTab(page, 'Grace Hopper');
  await pay(other).click();
  const order = await expectTickets(other);
  // Here the server knows which order it is, and tells no more than that.
  await pay(page).click();
  await page.getByRole('heading', { name: 'These seats are ordered already' }).waitFor();
  await page.getByText(order.split('/').at(-1)).waitFor();
  assert.equal(await page.getByText('Somebody else was faster').count(), 0);
  await picture('1-ordered');
  // Where nothing can be kept, it is also asked whether somebody is logged in.
  onlyRefusals(complaints, 401, 409, 422);
});

await scenario('nothing-held', { size: PHONE }, async (page, picture, complaints) => {
  await page.goto('/checkout/nonsense');
  await page.getByRole('heading', { name: 'Nothing is held for you here' }).waitFor();
  assert.equal(await page.getByText('Nothing has been charged').count(), 0, 'nothing is claimed');
  await picture('1-unknown');
  onlyRefusals(complaints, 404, 422);
});

await scenario('left-and-found', { size: PHONE }, async (page, picture) => {
  await atTheTill(page);
  const till = page.url();
  await page.goto('/');
  await page.getByText(/2 seats are held for you: \d+:\d\d/).waitFor();
  await picture('1-home');
  await page.getByRole('link', { name: 'Continue' }).click();
  await page.waitForURL(till);
  assert.equal(await page.getByLabel('Name').inputValue(), 'Ada Okonkwo');
  await pay(page).click();
  await expectTickets(page);
  await page.goto('/');
  await page.locator('a.event').first().waitFor();
  assert.equal(await page.getByText('held for you').count(), 0, 'what is ordered is not held');
});

await scenario('declined-and-locked', { size: PHONE }, async (page, picture) => {
  await atTheTill(page);
  // The longest name that is taken: more cannot be typed, so nothing is refused.
  await page.getByLabel('Name').fill('A');
  assert.equal(await page.getByLabel('Name').getAttribute('maxlength'), '120');
  await fillIn(page, 'Ada Okonkwo');
  await page.getByText('Declined card').click();
  await pay(page).click();
  await page.getByText(/your bank has declined/i).waitFor();
  // The order stands for that name: no field any more, and the reason with a way out beside it.
  assert.equal(await page.getByLabel('Name').count(), 0, 'nothing that looks as if it could be changed');
  const buyer = page.getByRole('region', { name: 'Ordered by' });
  await buyer.getByText('ada@example.org').waitFor();
  await buyer.getByText(/Something wrong with them\? Do not pay.*lapses by itself at \d\d:\d\d/).waitFor();
  await buyer.scrollIntoViewIfNeeded();
  await picture('1-locked');
  await buyer.getByRole('link', { name: 'Choose seats again' }).click();
  await page.waitForURL(/\/seats$/);
});

await scenario('offline-at-the-till', { size: PHONE }, async (page, picture, complaints) => {
  await atTheTill(page);
  await page.context().setOffline(true);
  await pay(page).click();
  await page.getByText('We ask the bank as soon as there is a connection again').waitFor();
  await page.getByRole('button', { name: 'Waiting for the connection' }).waitFor();
  assert.equal(await page.getByText('Talking to the bank').count(), 0, 'nobody is talked to');
  // The banner is in sight however far one has scrolled.
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  const banner = await page.getByText('You are offline. What you see').boundingBox();
  assert(banner && banner.y >= 0 && banner.y < 60, `the banner is in sight: ${banner?.y}`);
  await picture('1-offline');
  await page.context().setOffline(false);
  // Nobody taps again: the order is placed when the network is back.
  await expectTickets(page);
  assert(complaints.splice(0).every((text) => text.includes('ERR_INTERNET_DISCONNECTED')));
});

await done();
