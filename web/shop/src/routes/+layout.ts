import { forgetOld } from '#lib/checkout/shared.ts';
import { loadWords } from '#lib/words.ts';

// The pages are drawn in the browser: one small shell serves every address and every language.
export const ssr = false;
export const prerender = false;

export async function load(): Promise<void> {
  forgetOld();
  await loadWords();
}
