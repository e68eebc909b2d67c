/** Events of the development fixture. Not part of the product. */
const DAY = 86_400_000;
const eur = (/** @type {number} */ amount) => ({ amount, currency: 'EUR' });

const VENUES = [
  ['Nordhafen Arena', 'Hamburg', 'DE', 'Am Nordhafen 1, 20457 Hamburg', 'Europe/Berlin', 53.54, 9.99],
  ['Théâtre des Tilleuls', 'Lyon', 'FR', '12 rue des Tilleuls, 69002 Lyon', 'Europe/Paris', 45.76, 4.83],
  ['Kellerclub', 'Berlin', 'DE', 'Köpenicker Straße 70, 10179 Berlin', 'Europe/Berlin', 52.51, 13.42],
  ['Harbour Hall', 'Lisbon', 'PT', 'Rua do Cais 4, 1200-109 Lisboa', 'Europe/Lisbon', 38.71, -9.14],
  ['Kings Quarter', 'London', 'GB', '8 Quarter Lane, London N1', 'Europe/London', 51.53, -0.12],
];
const SHOWS = [
  [
    'The Northern Lights Tour',
    'concert',
    'Aurora Fields bring their whole new album and a light show as wide as the pitch.',
  ],
  ['Hamburg Tides v Lyon Étoile', 'sport', 'Cup semi-final, second leg. One goal between them.'],
  ['The Cherry Orchard', 'theatre', 'Chekhov’s last play, in a clear and funny new translation.'],
  ['Late Set with Mira Okafor', 'comedy', 'An hour of new material about trains, twins and other delays.'],
  ['The Paper Dragon', 'family', 'A puppet adventure for everyone from four years up.'],
  [
    'Mahler: Symphony No. 2',
    'classical',
    'The Resurrection with two choirs and a very patient off-stage band.',
  ],
  ['Riverside Days', 'festival', 'Three stages, forty bands, one ferry between them.'],
  ['Small Hours', 'concert', 'Quiet songs at small tables.'],
];

/** @param {Record<string, any>} charts */
export function programme(charts) {
  const now = Date.now();
  const start = Math.ceil(now / DAY) * DAY;
  return Array.from({ length: 20 }, (_, n) => {
    const [title, category, summary] = SHOWS[n % SHOWS.length];
    const arena = n === 0 || n === 1 || n === 9;
    const venue = VENUES[arena ? 0 : n % SHOWS.length === 7 ? 2 : n % VENUES.length || 1];
    const chart = arena ? charts.stadium : charts.club;
    const starts = start + (n * 5 + 12) * DAY + 17.5 * 3_600_000;
    const onSale = n === 2 ? now + 12 * 60_000 : n === 6 ? start + 9 * DAY : now - 3 * DAY;
    const slug = `${title
      .toLowerCase()
      .normalize('NFKD')
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/(^-|-$)/g, '')}-${n + 1}`;
    const prices = arena ? [8900, 6450, 3950, 7200] : [4800, 3600, 2400];
    const categories = chart.file.categories.map((/** @type {any} */ c, /** @type {number} */ i) => ({
      ...c,
      price: eur(prices[i]),
      face: eur(prices[i] - 250),
      fee: eur(250),
    }));
    return {
      id: `ev${n + 1}`,
      slug,
      title,
      summary,
      description: `${summary}\n\nDoors open ninety minutes before the start. The show runs about two and a half hours with one interval. Bags up to A4 are welcome; larger ones stay in the cloakroom at Gate A.`,
      category,
      status: n === 11 ? 'cancelled' : n === 12 ? 'paused' : n === 2 || n === 6 ? 'scheduled' : 'on_sale',
      organisation: { id: 'org1', name: 'Hafenklang Presents', slug: 'hafenklang' },
      venue: {
        id: `v${venue[0]}`,
        name: venue[0],
        city: venue[1],
        country: venue[2],
        address: venue[3],
        lat: venue[5],
        lon: venue[6],
      },
      timezone: venue[4],
      starts_at: new Date(starts).toISOString(),
      doors_at: new Date(starts - 5_400_000).toISOString(),
      ends_at: new Date(starts + 9_000_000).toISOString(),
      on_sale_at: new Date(onSale).toISOString(),
      off_sale_at: new Date(starts).toISOString(),
      age_limit: category === 'comedy' ? 16 : 0,
      lineup: category === 'concert' ? ['Aurora Fields', 'Juno & the Gulls', 'Kite Weather'] : [],
      image: null,
      terms:
        'Tickets are personal and may be transferred once through your order page. No professional cameras.',
      refund_policy:
        'Return tickets for the full price until 14 days before the show, half of it until 3 days before.',
      accessible: true,
      currency: 'EUR',
      price_from: eur(Math.min(...prices)),
      price_to: eur(Math.max(...prices)),
      categories,
      order_fee: eur(200),
      tax: { name: 'VAT', rate_bp: 1900, inclusive: true },
      seats_per_order_max: 8,
      chart: chart.hash,
      seat_count: chart.file.seat_count,
      version: 1,
    };
  });
}

/** @param {any[]} events @param {URLSearchParams} query */
export function search(events, query) {
  const words = (query.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const text = (/** @type {any} */ e) =>
    `${e.title} ${e.summary} ${e.venue.name} ${e.venue.city} ${e.lineup.join(' ')}`.toLowerCase();
  const found = events.filter((e) => words.every((word) => text(e).includes(word)));
  const by = (/** @type {string} */ name, /** @type {(e: any) => string} */ of) =>
    found.filter((e) => !query.get(name) || of(e) === query.get(name));
  const items = by('city', (e) => e.venue.city)
    .filter((e) => !query.get('category') || e.category === query.get('category'))
    .filter((e) => !query.get('from') || e.starts_at >= /** @type {string} */ (query.get('from')))
    .filter(
      (e) =>
        !query.get('to') || e.starts_at.slice(0, 10) <= /** @type {string} */ (query.get('to')).slice(0, 10),
    );
  const facet = (/** @type {(e: any) => string} */ of) =>
    Object.entries(Object.groupBy(found, of))
      .map(([value, list]) => ({ value, count: list?.length ?? 0 }))
      .sort((a, b) => b.count - a.count);
  const first = Number(query.get('cursor') ?? 0);
  const limit = Number(query.get('limit') ?? 20);
  return {
    items: items.slice(first, first + limit).map(({ description, lineup, terms, categories, ...rest }) => ({
      ...rest,
      server_time: new Date().toISOString(),
    })),
    next: first + limit < items.length ? String(first + limit) : null,
    facets: { city: facet((e) => e.venue.city), category: facet((e) => e.category) },
  };
}
