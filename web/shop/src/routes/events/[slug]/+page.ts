import { recentEvent } from '#lib/services.ts';

// Not awaited: the page draws its frame at once and fills it when the answer is there.
export function load({ params }: { params: { slug: string } }): { event: ReturnType<typeof recentEvent> } {
  const event = recentEvent(params.slug);
  event.catch(() => undefined);
  return { event };
}
