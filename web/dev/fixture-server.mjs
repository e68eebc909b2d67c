/**
 * Development fixture: serves web/build as the gateway would, and answers the API from memory with a
 * generated 70,000-place stadium whose seats keep changing. A tool for working on the pages; the
 * product never runs it, and the browser tests run against the real thing.
 *
 *   npm run build && PORT=5180 npm run dev      (NOISE=0: nobody else buys; HOLD_MS: length of a hold)
 */
import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { club, stadium } from './arena.mjs';
import { Box, FREE, Refusal, SOLD, orderCode } from './box.mjs';
import { programme, search } from './programme.mjs';
import { feedSocket, publish } from './websocket.mjs';

const BUILD = fileURLToPath(new URL('../build', import.meta.url));
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

const charts = { stadium: stadium(), club: club() };
const events = programme(charts);
const subscribers = new Set();
const boxes = new Map(
  events.map((event, n) => {
    const chart = Object.values(charts).find((one) => one.hash === event.chart);
    const filled = n === 0 ? 0.55 : n === 3 ? 1 : n === 1 ? 0.93 : 0.4;
    return [
      event.id,
      new Box(event, chart, n === 3 ? 9 : filled, (m) => publish(subscribers, `seats.${event.id}`, m)),
    ];
  }),
);
const orders = new Map();
const answers = new Map();

const find = (/** @type {string} */ key) => {
  const event = events.find((one) => one.id === key || one.slug === key);
  if (!event) throw new Refusal(404, 'not_found', 'There is no such event');
  return event;
};
const holder = (/** @type {string} */ id) => {
  for (const box of boxes.values()) if (box.holds.has(id)) return { box, hold: box.find(id) };
  throw new Refusal(404, 'not_found', 'The hold has ended');
};

/** @type {[string, RegExp, (context: any) => any][]} */
const routes = [
  ['GET', /^\/v1\/events$/, ({ query }) => search(events, query)],
  [
    'GET',
    /^\/v1\/events\/([^/]+)$/,
    ({ part }) => ({ ...find(part[1]), server_time: new Date().toISOString() }),
  ],
  ['GET', /^\/v1\/events\/([^/]+)\/availability$/, availability],
  [
    'GET',
    /^\/v1\/events\/([^/]+)\/availability\/changes$/,
    ({ part, query }) => boxes.get(find(part[1]).id)?.changes(Number(query.get('since'))),
  ],
  [
    'POST',
    /^\/v1\/holds$/,
    ({ body }) => ({ status: 201, body: boxes.get(find(body.event_id).id)?.hold(body) }),
  ],
  [
    'GET',
    /^\/v1\/holds\/([^/]+)$/,
    ({ part }) => {
      const { box, hold } = holder(part[1]);
      return box.present(hold);
    },
  ],
  [
    'POST',
    /^\/v1\/holds\/([^/]+)\/extensions$/,
    ({ part }) => {
      const { box, hold } = holder(part[1]);
      return box.extend(hold);
    },
  ],
  [
    'DELETE',
    /^\/v1\/holds\/([^/]+)$/,
    ({ part }) => {
      const { box, hold } = holder(part[1]);
      box.release(hold);
      return { status: 204 };
    },
  ],
  ['POST', /^\/v1\/orders$/, placeOrder],
  ['GET', /^\/v1\/orders\/([^/]+)$/, ({ part, request }) => presentOrder(owned(part[1], request))],
  [
    'POST',
    /^\/v1\/orders\/([^/]+)\/payments$/,
    async ({ part, request, body }) => {
      const order = owned(part[1], request);
      await pay(order, body);
      return { status: 201, body: presentOrder(order) };
    },
  ],
  [
    'GET',
    /^\/v1\/orders\/([^/]+)\/tickets$/,
    ({ part, request }) => ({ items: presentTickets(owned(part[1], request)), next: null }),
  ],
];

/** @param {any} context */
function availability({ part, request }) {
  const event = find(part[1]);
  const box = boxes.get(event.id);
  if (request.headers.accept?.includes('octet-stream'))
    return { raw: box?.snapshot().binary, type: 'application/octet-stream' };
  return {
    event_id: event.id,
    chart: event.chart,
    version: box?.version,
    server_time: new Date().toISOString(),
    counts: { free: box?.free },
    seats: box?.snapshot().bits.toString('base64'),
  };
}

