import { describe, expect, it } from 'vitest';

import { ChartError, decodeAvailability, decodeChart, undelta, unpack, unrun } from './decode.ts';
import { FILE } from './fixture.ts';
import { placeOf, seatId, seatOf } from './places.ts';

describe('a chart', () => {
  const chart = decodeChart(FILE);

  it('turns steps into positions', () => {
    expect([...chart.x]).toEqual([100, 150, 200, 250, 100, 150, 200, 710, 790]);
    expect([...chart.y]).toEqual([100, 100, 100, 100, 200, 200, 200, 150, 150]);
    expect([...undelta([])]).toEqual([]);
  });

  it('counts sections, then tables, then standing places', () => {
    expect(chart.groups.map(({ key, first, count }) => [key, first, count])).toEqual([
      ['P', 0, 7],
      ['T1', 7, 2],
    ]);
    expect(chart.areas[0]).toMatchObject({ first: 9, capacity: 3 });
    expect(chart.placeCount).toBe(12);
  });

  it('names every seat as the API does, both ways', () => {
    const ids = Array.from({ length: chart.seatCount }, (_, seat) => seatId(chart, seat));
    expect(ids).toEqual(['P:A:2', 'P:A:4', 'P:A:6', 'P:A:8', 'P:B:1', 'P:B:2a', 'P:B:3', 'T1::1', 'T1::2']);
    expect(ids.map((id) => seatOf(chart, id))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(seatOf(chart, 'P:A:3')).toBeNull();
    expect(seatOf(chart, 'floor:1')).toBeNull();
    expect(placeOf(chart, 5)).toMatchObject({ row: { name: 'B' }, seat: '2a' });
  });

  it('keeps categories, flags and the categories of each section', () => {
    expect([...chart.category]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(chart.flags[0]).toBe(1);
    expect(chart.groups[0]?.categories).toEqual([0, 1]);
    expect(chart.pitch).toBe(50);
  });

  it.each([
    ['another format', { ...FILE, format: 'x' as 'seatwright-chart/1' }],
    ['a wrong number of places', { ...FILE, seat_count: 13 }],
    ['rows that do not cover the seats', { ...FILE, tables: [] }],
    ['categories for too few seats', { ...FILE, seats: { ...FILE.seats, category: [0, 4] } }],
  ])('refuses %s', (_, file) => {
    expect(() => decodeChart(file)).toThrow(ChartError);
  });

  it('refuses runs that say too little', () => {
    expect(() => unrun([1, 2], 3)).toThrow(ChartError);
  });
});

describe('availability', () => {
  function wire(count: number, bits: number[]): ArrayBuffer {
    const buffer = new ArrayBuffer(32 + bits.length);
    const view = new DataView(buffer);
    view.setUint32(0, 0x53574156);
    view.setUint8(4, 1);
    view.setBigUint64(8, 1_790_000_000_123n);
    view.setUint32(16, count);
    [...'epoch-01'].forEach((letter, i) => view.setUint8(24 + i, letter.charCodeAt(0)));
    bits.forEach((byte, i) => view.setUint8(32 + i, byte));
    return buffer;
  }

  it('puts the first seat into the highest bits', () => {
    expect([...unpack(new Uint8Array([0b00_01_10_11, 0b11_00_00_00]), 5)]).toEqual([0, 1, 2, 3, 3]);
  });

  it('reads version, epoch and states', () => {
    const told = decodeAvailability(wire(5, [0b10_00_00_01, 0b01_00_00_00]), 5);
    expect(told).toMatchObject({ version: 1_790_000_000_123, epoch: 'epoch-01' });
    expect([...told.states]).toEqual([2, 0, 0, 1, 1]);
  });

  it('refuses what was made for another chart, was cut short, or is something else', () => {
    expect(() => decodeAvailability(wire(5, [0, 0]), 6)).toThrow(ChartError);
    expect(() => decodeAvailability(wire(9, [0, 0]), 9)).toThrow(ChartError);
    expect(() => decodeAvailability(new ArrayBuffer(40), 5)).toThrow(ChartError);
    expect(() => decodeAvailability(new ArrayBuffer(3), 5)).toThrow(ChartError);
  });
});
