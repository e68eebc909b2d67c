/** Colours of the picture, read from the page's own tokens so that both schemes and any accent fit. */

export type Rgb = readonly [r: number, g: number, b: number];

export interface Theme {
  ground: Rgb;
  object: Rgb;
  section: Rgb;
  gone: Rgb;
  ink: Rgb;
  halo: string;
  accent: Rgb;
  accentInk: Rgb;
  paper: Rgb;
  font: string;
}

/** Reads the custom properties that apply to `el`. */
export function readTheme(el: HTMLElement): Theme {
  const style = getComputedStyle(el);
  const of = (name: string, fallback: string): string => style.getPropertyValue(name).trim() || fallback;
  return {
    ground: parseColour(of('--map-ground', '#f3f1ec')),
    object: parseColour(of('--map-object', '#dedad1')),
    section: parseColour(of('--map-section', '#e4e0d8')),
    gone: parseColour(of('--map-gone', '#c4bfb6')),
    ink: parseColour(of('--map-ink', '#1d1b22')),
    halo: of('--map-halo', 'rgb(255 255 255 / 88%)'),
    accent: parseColour(of('--accent', '#5630c9')),
    accentInk: parseColour(of('--accent-ink', '#ffffff')),
    paper: parseColour(of('--surface', '#ffffff')),
    font: style.fontFamily || 'system-ui, sans-serif',
  };
}

/** `#rgb` or `#rrggbb`; anything else is a middle grey, so that a wrong chart still paints. */
export function parseColour(text: string): Rgb {
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  if (long)
    return [
      parseInt(long[1] as string, 16),
      parseInt(long[2] as string, 16),
      parseInt(long[3] as string, 16),
    ];
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text);
  if (short)
    return [
      17 * parseInt(short[1] as string, 16),
      17 * parseInt(short[2] as string, 16),
      17 * parseInt(short[3] as string, 16),
    ];
  return [128, 128, 128];
}

export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return [0, 1, 2].map((i) =>
    Math.round((a[i] as number) + ((b[i] as number) - (a[i] as number)) * share),
  ) as unknown as Rgb;
}

export function css([r, g, b]: Rgb, alpha = 1): string {
  return alpha >= 1 ? `rgb(${r},${g},${b})` : `rgba(${r},${g},${b},${alpha})`;
}

/** Relative luminance, WCAG 2.2. */
export function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Black or white, whichever reads better on `ground`. */
export function inkOn(ground: Rgb): Rgb {
  // Where both have the same contrast: (L + 0.05)² = 1.05 · 0.05.
  return luminance(ground) > 0.179 ? [20, 18, 26] : [255, 255, 255];
}
