/** Accounts as their own pages ask for them; apart from the buyer's way, which needs none of it. */
import { callServer, type Call } from './client.ts';
import type { Order } from './contract.ts';

export interface NewAccount {
  email: string;
  password: string;
  name: string;
  language: string;
}

export interface Me {
  id: string;
  name: string;
  /** Null for an organisation's token. */
  email: string | null;
}

/** What should change. A new password needs the present one, and ends all other sessions. */
export interface ProfileEdit {
  name?: string;
  password?: string;
  current_password?: string;
}

export interface Accounts {
  register(wish: NewAccount): Promise<void>;
  /** Mails the link of a registration again; the answer is the same for every address. */
  mailVerification(email: string): Promise<void>;
  /** Proves an address by the secret of its link; once more is answered as before. */
  verify(secret: string): Promise<{ email: string }>;
  /** Mails a link for a new password; the answer is the same for every address. */
  mailReset(email: string): Promise<void>;
  /** Ends every session of the account. */
  resetPassword(secret: string, password: string): Promise<void>;
  /** The session is in a cookie that no script can read. */
  logIn(email: string, password: string): Promise<{ name: string; email: string }>;
  logOut(): Promise<void>;
  me(): Promise<Me>;
  edit(change: ProfileEdit): Promise<Me>;
  /** One's own orders, newest first; `cursor` is the `next` of the page before. */
  orders(cursor: string | null): Promise<{ items: Order[]; next: string | null }>;
}

/** `base` is '' for the own origin; every call throws what `callServer` throws. */
export function createAccounts(base: string): Accounts {
  const send = <T>(method: NonNullable<Call['method']>, path: string, body?: unknown): Promise<T> =>
    callServer<T>(base + path, { method, body });
  const at = encodeURIComponent;
  return {
    register: (wish) => send('POST', '/v1/accounts', wish),
    mailVerification: (email) => send('POST', '/v1/email-verifications', { email }),
    verify: (secret) => send('PUT', `/v1/email-verifications/${at(secret)}`),
    mailReset: (email) => send('POST', '/v1/password-resets', { email }),
    resetPassword: (secret, password) => send('PUT', `/v1/password-resets/${at(secret)}`, { password }),
    logIn: (email, password) => send('POST', '/v1/sessions', { email, password }),
    logOut: () => send('DELETE', '/v1/sessions/current'),
    edit: (change) => send('PATCH', '/v1/me', change),
    orders: (cursor) => send('GET', `/v1/me/orders${cursor ? `?cursor=${at(cursor)}` : ''}`),
    me: () => send('GET', '/v1/me'),
  };
}
