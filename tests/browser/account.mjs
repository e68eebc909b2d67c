/**
 * An account from nothing: registered, proven by the link of the mail, used, its password forgotten.
 *
 *   SHOP_URL=http://127.0.0.1:8000 TMPDIR=/a/private/folder node account.mjs [folder for pictures]
 */
import assert from 'node:assert/strict';

import { DESKTOP, PHONE } from './browser.mjs';
import { ask, base, done, eventOnSale, openMap, scenario } from './scenarios.mjs';

const slug = await eventOnSale();
const MAIL_MS_MAX = 20_000;
const PASSWORD = 'four muddy boots by the door';
const OTHER_PASSWORD = 'seven loud drums in the attic';
const someone = (name) => `${name}-${crypto.randomUUID().slice(0, 8)}@example.org`;

/** The link of the newest mail to `email` that leads to `page`; waits until it has come. */
async function mailed(email, page) {
  const end = performance.now() + MAIL_MS_MAX;
  for (;;) {
    const { items } = await ask(`/inbox/api/mails?to=${encodeURIComponent(email)}`);
    for (const { id } of items) {
      const { text } = await ask(`/inbox/api/mails/${id}`);
      const link = text.match(/https?:\/\/\S+/g)?.find((one) => new URL(one).pathname === page);
      if (link) return link;
    }
    assert(performance.now() < end, `a mail to ${email} with a link to ${page}`);
    await new Promise((soon) => setTimeout(soon, 100));
  }
}

/** A refusal that the story is about is the only thing the browser may name. */
function onlyRefusals(complaints, ...statuses) {
  const told = complaints.splice(0);
  assert(told.every((text) => statuses.some((status) => text.includes(`status of ${status}`))), told.join('\n'));
}

async function logIn(page, password) {
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

await scenario('register', { size: PHONE }, async (page, picture, complaints) => {
  const email = someone('ada');
  await page.goto(`/events/${slug}`);
  await page.getByRole('link', { name: 'Your account' }).click();
  await page.waitForURL(/\/account\/log-in/);
  await picture('1-log-in');
  await page.getByRole('link', { name: 'Create an account' }).click();

  // Nothing typed: said beside the fields, and the first of them has the focus.
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('Please tell us your name.').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'name');
  await picture('2-nothing-typed');
  await page.getByLabel('Name').fill('Ada Okonkwo-Lindström');
  await page.getByLabel('E-mail').fill(email);
  // Long enough, and still the first that anybody would try: only the server knows.
  await page.getByLabel('Password', { exact: true }).fill('passwordpassword');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('This would be guessed first').waitFor();
  await picture('3-too-common');
  onlyRefusals(complaints, 422);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Show password' }).click();
  assert.equal(await page.getByLabel('Password', { exact: true }).getAttribute('type'), 'text');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();
  await picture('4-sent');

  // Opening the link alone proves nothing: whatever opens the links of mails may be a machine.
  await page.goto(await mailed(email, '/account/verify-email'));
  await page.getByRole('button', { name: 'Confirm my address' }).waitFor();
  await picture('5-verify');
  const body = JSON.stringify({ email, password: PASSWORD });
  const early = await fetch(`${base}/v1/sessions`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  assert.equal(early.status, 401, 'not proven yet');
  await page.getByRole('button', { name: 'Confirm my address' }).click();
  await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor();
  await page.getByText(email).waitFor();
  await picture('6-verified');

  await page.getByRole('link', { name: 'Log in' }).click();
  assert.equal(await page.getByLabel('E-mail').inputValue(), email);
  await logIn(page, 'not the right password');
  await page.getByRole('alert').filter({ hasText: 'E-mail or password is not right' }).waitFor();
  await picture('7-wrong');
  onlyRefusals(complaints, 401);
  await logIn(page, PASSWORD);
  // Back to where it all began.
  await page.waitForURL(new RegExp(`/events/${slug}$`));

  await page.getByRole('link', { name: 'Your account' }).click();
  await page.getByText('Ada Okonkwo-Lindström').waitFor();
  await page.reload();
  await page.getByText(email).waitFor();
  await picture('8-account');
  await page.getByText('Nothing bought with this account yet.').waitFor();

  // Another name, another password; a wrong present one is said so.
  await page.getByLabel('Name').fill('Ada King');
  await page.getByRole('button', { name: 'Save name' }).click();
  await page.getByText('Saved.').waitFor();
  const change = async (current) => {
    await page.getByLabel('Current password', { exact: true }).fill(current);
    await page.getByLabel('New password', { exact: true }).fill(OTHER_PASSWORD);
    await page.getByRole('button', { name: 'Change password' }).click();
  };
  await change('not the right password');
  await page.getByRole('alert').filter({ hasText: 'The current password is not right' }).waitFor();
  onlyRefusals(complaints, 401, 403);
  await change(PASSWORD);
  await page.getByText('Your new password is set. Other devices').waitFor();
  await picture('8-changed');
  await page.reload();
  await page.getByText('Ada King', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'You are logged out' }).waitFor();
  await picture('9-logged-out');
  assert.equal((await page.context().request.get('/v1/me')).status(), 401);
});

