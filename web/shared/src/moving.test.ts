import { describe, expect, it } from 'vitest';

import { movingCode, movingShare, movingStep } from './moving.ts';

// The same as in tests/unit/contracts/test_moving_codes.py: phones and gates follow one recipe.
const GIVEN = { stem: 'SW2.c3RlbQ', seed: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8', step_s: 15 };
const NOON = Date.UTC(2031, 7, 14, 12);

describe('a code that moves', () => {
  it('is the one that gates expect', async () => {
    expect(await movingCode(GIVEN, movingStep(GIVEN, NOON))).toBe('SW2.c3RlbQ.B7oFwK9eTvxaWwUg');
    expect(await movingCode(GIVEN, movingStep(GIVEN, NOON + 15_000))).toBe('SW2.c3RlbQ.B7oFwXSUmihrR-4f');
  });

  it('changes on the step and not before', () => {
    expect(movingStep(GIVEN, NOON + 14_999)).toBe(movingStep(GIVEN, NOON));
    expect(movingStep(GIVEN, NOON + 15_000)).toBe(movingStep(GIVEN, NOON) + 1);
    expect(movingShare(GIVEN, NOON + 7500)).toBeCloseTo(0.5);
  });
});
