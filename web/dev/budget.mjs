/**
 * What a buyer downloads on the way from the list to the ticket, gzipped, against the budget (P11).
 * Run after `npm run build`; exits with 1 when a limit is passed.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build } from 'vite';

const WEB = fileURLToPath(new URL('..', import.meta.url));
const KB = 1024;
const PATH_KB_MAX = 150;
const PATH_KB_GOAL = 90;
const MAP_KB_MAX = 60;

const zipped = (/** @type {string} */ file) => gzipSync(readFileSync(file), { level: 9 }).length;

const folder = join(WEB, 'build/_app/immutable');
const shop = join(WEB, 'shop/.svelte-kit');
/** @type {Record<string, {file: string, isEntry?: boolean, isDynamicEntry?: boolean, imports?: string[], css?: string[]}>} */
const manifest = JSON.parse(readFileSync(join(shop, 'output/client/.vite/manifest.json'), 'utf8'));

// Pages of accounts are not on the way: whoever buys fetches nothing that only they import.
const aside = Object.keys(manifest).filter(
  (key) =>
    /\/messages\/account\.\w+\.ts$/.test(key) ||
    (key.includes('/client-optimized/nodes/') &&
      readFileSync(join(WEB, 'shop', key), 'utf8').includes('/routes/account/')),
);
const onTheWay = reached(
  Object.keys(manifest).filter((key) => {
    const { isEntry, isDynamicEntry } = manifest[key];
    return (isEntry || isDynamicEntry) && !aside.includes(key);
  }),
);

/** The files of these chunks and of all that they import. */
function reached(/** @type {string[]} */ keys) {
  const seen = new Set(keys);
  for (const key of seen) for (const next of manifest[key].imports ?? []) seen.add(next);
  return new Set([...seen].flatMap((key) => [manifest[key].file, ...(manifest[key].css ?? [])]));
}

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(js|css)$/.test(name))
  .map((name) => ({ name, size: zipped(join(folder, name)), text: readFileSync(join(folder, name), 'utf8') }))
  .sort((a, b) => b.size - a.size);
const sum = (/** @type {typeof files} */ some) => some.reduce((total, file) => total + file.size, 0);
const bought = files.filter((file) => onTheWay.has(`_app/immutable/${file.name}`));

// A reader has one language: all catalogues but the largest stay where they are.
const catalogues = bought.filter(
  (file) => file.text.includes('"nav.skip":') || file.text.includes('`nav.skip`:'),
);
const spared = catalogues.slice(1);
const path = bought.filter((file) => !spared.includes(file));
const total = sum(path);

const scratch = join(WEB, 'seatmap/build');
await build({
  root: join(WEB, 'seatmap'),
  logLevel: 'error',
  build: {
    outDir: scratch,
    lib: { entry: 'src/index.ts', formats: ['es'], fileName: 'seatmap' },
    target: 'es2022',
    minify: 'oxc',
  },
});
const map = readdirSync(scratch).reduce((sum, name) => sum + zipped(join(scratch, name)), 0);
rmSync(scratch, { recursive: true });

for (const file of path.slice(0, 8))
  console.log(`${(file.size / KB).toFixed(1).padStart(7)} KB  ${file.name}`);
console.log(
  `${(total / KB).toFixed(1).padStart(7)} KB  buyer's path, all of it (at most ${PATH_KB_MAX}, goal ${PATH_KB_GOAL})`,
);
console.log(
  `${(sum(files.filter((file) => !bought.includes(file))) / KB).toFixed(1).padStart(7)} KB  pages of accounts, apart from it, all languages`,
);
console.log(`${(map / KB).toFixed(1).padStart(7)} KB  seat map alone (at most ${MAP_KB_MAX})`);
if (aside.length < 7) throw new Error('the pages of accounts were not found in the build: mend this script');
if (catalogues.length < 2) throw new Error('the catalogues were not found in the build: mend this script');
if (total > PATH_KB_MAX * KB || map > MAP_KB_MAX * KB) process.exit(1);