/** @param {any} context */
async function placeOrder({ body, request }) {
  const key = String(request.headers['idempotency-key'] ?? '');
  if (!key) throw new Refusal(400, 'idempotency_key_required', 'Idempotency-Key is required');
  const known = answers.get(key);
  if (known) {
    if (known.body !== JSON.stringify(body))
      throw new Refusal(422, 'idempotency_mismatch', 'The key was used for another request');
    return known.answer;
  }
  const errors = [];
  if (!body.buyer?.name?.trim())
    errors.push({ pointer: '/buyer/name', code: 'required', detail: 'Name is required' });
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(body.buyer?.email ?? ''))
    errors.push({ pointer: '/buyer/email', code: 'invalid', detail: 'Not an e-mail address' });
  if (errors.length) throw new Refusal(422, 'validation', 'The request is not valid', { errors });
  const { box, hold } = holder(String(body.hold_token).split('.')[2] ?? '');
  if (hold.order) throw new Refusal(409, 'seats_taken', 'An order for this hold exists');
  const held = box.present(hold);
  const order = {
    code: orderCode(),
    secret: randomBytes(16).toString('base64url'),
    status: 'awaiting_payment',
    box,
    hold,
    held,
    buyer: body.buyer,
    created: Date.now(),
    payment: /** @type {any} */ (null),
    capturedAt: Infinity,
  };
  hold.order = order;
  orders.set(order.code, order);
  if (body.payment) await pay(order, body.payment);
  const answer = { status: 201, body: { ...presentOrder(order), secret: order.secret } };
  answers.set(key, { body: JSON.stringify(body), answer });
  return answer;
}

/** @param {any} order @param {any} wish */
async function pay(order, wish) {
  const payment = (/** @type {string} */ status, /** @type {any} */ more = {}) =>
    (order.payment = { status, method: wish.method, next_action: null, decline_code: null, ...more });
  if (wish.token === 'tok_slow_3s') await new Promise((done) => setTimeout(done, 3000));
  if (wish.token === 'tok_declined') return payment('declined', { decline_code: 'card_declined' });
  if (wish.token === 'tok_insufficient_funds')
    return payment('declined', { decline_code: 'insufficient_funds' });
  if (wish.token === 'tok_challenge')
    return payment('challenge', {
      next_action: { type: 'redirect', url: `/dev-gateway/challenge?order=${order.code}` },
    });
  return settle(order, payment('authorised'));
}

/** @param {any} order @param {any} payment */
function settle(order, payment) {
  order.status = 'paid';
  order.capturedAt = Date.now() + 1500;
  order.tickets = order.held.seats.map((/** @type {any} */ seat, /** @type {number} */ n) => ({
    id: `tk${order.code}${n}`,
    seat,
    code: `SW1.${randomBytes(70).toString('base64url')}`,
  }));
  order.box.change(order.hold.seats, SOLD);
  return payment;
}

/** @param {string} code @param {any} request */
function owned(code, request) {
  const order = [...orders.values()].find(
    (one) => one.code.replaceAll('-', '') === code.toUpperCase().replaceAll('-', ''),
  );
  if (!order || request.headers['x-order-secret'] !== order.secret)
    throw new Refusal(404, 'not_found', 'There is no such order');
  return order;
}

/** @param {any} order */
function presentTickets(order) {
  const ready = Date.now() >= order.capturedAt;
  return (order.tickets ?? []).map((/** @type {any} */ ticket) => ({
    id: ticket.id,
    status: 'valid',
    seat: ticket.seat.id,
    label: ticket.seat.label,
    code: ready ? ticket.code : null,
    pdf_url: ready ? `/v1/tickets/${ticket.id}.pdf?grant=dev` : null,
    ics_url: ready ? `/v1/tickets/${ticket.id}.ics?grant=dev` : null,
    png_url: ready ? `/v1/tickets/${ticket.id}.png?grant=dev` : null,
  }));
}

