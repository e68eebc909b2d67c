/** Words of the pages of accounts, in the language that the shop has chosen; loaded by their layout. */
import { createTranslate, type Values } from '@seatwright/shared';
import { loadAccountCatalogue, type AccountKey } from '@seatwright/shared/account_words';

import { locale } from '#lib/words.ts';

let translate: (key: AccountKey, values?: Values) => string = (key) => key;

export async function loadAccountWords(): Promise<void> {
  translate = createTranslate(await loadAccountCatalogue(locale()), locale());
}

export const say = (key: AccountKey, values?: Values): string => translate(key, values);
