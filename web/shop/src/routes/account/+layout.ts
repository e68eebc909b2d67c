import { loadAccountWords } from '#lib/account/words.ts';

export async function load({ parent }: { parent: () => Promise<unknown> }): Promise<void> {
  // The shop chooses the language first.
  await parent();
  await loadAccountWords();
}
