/**
 * An organiser's limit for each buyer, as buyers meet it: what is offered, what is refused, and in
 * which words; and an event that is cancelled while somebody stands at the till, or looks at its seats.
 *
 *   SHOP_URL=http://127.0.0.1:8000 TMPDIR=/a/private/folder node limits.mjs [folder for pictures]
 *
 * Makes an event of its own, by the demonstration's organiser.
 */
import assert from 'node:assert/strict';

import { PHONE } from './browser.mjs';
import { ask, base, chooseFromList, done, openMap, scenario } from './scenarios.mjs';

const ORGANISER = { email: 'organiser@example.com', password: 'front-row-velvet-curtain' };
const DAY_MS = 86_400_000;
const SEEN_MS_MAX = 20_000;

/** What the organiser may send: with the cookie that logging in gave. */
async function organiser() {
  const answer = await fetch(`${base}/v1/sessions`, {
    method: 'POST',
    body: JSON.stringify(ORGANISER),
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(answer.status, 201, 'the demonstration has its organiser');
  const cookie = answer.headers.getSetCookie()[0].split(';')[0];
  return (path, body, method = 'POST') =>
    ask(path, { method, headers: { cookie }, ...(body ? { body: JSON.stringify(body) } : {}) });
}

/** An event on sale like one that is there, with two seats for each buyer. */
async function eventWithLimit(send) {
  const { items } = await ask('/v1/events?limit=100');
  const [like] = items.filter((one) => one.status === 'on_sale').sort((a, b) => a.seat_count - b.seat_count);
  const { categories } = await ask(`/v1/events/${like.id}`);
  const root = `/v1/organisations/${like.organisation.id}/events`;
  const start = Date.now() + 30 * DAY_MS;
  const event = await send(root, {
    title: `Two for each ${crypto.randomUUID().slice(0, 8)}`,
    venue_id: like.venue.id,
    chart: like.chart,
    category: 'concert',
    starts_at: new Date(start).toISOString(),
    ends_at: new Date(start + DAY_MS / 8).toISOString(),
    on_sale_at: new Date(start - 60 * DAY_MS).toISOString(),
    currency: like.currency,
    prices: categories.map(({ key, face }) => ({ category: key, face })),
    tax: { name: 'VAT', rate_bp: 1900, inclusive: true },
    seats_per_order_max: 8,
    seats_per_buyer_max: 2,
  });
  await send(`${root}/${event.id}/publications`);
  await shown(event.id, 'on_sale');
  return { ...event, cancel: () => send(`${root}/${event.id}/cancellations`) };
}

/** Waits until buyers see the event in `status`. */
async function shown(id, status) {
  const end = performance.now() + SEEN_MS_MAX;
  for (;;) {
    const answer = await fetch(`${base}/v1/events/${id}`);
    const event = await answer.json();
    const open = status !== 'on_sale' || (await fetch(`${base}/v1/events/${id}/availability`)).ok;
    if (answer.ok && event.status === status && open) return;
    assert(performance.now() < end, `buyers see the event as ${status}`);
    await new Promise((soon) => setTimeout(soon, 100));
  }
}

async function payAs(page, email) {
  await page.getByLabel('Name').fill('Ada Lovelace');
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button', { name: /^pay/i }).click();
}

const event = await eventWithLimit(await organiser());
const email = `ada-${crypto.randomUUID().slice(0, 8)}@example.org`;

await scenario('two-for-each', { size: PHONE }, async (page, picture, complaints) => {
  // No more is offered than one may have.
  await openMap(page, event.id);
  assert(await page.getByRole('button', { name: 'One more' }).isDisabled(), 'two at most');
  await chooseFromList(page);
  await page.locator('.seat:visible[aria-pressed=false]:enabled').first().click();
  await page.getByRole('button', { name: /continue with 2 places/i }).waitFor();
  await page.locator('.seat:visible[aria-pressed=false]:enabled').first().click();
  await page.getByText('Each buyer can have 2 places of this event.').waitFor();
  await picture('1-third-seat');

  // One now, two more in another order: too many by one, and said so.
  await page.getByRole('button', { name: /^Remove/ }).first().click();
  await page.getByRole('button', { name: /continue with 1 place/i }).click();
  await payAs(page, email);
  await page.locator('.ticket svg[role=img]').first().waitFor();
  await openMap(page, event.id);
  await page.getByRole('button', { name: /find 2 seats together/i }).click();
  await page.getByText('Held for you').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await payAs(page, email);
  const words = 'Each buyer can have 2 places of this event, over all orders. You can have one more.';
  await page.getByRole('alert').filter({ hasText: words }).waitFor();
  await page.getByRole('link', { name: 'Change seats' }).waitFor();
  await picture('2-one-too-many');
  assert(complaints.splice(0).every((text) => text.includes('status of 409')));
});

await scenario('cancelled-at-the-till', { size: PHONE, scheme: 'dark' }, async (page, picture, complaints) => {
  await openMap(page, event.id);
  await page.getByRole('button', { name: /find 2 seats together/i }).click();
  await page.getByText('Held for you').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Name').waitFor();
  await event.cancel();
  await shown(event.id, 'cancelled');
  await payAs(page, `late-${email}`);
  await page.getByRole('alert').filter({ hasText: 'The event does not take place.' }).waitFor();
  await picture('1-cancelled');
  assert(complaints.splice(0).every((text) => text.includes('status of 409')));
});

await scenario('seats-of-a-cancelled-event', { size: PHONE }, async (page, picture) => {
  await openMap(page, event.id);
  await page.getByText('The event does not take place.').waitFor();
  await picture('1-cancelled');
  assert.equal(await page.getByRole('button', { name: /find|continue|list/i }).count(), 0, 'nothing to buy');
  assert.equal(await page.getByRole('group', { name: 'Price categories' }).count(), 0, 'and no prices');
  await page.getByRole('application').press('ArrowRight');
  await page.getByRole('application').press('Enter');
  await page.getByRole('application').press('Enter');
  assert.equal(await page.locator('.chosen').count(), 0, 'no seat can be chosen');
});

await done();
