/** After a payment that did not go through: the reader stands where the reason is. */
import { tick } from 'svelte';

/**
 * Focuses the first thing of `form` that went wrong, and brings it into sight. The button that was
 * pressed is disabled while the bank is asked, which throws the focus back to the page's top.
 */
export async function showTrouble(form: HTMLElement | undefined): Promise<void> {
  await tick();
  const first = form?.querySelector<HTMLElement>('[aria-invalid="true"], #pay-wrong, #pay-fault');
  first?.focus({ preventScroll: true });
  // In the middle: the top belongs to the running time, the bottom may belong to a keyboard.
  first?.scrollIntoView({ block: 'center' });
}
