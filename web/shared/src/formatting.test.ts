import { describe, expect, it } from 'vitest';

import { createServerClock } from './clock.ts';
import { formatDay, formatForReader, formatSpan, formatTime, splitSpan } from './dates.ts';
import { de } from './messages/de.ts';
import { en } from './messages/en.ts';
import { formatMoney, formatMoneyExact, isVat, sumMoney } from './money.ts';
import { isUnknown, Problem, readProblem, Unreachable } from './problem.ts';
import { chooseLocale, chooseRegion, createTranslate } from './translate.ts';

// Intl writes no-break spaces; which kind changes from release to release.
const plain = (text: string): string => text.replace(/\s/gu, ' ');

describe('money', () => {
  it('drops the cents of a round sum, and only there', () => {
    expect(formatMoney({ amount: 3900, currency: 'EUR' }, 'en-GB')).toBe('€39');
    expect(formatMoney({ amount: 3950, currency: 'EUR' }, 'en-GB')).toBe('€39.50');
    expect(plain(formatMoney({ amount: 3950, currency: 'EUR' }, 'de'))).toBe('39,50 €');
    expect(formatMoneyExact({ amount: 3900, currency: 'EUR' }, 'en-GB')).toBe('€39.00');
  });

  it('knows currencies without cents and with thousandths', () => {
    expect(formatMoney({ amount: 3900, currency: 'JPY' }, 'en-GB')).toBe('JP¥3,900');
    expect(plain(formatMoney({ amount: 1250, currency: 'BHD' }, 'en-GB'))).toBe('BHD 1.250');
  });

  it('adds one currency and refuses two', () => {
    expect(sumMoney([{ amount: 1, currency: 'EUR' }], 'EUR')).toEqual({ amount: 1, currency: 'EUR' });
    expect(() => sumMoney([{ amount: 1, currency: 'USD' }], 'EUR')).toThrow();
  });
});

describe('taxes', () => {
  it('are value added tax by any of its names, and nothing else', () => {
    for (const name of ['VAT', 'MwSt.', 'USt.', 'TVA', 'T.V.A.', 'IVA', 'I.V.A.', 'btw', 'VAT '])
      expect(isVat(name), name).toBe(true);
    for (const name of ['', 'Sales tax', 'GST', 'Amusement tax', 'VATEX'])
      expect(isVat(name), name).toBe(false);
  });
});

describe('dates', () => {
  it('are those of the event, wherever the reader is', () => {
    expect(formatDay('2027-01-01T04:30:00Z', 'America/New_York', 'en-GB')).toContain('31 Dec 2026');
    expect(formatTime('2026-07-01T17:30:00Z', 'Europe/Berlin', 'en-GB')).toBe('19:30');
  });

  it('add the reader’s own only where it differs', () => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(formatForReader('2026-07-01T17:30:00Z', own, 'en-GB')).toBeNull();
    expect(formatForReader('2026-07-01T17:30:00Z', 'Pacific/Kiritimati', 'en-GB')).not.toBeNull();
  });

  it('count down without ever going below nothing', () => {
    expect(formatSpan(245_000)).toBe('4:05');
    expect(formatSpan(3_845_000)).toBe('1:04:05');
    expect(formatSpan(-5)).toBe('0:00');
    expect(formatSpan(1)).toBe('0:01');
    expect(splitSpan(90_061_000)).toEqual({ days: 1, hours: 1, minutes: 1, seconds: 1 });
  });
});

describe('the server’s clock', () => {
  it('is right on a phone that is ten minutes fast', () => {
    let own = 1_000_000_000;
    const clock = createServerClock(() => own);
    clock.observe(new Date(own - 600_000).toISOString(), own - 40, own + 40);
    expect(clock.now()).toBe(own - 600_000);
    own += 5000;
    expect(clock.now()).toBe(own - 600_000);
  });

  it('trusts the quicker answer', () => {
    const own = 1_000_000_000;
    const clock = createServerClock(() => own);
    clock.observe(new Date(own + 100).toISOString(), own - 10, own + 10);
    clock.observe(new Date(own + 900).toISOString(), own - 2000, own);
    expect(clock.now()).toBe(own + 100);
  });

  it('notices that the own clock was put right', () => {
    let own = 1_000_000_000;
    const clock = createServerClock(() => own);
    clock.observe(new Date(own).toISOString(), own - 10, own + 10);
    own += 600_000;
    clock.observe(new Date(own - 600_000).toISOString(), own - 200, own);
    expect(Math.abs(clock.now() - (own - 600_000))).toBeLessThan(200);
  });

  it('ignores what is no time', () => {
    const clock = createServerClock(() => 5);
    clock.observe('soon', 0, 1);
    expect(clock.now()).toBe(5);
  });
});

describe('words', () => {
  it('are there in every language, with the same blanks', () => {
    expect(Object.keys(de)).toEqual(Object.keys(en));
    const blanks = (message: unknown): string[] =>
      [...new Set(JSON.stringify(message).match(/\{\w+\}/g) ?? [])].sort();
    for (const key of Object.keys(en) as (keyof typeof en)[])
      expect([key, blanks(de[key])]).toEqual([key, blanks(en[key])]);
  });

  it('follow the number', () => {
    const t = createTranslate(en, 'en');
    expect(t('best.find', { n: 1 })).toBe('Find the best seat');
    expect(t('best.find', { n: 3 })).toBe('Find 3 seats together');
    expect(t('home.count', { n: 0 })).toBe('No events');
    expect(createTranslate(de, 'de')('seats.left', { n: 6363 })).toBe('noch 6.363');
  });

  it('are taken in the reader’s first language that we have', () => {
    expect(chooseLocale(['pt-BR', 'de-AT', 'en'])).toBe('de');
    expect(chooseLocale(['xx'])).toBe('en');
  });

  it('are written as in the reader’s region, where the browser knows it', () => {
    expect(chooseRegion('de', ['en', 'de-AT'])).toBe('de-AT');
    expect(chooseRegion('de', ['de'])).toBe('de');
    expect(chooseRegion('en', ['en-US@posix', 'en-IE'])).toBe('en-IE');
    expect(chooseRegion('en', ['en-US@posix'])).toBe('en-GB');
  });
});

describe('refusals', () => {
  it('are read with their fields', async () => {
    const body = { code: 'invalid', detail: 'No', errors: [{ pointer: '/buyer/email', code: 'invalid' }] };
    const problem = await readProblem(new Response(JSON.stringify(body), { status: 422 }));
    expect(problem).toMatchObject({ status: 422, code: 'invalid' });
    expect(problem.at('/buyer/email')?.code).toBe('invalid');
    expect(problem.at('/buyer/name')).toBeUndefined();
  });

  it('survive a page that is no refusal', async () => {
    const problem = await readProblem(
      new Response('<html>', { status: 502, headers: { 'retry-after': '3' } }),
    );
    expect(problem).toMatchObject({ status: 502, code: 'http_502', retryAfterS: 3, seats: [] });
  });

  it('are told apart from what nobody knows', () => {
    expect(isUnknown(new Unreachable('x'))).toBe(true);
    expect(isUnknown(new Problem(503, 'outcome_unknown', ''))).toBe(true);
    expect(isUnknown(new Problem(409, 'in_progress', ''))).toBe(true);
    expect(isUnknown(new Problem(409, 'seats_taken', ''))).toBe(false);
    expect(isUnknown(new TypeError('bug'))).toBe(false);
  });
});
