/** Money as the API speaks it: whole minor units, never a fraction. */
export interface Money {
  amount: number;
  currency: string;
}

/** Shows `money` in the reader's own way; round sums lose their zeros (`€39`, `€39.50`, `¥3,900`). */
export function formatMoney(money: Money, locale: string): string {
  const digits = minorDigits(money.currency);
  const whole = money.amount % 10 ** digits === 0;
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: money.currency,
    minimumFractionDigits: whole ? 0 : digits,
    maximumFractionDigits: digits,
  }).format(money.amount / 10 ** digits);
}

/** The same to the last cent, for lines that are added up below one another. */
export function formatMoneyExact(money: Money, locale: string): string {
  const digits = minorDigits(money.currency);
  return new Intl.NumberFormat(locale, { style: 'currency', currency: money.currency }).format(
    money.amount / 10 ** digits,
  );
}

/** Adds amounts of one currency; an empty list is zero of `currency`. */
export function sumMoney(items: readonly Money[], currency: string): Money {
  let amount = 0;
  for (const item of items) {
    if (item.currency !== currency) throw new Error(`cannot add ${item.currency} to ${currency}`);
    amount += item.amount;
  }
  return { amount, currency };
}

// What value added tax is called by organisers who name it in their own language.
const VAT = new Set(['vat', 'mwst', 'ust', 'tva', 'iva', 'btw']);

/** Whether an organiser's name of a tax means value added tax, which every reader's language has a word for. */
export function isVat(name: string): boolean {
  return VAT.has(name.toLowerCase().replace(/[.\s]/g, ''));
}

// ISO 4217 exponents come with Intl: the yen has none, the dinar three.
function minorDigits(currency: string): number {
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  );
}
