import { defineConfig } from 'vitest/config';

// Node is enough: everything tested here is pure (state, plan, decoder, wire format, formatting).
export default defineConfig({
  test: { include: ['seatmap/src/**/*.test.ts', 'shared/src/**/*.test.ts', 'shop/src/**/*.test.ts'] },
});