/** @param {any} order */
function presentOrder(order) {
  if (order.payment?.status === 'authorised' && Date.now() >= order.capturedAt)
    order.payment.status = 'captured';
  const { event } = order.box;
  const groups = Object.entries(Object.groupBy(order.held.seats, (/** @type {any} */ seat) => seat.category));
  const money = (/** @type {number} */ amount) => ({ amount, currency: event.currency });
  return {
    code: order.code,
    status: order.status,
    buyer: order.buyer,
    event: {
      id: event.id,
      slug: event.slug,
      title: event.title,
      starts_at: event.starts_at,
      timezone: event.timezone,
      venue: event.venue.name,
      city: event.venue.city,
    },
    seats: order.held.seats.map(({ id, label, category, price }) => ({ id, label, category, price })),
    quote: {
      lines: groups.map(([key, seats = []]) => ({
        label: event.categories.find((/** @type {any} */ c) => c.key === key).name,
        quantity: seats.length,
        unit: seats[0].price,
        amount: money(seats.length * seats[0].price.amount),
      })),
      fees: event.order_fee,
      tax: money(Math.round((order.held.total.amount * 19) / 119)),
      total: order.held.total,
    },
    expires_at: new Date(order.hold.until + 600_000).toISOString(),
    created_at: new Date(order.created).toISOString(),
    server_time: new Date().toISOString(),
    payment: order.payment,
    tickets: presentTickets(order),
  };
}

/** @param {URL} url */
function challenge(url) {
  const order = orders.get(url.searchParams.get('order'));
  if (!order) return '<p>No such challenge';
  if (url.searchParams.get('answer') === 'yes') {
    settle(order, Object.assign(order.payment, { status: 'authorised', next_action: null }));
    return null;
  }
  return `<!doctype html><title>Bank</title><h1>Your bank asks: is it you?</h1><a id="approve" href="?order=${order.code}&answer=yes">Yes, it is me</a>`;
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://fixture');
  try {
    if (url.pathname.startsWith('/v1/charts/')) {
      const chart = Object.values(charts).find((one) => url.pathname.endsWith(one.hash));
      response.writeHead(chart ? 200 : 404, {
        'content-type': 'application/json',
        'cache-control': 'public, max-age=31536000, immutable',
      });
      return void response.end(chart?.text);
    }
    if (url.pathname.startsWith('/v1/')) return await answer(request, response, url);
    if (url.pathname === '/dev-gateway/challenge') {
      const page = challenge(url);
      if (page === null) response.writeHead(302, { location: `/orders/${url.searchParams.get('order')}` });
      else response.writeHead(200, { 'content-type': 'text/html' });
      return void response.end(page);
    }
    file(url.pathname, response);
  } catch (error) {
    const body =
      error instanceof Refusal ? error.body : { status: 500, code: 'fault', detail: String(error) };
    if (!(error instanceof Refusal)) console.error(error);
    response.writeHead(body.status, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify(body));
  }
});

/** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response @param {URL} url */
async function answer(request, response, url) {
  let text = '';
  for await (const chunk of request) text += chunk;
  for (const [method, path, handle] of routes) {
    const part = path.exec(url.pathname);
    if (method !== request.method || !part) continue;
    const told = await handle({
      part: part.map(decodeURIComponent),
      query: url.searchParams,
      body: text ? JSON.parse(text) : {},
      request,
    });
    const wrapped = told && typeof told.status === 'number' ? told : { status: 200, body: told };
    if (told?.raw) return void response.writeHead(200, { 'content-type': told.type }).end(told.raw);
    response.writeHead(wrapped.status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    return void response.end(wrapped.status === 204 ? undefined : JSON.stringify(wrapped.body));
  }
  throw new Refusal(404, 'not_found', 'Nothing here');
}

/** As `try_files {path} {path}.html /200.html`. @param {string} path @param {import('node:http').ServerResponse} response */
function file(path, response) {
  const wanted = join(BUILD, normalize(path));
  const found = [wanted, `${wanted}.html`, join(wanted, 'index.html'), join(BUILD, '200.html')].find(
    (one) => existsSync(one) && statSync(one).isFile(),
  );
  if (!found || (path.startsWith('/_app/') && found.endsWith('200.html')))
    return void response.writeHead(404).end();
  response.writeHead(200, {
    'content-type': TYPES[/** @type {keyof typeof TYPES} */ (extname(found))] ?? 'application/octet-stream',
    'cache-control': path.includes('/immutable/') ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  createReadStream(found).pipe(response);
}

server.on('upgrade', (request, socket) => feedSocket(request, socket, subscribers));
if (process.env.NOISE !== '0') {
  setInterval(() => {
    const box = boxes.get('ev1');
    if (!box) return;
    const at = Math.floor(Math.random() * (box.states.length - 5));
    const run = Array.from({ length: 1 + Math.floor(Math.random() * 4) }, (_, n) => at + n).filter(
      (n) => box.states[n] === FREE,
    );
    if (run.length) box.change(run, SOLD);
  }, 400).unref();
}
setInterval(() => boxes.forEach((box) => box.expire()), 1000).unref();
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${address && typeof address === 'object' ? address.port : '?'}`);
});