await scenario('forgotten', { size: DESKTOP }, async (page, picture, complaints) => {
  const email = someone('grace');
  const body = JSON.stringify({ email, password: PASSWORD, name: 'Grace' });
  await ask('/v1/accounts', { method: 'POST', body });
  const link = await mailed(email, '/account/verify-email');
  for (const title of ['first', 'again']) {
    await page.goto('about:blank');
    await page.goto(link);
    await page.getByRole('button', { name: 'Confirm my address' }).click();
    await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor();
    await picture(`1-verified-${title}`);
  }

  await page.getByRole('link', { name: 'Log in' }).click();
  await page.getByRole('link', { name: 'Forgotten your password?' }).click();
  await picture('2-ask');
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.getByText('a link is on its way').waitFor();
  await picture('3-asked');
  const reset = await mailed(email, '/account/reset-password');
  await page.goto(reset);
  await page.getByLabel('New password', { exact: true }).fill('too short');
  await page.getByRole('button', { name: 'Save password' }).click();
  await page.getByText('Too short: at least 15 characters').waitFor();
  await picture('4-too-short');
  await page.getByLabel('New password', { exact: true }).fill(OTHER_PASSWORD);
  await page.getByRole('button', { name: 'Save password' }).click();
  await page.getByRole('heading', { name: 'Your new password is set' }).waitFor();
  await picture('5-set');
  await page.getByRole('link', { name: 'Log in' }).click();
  await logIn(page, OTHER_PASSWORD);
  await page.getByText('You are logged in as').waitFor();
  await picture('6-account');

  // The same link once more.
  await page.goto(reset);
  await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Save password' }).click();
  await page.getByRole('heading', { name: 'This link has ended' }).waitFor();
  await picture('7-ended');
  onlyRefusals(complaints, 410);
});

await scenario('at-the-till', { size: PHONE }, async (page, picture, complaints) => {
  const email = someone('mira');
  await ask('/v1/accounts', { method: 'POST', body: JSON.stringify({ email, password: PASSWORD, name: 'Mira' }) });
  const { hash } = new URL(await mailed(email, '/account/verify-email'));
  await ask(`/v1/email-verifications/${hash.replace('#token=', '')}`, { method: 'PUT' });

  // Seats held as a guest are still one's own after logging in.
  await openMap(page, slug);
  await page.getByRole('button', { name: /find 2 seats together/i }).click();
  await page.getByText('Held for you').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Name').fill('Mira Okafor');
  await page.getByLabel('E-mail').fill(email);
  const till = page.url();
  await page.getByRole('link', { name: 'Your account' }).click();
  await page.waitForURL(/\/account\/log-in/);
  await page.getByLabel('E-mail').fill(email);
  await logIn(page, PASSWORD);
  await page.waitForURL(till);
  await page.getByRole('button', { name: /^pay/i }).waitFor();
  assert.equal(await page.getByLabel('Name').inputValue(), 'Mira Okafor');
  await picture('1-back');
  // The hold was a guest's: asked for once with the session, and once without.
  onlyRefusals(complaints, 404);
  await page.getByRole('button', { name: /^pay/i }).click();
  await page.locator('.ticket svg[role=img]').nth(1).waitFor();
});

