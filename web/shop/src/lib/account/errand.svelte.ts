/** One thing asked of the accounts service: under way, refused at a field, or to be waited for. */
import { Problem } from '@seatwright/shared';
import type { AccountKey } from '@seatwright/shared/account_words';

import { inWords } from '#lib/refusal.ts';
import { serverNow } from '#lib/ticker.svelte.ts';
import { clock } from '#lib/services.ts';
import { PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, wrongIn, type Field } from './rules.ts';
import { say } from './words.ts';

// Past this somebody asks themselves whether the tap was noticed.
const SLOW_MS = 2_500;
const TOLD: Record<string, AccountKey> = {
  wrong_credentials: 'log_in.wrong',
  wrong_password: 'field.current_wrong',
  link_ended: 'verify.ended',
  link_unknown: 'verify.ended',
};

export class Errand {
  busy = $state(false);
  slow = $state(false);
  /** Said above the button: a refusal that belongs to no field. */
  fault = $state('');
  /** The refusal's code, for what a page offers beside its words. */
  code = $state('');
  wrong = $state<Partial<Record<Field, string>>>({});
  private until = $state(0);
  private told = $state(0);

  /** Milliseconds until it may be tried again; 0 when it may. */
  readonly wait: number = $derived(this.until > 0 ? Math.max(0, this.until - serverNow()) : 0);
  /** The whole time to wait, said once: a screen reader is not told every second. */
  readonly waitWords: string = $derived(this.wait > 0 ? say('wait.too_many', { n: this.told }) : '');
  readonly waited: boolean = $derived(this.until > 0 && this.wait === 0);

  typed(field: Field): void {
    if (this.wrong[field]) this.wrong = { ...this.wrong, [field]: '' };
  }

  /**
   * Does `work` unless something typed is plainly wrong; answers whether it was done.
   * `form` gets the focus at its first wrong field.
   */
  async run(
    work: () => Promise<unknown>,
    typed: Partial<Record<Field, string>> = {},
    form?: HTMLFormElement,
  ): Promise<boolean> {
    if (this.busy || this.wait > 0) return false;
    this.forget();
    const found = Object.entries(wrongIn(typed)) as [Field, AccountKey][];
    this.wrong = Object.fromEntries(found.map(([field, key]) => [field, limited(key)]));
    const done = found.length === 0 && (await this.ask(work, typed));
    if (!done) queueMicrotask(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    return done;
  }

  private async ask(work: () => Promise<unknown>, typed: Partial<Record<Field, string>>): Promise<boolean> {
    this.busy = true;
    const slow = setTimeout(() => (this.slow = true), SLOW_MS);
    try {
      await work();
      return true;
    } catch (error) {
      this.refused(error, typed);
      return false;
    } finally {
      clearTimeout(slow);
      this.busy = false;
      this.slow = false;
    }
  }

  private forget(): void {
    this.fault = '';
    this.code = '';
    this.wrong = {};
    this.until = 0;
  }

  private refused(error: unknown, typed: Partial<Record<Field, string>>): void {
    if (error instanceof Problem) {
      this.code = error.code;
      if (error.status === 429 && error.retryAfterS) {
        this.told = Math.ceil(error.retryAfterS);
        this.until = clock.now() + this.told * 1000;
        return;
      }
      this.wrong = atFields(error, typed);
      if (Object.keys(this.wrong).length > 0) return;
    }
    const known = TOLD[this.code];
    this.fault = known ? say(known) : inWords(error);
  }
}

function limited(key: AccountKey): string {
  return say(key, { n: key === 'field.too_long' ? PASSWORD_CHARS_MAX : PASSWORD_CHARS_MIN });
}

function atFields(problem: Problem, typed: Partial<Record<Field, string>>): Partial<Record<Field, string>> {
  const wrong: Partial<Record<Field, string>> = {};
  if (problem.at('/email')) wrong.email = say('field.email_wrong');
  if (problem.at('/name')) wrong.name = say('field.name_missing');
  const password = problem.at('/password');
  if (password) {
    const field = typed.new_password === undefined ? 'password' : 'new_password';
    const { code } = password;
    const known = code === 'too_short' || code === 'too_long' || code === 'too_common';
    wrong[field] = known ? limited(`field.${code}`) : (password.detail ?? say('field.password_missing'));
  }
  return wrong;
}
