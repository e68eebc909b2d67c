/** Who is logged in on this device. */
import { Problem } from '@seatwright/shared';
import { createAccounts, type Me, type ProfileEdit } from '@seatwright/shared/accounts';

import { recall, remember } from '#lib/tab.ts';
import { mark, marked } from './mark.ts';

const ADDRESS = 'sw.account.email';
const CAME_FROM = 'sw.account.from';

export const accounts = createAccounts('');

class Session {
  person = $state.raw<Me | null>(null);
  /** Not known yet; a page that only offers a form need not wait for it. */
  looking = $state(false);

  /** Throws `Unreachable` or `Problem` when it cannot be known; a session that has ended is no error. */
  async look(): Promise<void> {
    if (this.person || this.looking || !marked()) return;
    this.looking = true;
    try {
      this.person = await accounts.me();
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      mark(false);
    } finally {
      this.looking = false;
    }
  }

  async logIn(email: string, password: string): Promise<void> {
    const told = await accounts.logIn(email, password);
    mark(true);
    this.person = { id: '', name: told.name, email: told.email };
  }

  /** Changes the account; what is not named stays. */
  async edit(change: ProfileEdit): Promise<void> {
    this.person = await accounts.edit(change);
  }

  async logOut(): Promise<void> {
    await accounts.logOut();
    this.ended();
  }

  /** The server has ended it: a new password does. */
  ended(): void {
    mark(false);
    this.person = null;
  }
}

export const session = new Session();

/** The address typed on one of these pages, so that the next one need not ask again. */
export const lastAddress = (): string => recall<string>(ADDRESS) ?? '';
export const keepAddress = (email: string): void => remember(ADDRESS, email.trim());

/** The page from which one came to these, if any; a look at the mail in this tab keeps it. */
export const cameFrom = (): string | null => recall<string>(CAME_FROM);
export const keepWay = (path: string): void => remember(CAME_FROM, path);