await scenario('own-orders', { size: PHONE }, async (page, picture, complaints) => {
  const email = someone('lin');
  await ask('/v1/accounts', { method: 'POST', body: JSON.stringify({ email, password: PASSWORD, name: 'Lin Wei' }) });
  const { hash } = new URL(await mailed(email, '/account/verify-email'));
  await ask(`/v1/email-verifications/${hash.replace('#token=', '')}`, { method: 'PUT' });
  const enter = async (tab) => {
    await tab.goto('/account/log-in');
    await tab.getByLabel('E-mail').fill(email);
    await logIn(tab, PASSWORD);
    await tab.getByText('You are logged in as').waitFor();
  };
  await enter(page);
  await openMap(page, slug);
  await page.getByRole('button', { name: /find 2 seats together/i }).click();
  await page.getByText('Held for you').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  // What the account knows need not be typed.
  await page.waitForFunction(() => Boolean(document.querySelector('#email')?.value));
  assert.equal(await page.getByLabel('Name').inputValue(), 'Lin Wei');
  assert.equal(await page.getByLabel('E-mail').inputValue(), email);
  await picture('1-filled-in');
  await page.getByRole('button', { name: /^pay/i }).click();
  await page.locator('.ticket svg[role=img]').nth(1).waitFor();
  const order = new URL(page.url()).pathname;

  // On another device: no secret, but the same person.
  const context = await page.context().browser().newContext({ baseURL: base, viewport: PHONE });
  const other = await context.newPage();
  await enter(other);
  await other.getByRole('link', { name: 'Your tickets' }).click();
  await other.getByRole('heading', { name: 'Your tickets' }).waitFor();
  if (process.argv[2]) await other.screenshot({ path: `${process.argv[2]}/own-orders-2-list.png` });
  await other.getByText(/Paid · 2 places/).waitFor();
  await other.getByText(/Paid · 2 places/).click();
  await other.locator('.ticket svg[role=img]').nth(1).waitFor();
  assert.equal(new URL(other.url()).pathname, order);
  await other.goto(order);
  await other.locator('.ticket svg[role=img]').nth(1).waitFor();
  await context.close();

  // A stranger is asked for the link, and told nothing else.
  const stranger = await page.context().browser().newContext({ baseURL: base, viewport: PHONE });
  const third = await stranger.newPage();
  await third.goto(order);
  await third.getByRole('heading', { name: 'Whose order is it?' }).waitFor();
  await stranger.close();
  onlyRefusals(complaints);
});

await scenario('broken-links', { size: PHONE, scheme: 'dark' }, async (page, picture, complaints) => {
  await page.goto('/account/verify-email');
  await page.getByRole('heading', { name: 'This link is not complete' }).waitFor();
  await picture('1-incomplete');
  await page.goto('/account/verify-email#token=never-mailed');
  await page.getByRole('button', { name: 'Confirm my address' }).click();
  await page.getByRole('heading', { name: 'This link has ended' }).waitFor();
  await picture('2-ended');
  onlyRefusals(complaints, 404);

  // A link that names another site leads to our own page.
  await page.goto('/account/log-in?from=//evil.example/');
  const email = someone('eve');
  const body = JSON.stringify({ email, password: 'not the right password' });
  for (let n = 0; n < 10; n++)
    await fetch(`${base}/v1/sessions`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  await page.getByLabel('E-mail').fill(email);
  await logIn(page, 'not the right password');
  await page.getByRole('alert').filter({ hasText: /Too many attempts.*\d+ seconds/ }).waitFor();
  const button = page.getByRole('button', { name: /^Again in \d+:\d\d$/ });
  assert(await button.isDisabled(), 'not before the time');
  await picture('3-too-many');
  onlyRefusals(complaints, 429);
});

await scenario('slow-network', { size: PHONE }, async (page, picture, complaints) => {
  await page.goto('/account/log-in');
  await page.getByLabel('E-mail').fill(someone('zoe'));
  let go = () => undefined;
  const held = new Promise((free) => (go = free));
  await page.route('**/v1/sessions', async (route) => {
    await held;
    await route.continue();
  });
  await logIn(page, PASSWORD);
  await page.getByText('The connection is slow.').waitFor();
  assert(await page.getByRole('button', { name: 'Logging in' }).isDisabled(), 'one log-in at a time');
  await picture('1-slow');
  go();
  await page.getByRole('alert').filter({ hasText: 'not right' }).waitFor();
  onlyRefusals(complaints, 401);

  // No network: said so, and what was typed is still there.
  await page.unroute('**/v1/sessions');
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').filter({ hasText: 'We get no answer' }).waitFor();
  assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), PASSWORD);
  await picture('2-offline');
  assert(complaints.splice(0).every((text) => text.includes('ERR_INTERNET_DISCONNECTED')));
});

await done();
