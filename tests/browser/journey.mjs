/**
 * A purchase on a phone through the real pages of a running shop: find, choose, pay, hold the ticket.
 *
 *   SHOP_URL=http://127.0.0.1:8000 TMPDIR=/a/private/folder node journey.mjs [folder for pictures]
 *
 * Ends with exit code 1 and a sentence when a step fails.
 */
import assert from 'node:assert/strict';

import { DESKTOP, PHONE } from './browser.mjs';
import { ask, chooseFromList, done, eventOnSale, scenario, still } from './scenarios.mjs';

const slug = await eventOnSale();
// Seconds are shown whole, and a busy machine shows them late.
const TIMER_OFF_MS_MAX = 5_000;

async function openEvent(page, picture) {
  await page.goto('/');
  await page.locator('a.event').first().waitFor();
  await picture('1-home');
  await page.goto(`/events/${slug}`);
  await page.locator('h1').waitFor();
  await page.getByRole('link', { name: /choose seats/i }).waitFor();
  await picture('2-event');
  await page.getByRole('link', { name: /choose seats/i }).click();
  await page.getByRole('application').waitFor();
}

async function fillIn(page, name = 'Ada Okonkwo-Lindström') {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('E-mail').fill('ada@example.org');
}

async function expectTickets(page, count) {
  await page.waitForURL(/\/orders\//);
  await page.locator('.ticket svg[role=img]').nth(count - 1).waitFor();
  assert.equal(await page.locator('.ticket').count(), count, 'one ticket for each seat');
  const pdf = await page.getByRole('link', { name: 'PDF' }).first().getAttribute('href');
  assert.match(pdf ?? '', /\.pdf\?grant=/, 'the PDF link carries its grant');
}

await scenario('best-available', { size: PHONE }, async (page, picture) => {
  await openEvent(page, picture);
  await picture('3-map');
  await page.getByRole('button', { name: /find 2 seats together/i }).click();
  await page.getByText('Held for you').waitFor();
  await still(page); // the map glides to the seats; only the picture needs it
  await picture('4-held');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(/\/checkout\//);
  await page.getByLabel('Name').waitFor();

  // Nothing typed: said beside the fields, in words.
  await page.getByRole('button', { name: /^pay/i }).click();
  await page.getByText('Please tell us your name.').waitFor();
  await picture('5-checkout-wrong');

  // What was typed survives a reload.
  await fillIn(page);
  await page.reload();
  await page.getByLabel('Name').waitFor();
  assert.equal(await page.getByLabel('Name').inputValue(), 'Ada Okonkwo-Lindström');
  assert.equal(await page.getByLabel('E-mail').inputValue(), 'ada@example.org');
  await picture('6-checkout');

  // A double click is one order.
  const sent = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && new URL(request.url()).pathname === '/v1/orders') sent.push(request.headers()['idempotency-key']);
  });
  await page.getByRole('button', { name: /^pay/i }).dblclick();
  await expectTickets(page, 2);
  assert.equal(new Set(sent).size, 1, 'one key for one order');
  await picture('7-order');

  // Back leads to the same order, not to a second one.
  const order = new URL(page.url()).pathname;
  await page.goBack();
  await page.goForward();
  await page.waitForURL(new RegExp(order));

  // The link from the mail, on another device, opens it; without the secret nobody sees it.
  await page.reload();
  await expectTickets(page, 2);
});

await scenario('map-tap', { size: DESKTOP }, async (page, picture) => {
  await openEvent(page, async () => undefined);
  const map = page.getByRole('application');
  const box = await map.boundingBox();
  assert(box);
  // Keys find a free seat without knowing the hall: a section, its first free seat.
  await map.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.getByRole('status').filter({ hasText: /, free\b/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /continue with 1 place/i }).waitFor();
  await picture('1-chosen');
  await page.getByRole('button', { name: /continue with 1 place/i }).click();
  await page.getByLabel('Name').waitFor();
  await fillIn(page, 'José María 田中');
  await picture('2-checkout');

  // The bank says no: said beside the cards, the seats stay, another card works.
  await page.getByText('Declined card').click();
  await page.getByRole('button', { name: /^pay/i }).click();
  await page.getByText(/your bank has declined/i).waitFor();
  await picture('3-declined');
  await page.getByText('Test card').click();
  await page.getByRole('button', { name: /^pay/i }).click();
  await expectTickets(page, 1);
  await picture('4-order');
});

