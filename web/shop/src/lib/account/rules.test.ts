import { expect, it } from 'vitest';

import { secretOf, wayBack, wrongIn } from './rules.ts';

const HERE = 'http://fixture';

it.each([
  ['/events/a-b/seats?x=1', '/events/a-b/seats?x=1'],
  ['/accounts-of-war', '/accounts-of-war'],
  ['/', '/home'],
  ['/?q=jazz', '/home'],
  ['/account?x=1', '/home'],
  ['//', '/home'],
  ['/orders/KX7#secret', '/orders/KX7'],
  [null, '/home'],
  ['', '/home'],
  ['events', '/home'],
  ['//evil.example/', '/home'],
  ['/\\evil.example/', '/home'],
  ['/\t/evil.example/', '/home'],
  ['/.//evil.example/', '/home'],
  ['https:evil.example', '/home'],
  ['javascript:alert(1)', '/home'],
  ['/account/log-in', '/home'],
])('leads from %s to %s and nowhere else', (given, expected) => {
  expect(wayBack(given, HERE, '/home')).toBe(expected);
});

it('finds the secret behind the #, and nothing in what is left of a broken link', () => {
  expect(secretOf('#token=aB-_9')).toBe('aB-_9');
  expect(secretOf('#token=')).toBe('');
  expect(secretOf('#main')).toBe('');
  expect(secretOf('')).toBe('');
});

it('counts a password as the server does: characters after NFC, not code units', () => {
  expect(wrongIn({ new_password: 'a'.repeat(14) }).new_password).toBe('field.too_short');
  expect(wrongIn({ new_password: 'a'.repeat(15) })).toEqual({});
  expect(wrongIn({ new_password: '🎭'.repeat(14) }).new_password).toBe('field.too_short');
  expect(wrongIn({ new_password: 'e\u0301'.repeat(14) }).new_password).toBe('field.too_short');
  expect(wrongIn({ new_password: 'a'.repeat(257) }).new_password).toBe('field.too_long');
});

it('asks only for the fields that the form has', () => {
  expect(wrongIn({ email: ' ada@example.org ', password: 'x' })).toEqual({});
  expect(wrongIn({ email: 'ada@', password: '', name: '  ' })).toEqual({
    email: 'field.email_wrong',
    password: 'field.password_missing',
    name: 'field.name_missing',
  });
});
