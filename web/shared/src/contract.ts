/** The API's answers as the pages read them (`/v1/openapi.json` is the source). */
import type { Money } from './money.ts';

export type EventStatus = 'on_sale' | 'scheduled' | 'cancelled' | 'ended' | 'paused';

export interface Venue {
  id: string;
  name: string;
  city: string;
  country: string;
  address: string;
  lat: number | null;
  lon: number | null;
}

export interface EventSummary {
  id: string;
  slug: string;
  title: string;
  summary: string;
  category: string;
  status: EventStatus;
  organisation: { id: string; name: string; slug: string; accent?: string };
  venue: Venue;
  timezone: string;
  starts_at: string;
  doors_at: string | null;
  ends_at: string | null;
  on_sale_at: string | null;
  off_sale_at: string | null;
  age_limit: number | null;
  image: string | null;
  accessible: boolean;
  currency: string;
  price_from: Money | null;
  price_to: Money | null;
  order_fee: Money;
  seats_per_order_max: number;
  /** Over all orders of one buyer; null or absent: nobody counts. */
  seats_per_buyer_max?: number | null;
  chart: string;
  seat_count: number;
  version: number;
  server_time: string;
  /** Seats left, where the list knows it. */
  free?: number | null;
}

/** Seats that one order of one buyer may have: the smaller of the event's two limits. */
export function seatsAtOnceMax(event: EventSummary): number {
  return Math.min(event.seats_per_order_max, event.seats_per_buyer_max ?? Infinity);
}

export interface PriceCategory {
  key: string;
  name: string;
  color: string;
  /** All-in for one ticket. */
  price: Money;
  face: Money;
  fee: Money;
}

export interface EventDetail extends EventSummary {
  description: string;
  lineup: string[];
  terms: string;
  refund_policy: string;
  categories: PriceCategory[];
  tax: { name: string; rate_bp: number; inclusive: boolean };
}

export interface Facet {
  value: string;
  count: number;
}

export interface EventList {
  items: EventSummary[];
  next: string | null;
  facets?: Record<string, Facet[]>;
}

export interface HeldSeat {
  id: string;
  seat?: number;
  label: string;
  category: string;
  price: Money;
}

export interface Hold {
  id: string;
  event_id: string;
  seats: HeldSeat[];
  total: Money;
  expires_at: string;
  extended: boolean;
  server_time: string;
  hold_token: string;
}

export type HoldWish =
  | { seats: string[] }
  | { areas: { area: string; quantity: number }[] }
  | { best_available: { quantity: number; category?: string; price_max?: number; accessible?: boolean } };

export type OrderStatus =
  | 'awaiting_payment'
  | 'paid'
  | 'partially_refunded'
  | 'refunded'
  | 'cancelled'
  | 'expired'
  | 'payment_in_doubt';

export interface Payment {
  status:
    | 'created'
    | 'challenge'
    | 'authorised'
    | 'captured'
    | 'declined'
    | 'voiding'
    | 'voided'
    | 'in_doubt'
    | 'failed';
  method: string;
  next_action: { type: 'redirect'; url: string } | null;
  decline_code: string | null;
}

export interface Quote {
  lines: { label: string; quantity: number; unit: Money; amount: Money }[];
  fees: Money;
  tax: Money;
  total: Money;
}

export interface Order {
  code: string;
  /** Told once, in the answer that made the order. */
  secret?: string;
  status: OrderStatus;
  /** Null while the catalogue cannot be asked. */
  event: OrderEvent | null;
  buyer: { name: string; email: string };
  seats: { id: string; label: string; category: string; price: Money }[];
  quote: Quote;
  expires_at: string;
  created_at: string;
  server_time: string;
  payment: Payment | null;
  tickets: Ticket[];
  /** All tickets as one file, once there are codes. */
  tickets_pdf_url?: string | null;
}

export interface OrderEvent {
  id: string;
  slug: string;
  title: string;
  starts_at: string;
  timezone: string;
  venue: string;
  city: string;
}

export interface Ticket {
  id: string;
  status: 'valid' | 'used' | 'transferred' | 'refunded' | 'void';
  seat: string;
  label: string;
  /** The text inside the QR; null until the money is captured. */
  code: string | null;
  /** Links that carry their right with them, good for some minutes. */
  pdf_url: string | null;
  ics_url: string | null;
  png_url: string | null;
  /** Passes for the phone's wallet, where the installation makes them. */
  pkpass_url?: string | null;
  google_wallet_url?: string | null;
  /** How the code moves, for events whose codes do. */
  moving?: Moving | null;
}

/** The code of a step is `stem`, a dot, and base64url of the step (four bytes) and its proof (eight). */
export interface Moving {
  stem: string;
  /** The key of the proofs, base64url; whoever has it can show the ticket. */
  seed: string;
  step_s: number;
}

export interface PaymentWish {
  method: string;
  token?: string;
}

export interface OrderWish {
  hold_token: string;
  buyer: { name: string; email: string; language: string };
  payment?: PaymentWish;
}
