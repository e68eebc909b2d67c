export * from './client.ts';
export * from './clock.ts';
export * from './contract.ts';
export * from './dates.ts';
export * from './identity.ts';
export * from './money.ts';
export * from './problem.ts';
export * from './translate.ts';
