/**
 * A ticket's code that moves, made by the phone itself: nobody need be asked, so it goes on without
 * a network. The recipe is the API's (`Moving`); gates judge by the same.
 */
import type { Moving } from './contract.ts';

const PROOF_BYTES = 8;

/** Which step an instant (ms since 1970) lies in. */
export function movingStep(moving: Moving, at: number): number {
  return Math.floor(at / 1000 / moving.step_s);
}

/** The share of the step that is over at an instant, 0 to 1. */
export function movingShare(moving: Moving, at: number): number {
  return at / 1000 / moving.step_s - movingStep(moving, at);
}

/** The code of a step; null where the browser lacks cryptography (a page without TLS). */
export async function movingCode(moving: Moving, step: number): Promise<string | null> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle) return null;
  const hash = { name: 'HMAC', hash: 'SHA-256' };
  const key = await subtle.importKey('raw', fromBase64(moving.seed), hash, false, ['sign']);
  const shown = new Uint8Array(4 + PROOF_BYTES);
  new DataView(shown.buffer).setUint32(0, step);
  const proof = await subtle.sign('HMAC', key, shown.slice(0, 4));
  shown.set(new Uint8Array(proof, 0, PROOF_BYTES), 4);
  return `${moving.stem}.${toBase64(shown)}`;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0));
}

function toBase64(raw: Uint8Array): string {
  return btoa(String.fromCharCode(...raw))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
