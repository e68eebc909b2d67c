/** What the API says when it refuses (RFC 9457), and what we say when it could not be asked. */

export interface FieldError {
  /** JSON pointer into the request's body, as `/buyer/email`. */
  pointer: string;
  code: string;
  detail?: string;
}

/** A refusal: the server understood, and said no. `code` is stable, `detail` is for people. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors: readonly FieldError[] = [],
    /** Seat ids that stood in the way (`seats_taken`). */
    readonly seats: readonly string[] = [],
    readonly retryAfterS: number | null = null,
    /** How many seats a buyer may have at all, and still (`buyer_limit`). */
    readonly limit: { most: number; left: number } | null = null,
  ) {
    super(`${status} ${code}: ${detail}`);
    this.name = 'Problem';
  }

  /** The refusal that belongs to one field of the form, if there is one. */
  at(pointer: string): FieldError | undefined {
    return this.errors.find((error) => error.pointer === pointer);
  }
}

/**
 * No answer, or none that can be read. What became of a write is unknown: repeat it with the same
 * idempotency key, never with a new one.
 */
export class Unreachable extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'Unreachable';
  }
}

/**
 * Whether it is open what became of a write: ask again with the same key, and only with that.
 * "Not so fast" (429) is said at the door: it tells nothing about an earlier try without an answer.
 */
export function isUnknown(error: unknown): boolean {
  if (error instanceof Unreachable) return true;
  if (!(error instanceof Problem)) return false;
  return error.status >= 500 || error.status === 429 || error.code === 'in_progress';
}

/** Reads a refusal from an answer's body; tolerates proxies that answer with a page of their own. */
export async function readProblem(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  const told = (body !== null && typeof body === 'object' ? body : {}) as Record<string, unknown>;
  const header = Number(response.headers.get('retry-after') ?? Number.NaN);
  const waits = typeof told['retry_after_s'] === 'number' ? told['retry_after_s'] : header;
  return new Problem(
    response.status,
    typeof told['code'] === 'string' ? told['code'] : `http_${response.status}`,
    typeof told['detail'] === 'string' ? told['detail'] : response.statusText,
    Array.isArray(told['errors']) ? (told['errors'] as FieldError[]) : [],
    Array.isArray(told['seats']) ? (told['seats'] as string[]) : [],
    Number.isFinite(waits) ? waits : null,
    typeof told['seats_max'] === 'number' && typeof told['seats_left'] === 'number'
      ? { most: told['seats_max'], left: told['seats_left'] }
      : null,
  );
}
