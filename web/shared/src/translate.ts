/** Every word a person reads comes through here; a missing one is a type error, not a blank. */
import type { en } from './messages/en.ts';

/** A message, or its plural forms by the locale's own rules; `{n}` is the number. */
export type Message = string | Plural;
export interface Plural {
  zero?: string;
  one?: string;
  few?: string;
  many?: string;
  other: string;
}
export type MessageKey = keyof typeof en;
export type Catalogue = Record<MessageKey, Message>;
export type Values = Record<string, string | number>;
export type Translate = (key: MessageKey, values?: Values) => string;

export const LOCALES = { en: 'English', de: 'Deutsch' } as const;
export type Locale = keyof typeof LOCALES;

/** The first of the reader's languages that we speak, else English. */
export function chooseLocale(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split('-')[0] ?? '';
    if (language in LOCALES) return language as Locale;
  }
  return 'en';
}

/** Language and region for dates and money: the reader's own of that language, if the browser knows it. */
export function chooseRegion(language: Locale, wanted: readonly string[]): string {
  const own = wanted.find((tag) => tag.toLowerCase().startsWith(`${language}-`) && isKnown(tag));
  return own ?? (language === 'en' ? 'en-GB' : language);
}

// Some systems hand on what no `Intl` takes, such as `en-US@posix`; a page must not fail by it.
function isKnown(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}

/** Fetches one catalogue; only the reader's own travels over the wire. */
export async function loadCatalogue(locale: Locale): Promise<Catalogue> {
  if (locale === 'de') return (await import('./messages/de.ts')).de;
  return (await import('./messages/en.ts')).en;
}

/** Fills `{name}` from `values`; numbers are written the locale's way. */
export function createTranslate<Key extends string>(
  catalogue: Record<Key, Message>,
  locale: string,
): (key: Key, values?: Values) => string {
  const plural = new Intl.PluralRules(locale);
  const number = new Intl.NumberFormat(locale);
  return (key, values = {}) => {
    const message = catalogue[key];
    const text = typeof message === 'string' ? message : choose(message, Number(values['n'] ?? 0), plural);
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      if (value === undefined) return whole;
      return typeof value === 'number' ? number.format(value) : value;
    });
  };
}

function choose(message: Plural, n: number, plural: Intl.PluralRules): string {
  if (n === 0 && message.zero !== undefined) return message.zero;
  const form = plural.select(n);
  return (form in message ? message[form as 'one'] : undefined) ?? message.other;
}
