/** The words of the pages of accounts: a catalogue of their own, so that buyers do not carry it. */
import type { en } from './messages/account.en.ts';
import type { Locale, Message } from './translate.ts';

export type AccountKey = keyof typeof en;
export type AccountCatalogue = Record<AccountKey, Message>;

/** Fetches one catalogue. */
export async function loadAccountCatalogue(locale: Locale): Promise<AccountCatalogue> {
  if (locale === 'de') return (await import('./messages/account.de.ts')).de;
  return (await import('./messages/account.en.ts')).en;
}
