/** What can be said about a form before anybody is asked; the server has the last word. */
import type { AccountKey } from '@seatwright/shared/account_words';

/** As the accounts service has it (NIST SP 800-63B-4); counted in characters after NFC. */
export const PASSWORD_CHARS_MIN = 15;
export const PASSWORD_CHARS_MAX = 256;

export type Field = 'email' | 'name' | 'password' | 'new_password';
export type Wrong = Partial<Record<Field, AccountKey>>;

/** What is wrong with what was typed, by field. */
export function wrongIn(typed: Partial<Record<Field, string>>): Wrong {
  const wrong: Wrong = {};
  if (typed.email?.trim() === '') wrong.email = 'field.email_missing';
  else if (typed.email !== undefined && !/^\S+@\S+\.\S+$/.test(typed.email.trim()))
    wrong.email = 'field.email_wrong';
  if (typed.name !== undefined && !typed.name.trim()) wrong.name = 'field.name_missing';
  if (typed.password === '') wrong.password = 'field.password_missing';
  if (typed.new_password !== undefined) {
    const characters = Array.from(typed.new_password.normalize('NFC')).length;
    if (characters < PASSWORD_CHARS_MIN) wrong.new_password = 'field.too_short';
    if (characters > PASSWORD_CHARS_MAX) wrong.new_password = 'field.too_long';
  }
  return wrong;
}

/**
 * Where to go after logging in: the address that a link brought along, if it is one of ours that
 * makes sense afterwards, else `home`. Links are made by strangers too: nothing leads to another site.
 */
export function wayBack(given: string | null, origin: string, home: string): string {
  if (!given?.startsWith('/')) return home;
  let url: URL;
  try {
    url = new URL(given, origin);
  } catch {
    return home;
  }
  if (url.origin !== origin || url.pathname.startsWith('//')) return home;
  // The list of events is where one begins: there is nothing to go back to.
  return /^\/(account(\/.*)?)?$/.test(url.pathname) ? home : url.pathname + url.search;
}

/** The secret of a mailed link, which stands behind `#token=`; '' when it was lost on the way. */
export function secretOf(hash: string): string {
  return new URLSearchParams(hash.slice(1)).get('token')?.trim() ?? '';
}
