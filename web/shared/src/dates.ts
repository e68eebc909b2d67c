/** Dates are shown in the event's own zone; the reader's zone is added only where it differs. */

/** `Sat, 5 Jun 2027` in `zone`. */
export function formatDay(iso: string, zone: string, locale: string): string {
  return format(iso, locale, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }, zone);
}

/** `Saturday, 5 June 2027` in `zone`. */
export function formatDayLong(iso: string, zone: string, locale: string): string {
  return format(iso, locale, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }, zone);
}

/** `19:30` in `zone`. */
export function formatTime(iso: string, zone: string, locale: string): string {
  return format(iso, locale, { hour: '2-digit', minute: '2-digit' }, zone);
}

/** Day number and short month for the little calendar leaf of a list. */
export function leaf(iso: string, zone: string, locale: string): { day: string; month: string } {
  return {
    day: format(iso, locale, { day: 'numeric' }, zone).replace(/\D/g, ''),
    month: format(iso, locale, { month: 'short' }, zone).replace(/\.$/, ''),
  };
}

/**
 * The instant in the reader's own zone, or null where both zones agree on it.
 * Compared at that instant: London and Lisbon are two names for one clock.
 */
export function formatForReader(iso: string, zone: string, locale: string): string | null {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const shape = {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  } as const;
  const here = format(iso, locale, shape, own);
  return here === format(iso, locale, shape, zone) ? null : `${here} (${own.replace(/_/g, ' ')})`;
}

/** What is left of a span, split for a countdown; never negative. */
export function splitSpan(milliseconds: number): {
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
} {
  const total = Math.max(0, Math.ceil(milliseconds / 1000));
  return {
    days: Math.floor(total / 86_400),
    hours: Math.floor(total / 3600) % 24,
    minutes: Math.floor(total / 60) % 60,
    seconds: total % 60,
  };
}

/** `4:05` or `1:04:05`, for the hold's countdown. */
export function formatSpan(milliseconds: number): string {
  const { days, hours, minutes, seconds } = splitSpan(milliseconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const allHours = days * 24 + hours;
  return allHours > 0 ? `${allHours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

// Making a formatter costs a hundred times more than using it; a list of a hundred events has three.
function format(iso: string, locale: string, shape: Intl.DateTimeFormatOptions, zone: string): string {
  const key = locale + zone + JSON.stringify(shape);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale, { ...shape, timeZone: zone });
    formats.set(key, found);
  }
  return found.format(new Date(iso));
}
