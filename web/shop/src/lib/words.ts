/**
 * The reader's language. Chosen before the first page is drawn and fixed until the next load,
 * so a page may call these anywhere without waiting.
 */
import {
  chooseLocale,
  chooseRegion,
  createTranslate,
  formatMoney,
  formatMoneyExact,
  isVat,
  loadCatalogue,
  LOCALES,
  type Locale,
  type MessageKey,
  type Money,
  type Translate,
  type Values,
} from '@seatwright/shared';

const CHOICE = 'sw.locale';

let translate: Translate = (key) => key;
let language: Locale = 'en';
/** Language and region for dates and money: a German shop read in Vienna writes the Austrian way. */
let region = 'en-GB';

export async function loadWords(): Promise<void> {
  const chosen = localeChoice();
  language = chosen ?? chooseLocale(navigator.languages);
  region = chooseRegion(language, navigator.languages);
  translate = createTranslate(await loadCatalogue(language), language);
  document.documentElement.lang = language;
}

export function t(key: MessageKey, values?: Values): string {
  return translate(key, values);
}

export const locale = (): Locale => language;
export const dateLocale = (): string => region;
export const money = (value: Money): string => formatMoney(value, region);
export const moneyExact = (value: Money): string => formatMoneyExact(value, region);
/** A tax by the reader's own word where there is one, else as the organiser calls it. */
export const taxName = (name: string): string => (isVat(name) ? t('price.vat') : name);

/** Keeps the choice on this device and starts again in that language. */
export function chooseLanguage(next: Locale): void {
  try {
    localStorage.setItem(CHOICE, next);
  } catch {
    // A browser without storage still shows the chosen language's page once.
  }
  location.reload();
}

function localeChoice(): Locale | null {
  try {
    const kept = localStorage.getItem(CHOICE);
    return kept && kept in LOCALES ? (kept as Locale) : null;
  } catch {
    return null;
  }
}
