/**
 * Paying for one hold so that double clicks, reloads, the back button and a lost answer all end in one
 * order: what is sent is written down before it goes, and repeated word for word until there is an answer.
 */
import {
  callServer,
  isUnknown,
  Problem,
  type EventDetail,
  type Hold,
  type Order,
  type OrderWish,
  type PaymentWish,
} from '@seatwright/shared';
import { goto } from '$app/navigation';
import { resolve } from '$app/paths';

import { mark, marked } from '#lib/account/mark.ts';
import { isOnline, online } from '#lib/network.svelte.ts';
import { noteUnpaid } from '#lib/orders/unpaid.ts';
import { declineInWords, inWords, unknownInWords } from '#lib/refusal.ts';
import { api } from '#lib/services.ts';
import { draftKey, forget, holdKey, recall, remember, secretKey, type Draft } from '#lib/tab.ts';
import { locale, t } from '#lib/words.ts';
import { onTold, tellTabs, together, type Together } from './shared.ts';

const EMPTY: Draft = { name: '', email: '', token: 'tok_ok', attempt: 1, sent: null, order: null };
// Three tries by ourselves; after that a person decides when the train has left the tunnel.
const TRIES_MAX = 3;
const RETRY_MS = 1_500;
// Longer than this nobody watches a button: then it is said how long, and a person asks again.
const WAIT_S_MAX = 10;
// Another tab that was faster by a blink has its answer by then, or its bank is slow.
const OTHER_TAB_MS_MAX = 8_000;
/** As the server has it; a longer name can be part of an account. */
export const NAME_CHARS_MAX = 120;
// What is said of a hold that is an order already.
const USED_UP = ['idempotency_mismatch', 'seats_taken', 'hold_not_found', 'hold_expired', 'gone'];

export type Field = 'name' | 'email' | 'payment';

export class Till {
  draft = $state<Draft>(EMPTY);
  busy = $state(false);
  /** Said above the button: a refusal that belongs to no field. */
  fault = $state('');
  wrong = $state<Partial<Record<Field, string>>>({});
  /** These seats are an order that only its own secret opens, and no tab here has that. */
  elsewhere = $state.raw<{ code: string; email: string } | null>(null);
  /** Until when the order waits for its money; empty while there is no order, and the hold's end counts. */
  payUntil = $state('');
  /** An unanswered request stands: the form must stay as it was sent. */
  readonly frozen: boolean = $derived(this.draft.sent !== null || this.draft.order !== null);

  constructor(
    readonly holdId: string,
    readonly hold: Hold | null,
    readonly event: EventDetail | null,
  ) {
    this.draft = { ...EMPTY, ...recall<Draft>(draftKey(holdId)) };
    this.heard(together(holdId));
  }

  /** Follows what other tabs do with the same hold; answers how to stop that. */
  listen(): () => void {
    return onTold(this.holdId, (told) => {
      this.heard(told);
      if (told.order && !this.busy) void openOrder(told.order);
    });
  }

  // Another tab has gone further with this hold: its request is repeated here, not another one made.
  private heard(told: Together | null): void {
    const further =
      told && (told.attempt > this.draft.attempt || (told.attempt === this.draft.attempt && told.sent));
    if (!further && !(told?.order && !this.draft.order)) return;
    const { attempt, sent, order } = told;
    const typed = sent && 'wish' in sent ? { name: sent.wish.buyer.name, email: sent.wish.buyer.email } : {};
    this.draft = { ...this.draft, ...typed, attempt, sent, order: order ?? this.draft.order };
    if (order) remember(secretKey(order.code), order.secret);
    this.save();
  }

  /** Somebody who is logged in need not type what the account knows; what is typed already stays. */
  async prefill(): Promise<void> {
    const empty = (): boolean => !this.frozen && !this.draft.name && !this.draft.email;
    if (!empty() || !marked()) return;
    try {
      const { name, email } = await callServer<{ name: string; email: string | null }>('/v1/me');
      if (!empty()) return;
      this.draft.name = name.slice(0, NAME_CHARS_MAX);
      this.draft.email = email ?? '';
      this.save();
    } catch (error) {
      // Without an answer one types; a session that has ended is not asked about again.
      if (error instanceof Problem && error.status === 401) mark(false);
    }
  }

  /** Called at every key: a killed page loses nothing. */
  save(): void {
    remember(draftKey(this.holdId), this.draft);
  }

  typed(field: Field): void {
    this.save();
    if (this.wrong[field]) this.wrong = { ...this.wrong, [field]: '' };
  }

  /** Takes up what a reload interrupted: a request without an answer is sent again as it was. */
  async resume(): Promise<void> {
    if (this.draft.sent) await this.send();
  }

  async pay(): Promise<void> {
    if (this.busy) return;
    const before = this.draft.order;
    this.heard(together(this.holdId));
    // Ordered in another tab since this one looked: nobody pays by accident for what may be paid.
    if (this.draft.order && !before) return openOrder(this.draft.order);
    if (!this.draft.sent && !this.check()) return;
    if (!this.draft.sent) this.draft.sent = this.write();
    this.save();
    tellTabs(this.holdId, this.draft);
    await this.send();
  }

