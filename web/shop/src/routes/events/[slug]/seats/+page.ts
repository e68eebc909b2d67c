import { loadSeats, type Loaded } from '#lib/seats/load.ts';

export function load({ params }: { params: { slug: string } }): { slug: string; seats: Promise<Loaded> } {
  const seats = loadSeats(params.slug);
  seats.catch(() => undefined);
  return { slug: params.slug, seats };
}