await scenario('list-and-challenge', { size: PHONE, scheme: 'dark' }, async (page, picture) => {
  await openEvent(page, async () => undefined);
  await chooseFromList(page);
  await picture('1-list');
  await page.getByRole('button', { name: /continue with 1 place/i }).click();
  await page.getByLabel('Name').waitFor();
  await fillIn(page, 'Zoë');
  await page.getByText('Card with a bank’s question').click();
  await picture('2-checkout');
  await page.getByRole('button', { name: /^pay/i }).click();
  // The bank's own page: whatever it looks like, it has one way to say yes.
  await page.locator('#approve, button[value=approve], [name=approve]').first().click();
  await page.waitForURL(/\/orders\//);
  await expectTickets(page, 1);
  await picture('3-order');
});

/** Until when the one unpaid order of this tab waits, as the server says it. */
async function orderEnds(page) {
  const [{ code, secret }] = await page.evaluate(() => JSON.parse(sessionStorage.getItem('sw.unpaid') ?? '[]'));
  const { expires_at } = await ask(`/v1/orders/${code}`, { headers: { 'X-Order-Secret': secret } });
  return expires_at;
}

async function expectTimeLeft(page, ends) {
  await page.getByText('Time left to pay').waitFor();
  const [minutes, seconds] = (await page.getByRole('timer').textContent()).split(':').map(Number);
  const off = ends - Date.now() - (minutes * 60 + seconds) * 1000;
  assert(Math.abs(off) < TIMER_OFF_MS_MAX, `the timer is ${off} ms off the order's end`);
}

const cents = (text) => Number(text.replace(/\D/g, ''));

await scenario('declined-and-back', { size: PHONE }, async (page, picture) => {
  await openEvent(page, async () => undefined);
  // Beside the prices on the map stands what an order adds to them, in sight.
  const fees = await page.getByText(/^all fees included, plus .+ per order$/).last().boundingBox();
  assert(fees && fees.x >= 0 && fees.x + fees.width <= PHONE.width && fees.y < PHONE.height);
  await picture('fees');
  await page.getByRole('button', { name: /find 2 seats together/i }).click();
  await page.getByText('Held for you').waitFor();

  // What is listed adds up to what is asked for, the fee per order included.
  const parts = await page.locator('.chosen .figures, .sheet .held.soft .figures').allTextContents();
  const total = cents(await page.locator('.sheet .total b').textContent());
  assert.equal(parts.reduce((sum, part) => sum + cents(part), 0), total, `${parts} is the total`);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Name').waitFor();

  // An empty field is asked for, not corrected; the terms can be read here.
  await page.getByLabel('Name').fill('Ada');
  await page.getByRole('button', { name: /^pay/i }).click();
  await page.getByText('Please enter your e-mail address.').waitFor();
  await fillIn(page);

  // The bank says no: with the keyboard one stands at the reason, and sees it.
  await page.getByRole('radio', { name: /declined card/i }).check();
  await page.getByRole('button', { name: /^pay/i }).press('Enter');
  await page.getByText(/your bank has declined/i).waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'pay-wrong');
  const box = await page.locator('#pay-wrong').boundingBox();
  assert(box && box.y >= 0 && box.y + box.height <= PHONE.height, 'the reason is in sight');
  // From now on the order's own deadline counts, here and on its page.
  const ends = Date.parse(await orderEnds(page));
  await expectTimeLeft(page, ends);
  await picture('1-declined');

  // Whoever goes back is told of the seats that are ordered already, and gets to them.
  await page.goBack();
  await page.getByRole('application').waitFor();
  await page.getByText(/2 seats are ordered and wait for payment until \d\d:\d\d/i).waitFor();
  await picture('2-back');
  await page.goto('/');
  await page.getByText(/2 seats are ordered and wait/i).waitFor();
  await picture('3-home');
  await page.getByRole('link', { name: 'Pay now' }).click();
  await page.waitForURL(/\/orders\//);
  await expectTimeLeft(page, ends);
  await picture('4-pay-again');
  await page.getByRole('radio', { name: /test card/i }).check();
  await page.getByRole('button', { name: /^pay/i }).click();
  await expectTickets(page, 2);
  await page.goto('/');
  await page.locator('a.event').first().waitFor();
  assert.equal(await page.getByRole('link', { name: 'Pay now' }).count(), 0, 'what is paid waits no more');
});

await scenario('tax', { size: DESKTOP }, async (page, picture) => {
  // The organiser writes "MwSt."; who reads English reads VAT, here and at the till.
  const { items } = await ask('/v1/events?limit=100&city=Hamburg');
  const { tax } = await ask(`/v1/events/${items[0].slug}`);
  assert.equal(tax.name, 'MwSt.');
  await page.goto(`/events/${items[0].slug}`);
  await page.getByText('7% VAT included.').waitFor();
  await picture('1-event');
});

await scenario('filters', { size: PHONE }, async (page, picture) => {
  await page.goto('/?q=a&category=concert&city=Hamburg&from=2026-12-01&to=2027-12-31');
  await page.getByRole('button', { name: 'Clear all' }).waitFor();
  await page.locator('.filters option[value=Hamburg]').waitFor({ state: 'attached' });
  await picture('1-all-chosen');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert(wide <= PHONE.width, `the page is ${wide} px wide`);
  for (const part of await page.locator('.filters select, .filters input, .filters button').all()) {
    const box = await part.boundingBox();
    assert(box && box.x >= 0 && box.x + box.width <= PHONE.width, 'every filter is in sight');
  }
  // What is chosen can be read to its end.
  const short = await page.locator('.filters select').evaluateAll((selects) =>
    selects.filter((select) => {
      const pen = document.createElement('canvas').getContext('2d');
      const { font, paddingLeft, paddingRight } = getComputedStyle(select);
      pen.font = font;
      const room = select.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
      return pen.measureText(select.selectedOptions[0].text).width > room;
    }).map((select) => select.selectedOptions[0].text),
  );
  assert.deepEqual(short, [], 'no filter is cut off');
  await page.getByRole('button', { name: 'Clear all' }).click();
  await page.waitForURL((url) => url.search === '');
});

await done();