  private check(): boolean {
    if (this.draft.order) return true;
    const wrong: Partial<Record<Field, string>> = {};
    if (!this.draft.name.trim()) wrong.name = t('form.name_missing');
    const email = this.draft.email.trim();
    if (!email) wrong.email = t('form.email_missing');
    else if (!/^\S+@\S+\.\S+$/.test(email)) wrong.email = t('form.email_wrong');
    this.wrong = wrong;
    return Object.keys(wrong).length === 0;
  }

  // The key comes from the hold: two tabs that send the same thing send it under the same key.
  private write(): NonNullable<Draft['sent']> {
    const { draft } = this;
    const key = `${this.holdId}.${draft.attempt}`;
    const payment: PaymentWish = { method: 'simulated', token: draft.token };
    if (draft.order) return { key, pay: payment };
    const buyer = { name: draft.name.trim(), email: draft.email.trim(), language: locale() };
    return { key, wish: { hold_token: this.hold?.hold_token ?? '', buyer, payment } satisfies OrderWish };
  }

  private async send(): Promise<void> {
    const { sent, order } = this.draft;
    if (!sent || this.busy) return;
    this.busy = true;
    this.fault = '';
    this.wrong = {};
    try {
      const told = await this.insist(() =>
        'wish' in sent
          ? api.placeOrder(sent.key, sent.wish)
          : api.pay(order?.code ?? '', order?.secret ?? '', sent.key, sent.pay),
      );
      await this.answered(told);
    } catch (error) {
      if (isUnknown(error)) this.fault = unknownInWords(error);
      else if (await this.orderedElsewhere(error, sent.key)) return;
      else this.refused(error);
    } finally {
      this.busy = false;
    }
  }

  private async insist(ask: () => Promise<Order>): Promise<Order> {
    for (let tries = 1; ; tries++) {
      try {
        return await ask();
      } catch (error) {
        if (!isUnknown(error) || tries >= TRIES_MAX) throw error;
        const told = error instanceof Problem ? (error.retryAfterS ?? 0) : 0;
        if (told > WAIT_S_MAX) throw error;
        if (isOnline()) await new Promise((done) => setTimeout(done, told * 1000 || RETRY_MS * tries));
        else await online();
      }
    }
  }

  private async answered(order: Order): Promise<void> {
    const secret = order.secret ?? this.draft.order?.secret ?? '';
    this.draft.sent = null;
    this.draft.order = { code: order.code, secret };
    this.payUntil = order.expires_at;
    this.draft.attempt++;
    this.save();
    tellTabs(this.holdId, this.draft);
    remember(secretKey(order.code), secret);
    noteUnpaid(order, secret, this.event?.id ?? order.event?.id ?? null);
    if (this.event) forget(holdKey(this.event.id));
    if (order.payment?.status === 'declined' || order.payment?.status === 'failed') {
      this.wrong = { payment: declineInWords(order.payment.decline_code) };
    } else if (order.payment?.next_action) location.assign(order.payment.next_action.url);
    else await openOrder(this.draft.order);
  }

  // A hold that is used up was mostly used by its own buyer: in another tab, with another name typed.
  private async orderedElsewhere(error: unknown, key: string): Promise<boolean> {
    if (!(error instanceof Problem) || !USED_UP.includes(error.code)) return false;
    const order =
      together(this.holdId)?.order ?? (error.code === 'idempotency_mismatch' ? await this.toldOrder() : null);
    if (order) {
      this.draft.sent = null;
      this.draft.order = order;
      this.save();
      remember(secretKey(order.code), order.secret);
      await openOrder(order);
      return true;
    }
    const keys = [
      key,
      ...Array.from({ length: this.draft.attempt - 1 }, (_, n) => `${this.holdId}.${n + 1}`),
    ];
    for (const one of keys) {
      const found = await api.orderOfKey(one, this.hold?.hold_token ?? '').catch(() => null);
      if (!found) continue;
      this.draft.sent = null;
      this.save();
      this.elsewhere = { code: found.code, email: found.buyer.email };
      return true;
    }
    return false;
  }

  // Both pressed at once: the other one's answer is on its way.
  private toldOrder(): Promise<Draft['order']> {
    return new Promise((found) => {
      const timer = setTimeout(() => end(null), OTHER_TAB_MS_MAX);
      const stop = onTold(this.holdId, ({ order }) => order && end(order));
      const end = (order: Draft['order']): void => {
        clearTimeout(timer);
        stop();
        found(order);
      };
    });
  }

  private refused(error: unknown): void {
    this.draft.sent = null;
    this.draft.attempt++;
    this.save();
    tellTabs(this.holdId, this.draft);
    const wrong: Partial<Record<Field, string>> = {};
    if (error instanceof Problem) {
      if (error.at('/buyer/name')) wrong.name = t('form.name_wrong');
      if (error.at('/buyer/email')) wrong.email = t('form.email_wrong');
      const payment = error.errors.find((one) => one.pointer.startsWith('/payment'));
      if (payment) wrong.payment = t('declined.card_declined');
    }
    this.wrong = wrong;
    if (Object.keys(wrong).length === 0) this.fault = inWords(error);
  }
}

/** The order's own page says what becomes of it; the checkout of its hold is over. */
export async function openOrder({ code, secret }: NonNullable<Draft['order']>): Promise<void> {
  await goto(orderAddress(code, secret), { replace: true });
}

function orderAddress(code: string, secret: string): string {
  return `${resolve('/orders/[code]', { code })}#${secret}`;
}
