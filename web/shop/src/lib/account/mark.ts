/**
 * Whether somebody may be logged in on this device. The session's cookie is hidden from scripts, so a mark
 * says whether asking makes sense: a guest is not asked about at every page.
 */
const MARK = 'sw.logged_in';

export function marked(): boolean {
  try {
    return localStorage.getItem(MARK) !== null;
  } catch {
    // A browser without storage may still have the cookie.
    return true;
  }
}

export function mark(loggedIn: boolean): void {
  try {
    if (loggedIn) localStorage.setItem(MARK, '1');
    else localStorage.removeItem(MARK);
  } catch {
    // Then it is asked every time.
  }
}
