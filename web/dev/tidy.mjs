/** The house rules for pages: short files and functions, no leftovers, every word through the catalogue's own types. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

const WEB = fileURLToPath(new URL('..', import.meta.url));
const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 50;
// Functions that may be longer, by file, each for a reason; one that is no longer is a complaint.
const LONG_FUNCTIONS = {
  'dev/arena.mjs': ['stadium', 'club'], // a drawing, seat after seat
  'dev/programme.mjs': ['programme'], // a list of made-up events
};
const KINDS = /\.(ts|mjs|svelte|css|html|json)$/;
const SKIPPED = new Set(['node_modules', 'build', '.svelte-kit', 'shots', 'package-lock.json']);
const BANNED = [
  [/\bFIXME\b|\bXXX\b/, 'a leftover: finish it or open an issue'],
  [/console\.(log|debug)\(/, 'nothing is printed in a reader’s browser'],
  [/\{@html\b/, 'markup from data is how strangers write our pages'],
  [/\sstyle="/, 'a style attribute is refused by the content policy: use a class or style:name'],
  [
    /https?:\/\/(?!(www\.)?(openstreetmap\.org|w3\.org)|127\.0\.0\.1|fixture|docs\.nats\.io)/,
    'a page asks nobody but us',
  ],
];
const COPIES = /(^|\/)(utils|helpers|common|misc|manager)\.(ts|svelte)$/;

function* files(folder) {
  for (const name of readdirSync(folder).sort()) {
    if (SKIPPED.has(name)) continue;
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else if (KINDS.test(name)) yield path;
  }
}

/** What is to be said of a file's functions; those in `spared` are taken out of it. */
function* longFunctions(name, text, spared) {
  const scripts = name.endsWith('.svelte')
    ? text.matchAll(/(<script[^>]*>)(.*?)<\/script>/gs)
    : [[text, '', text]];
  for (const { 1: tag, 2: code, index = 0 } of scripts) {
    // What is before the code is left out as empty lines, so that lines are the file's.
    const before = text.slice(0, index + tag.length).replace(/[^\n]/g, '');
    const kind = name.endsWith('.mjs') ? ts.ScriptKind.JS : ts.ScriptKind.TS;
    const source = ts.createSourceFile(name, before + code, ts.ScriptTarget.Latest, true, kind);
    for (const one of longIn(source, source, spared)) yield `${name}:${one}, at most ${FUNCTION_LINES_MAX}`;
  }
}

function* longIn(source, node, spared) {
  if (ts.isFunctionLike(node) && node.body && !isGroupOfTests(node)) {
    const line = (at) => source.getLineAndCharacterOfPosition(at).line + 1;
    const [first, last] = [line(node.getStart()), line(node.end)];
    const called = node.name?.getText() ?? node.parent.name?.getText() ?? 'a function';
    const lines = last - first + 1;
    if (lines > FUNCTION_LINES_MAX) {
      if (spared.delete(called)) return;
      yield `${first}: ${called} has ${lines} lines`;
    }
  }
  // `forEachChild` stops at what is true.
  const inner = [];
  ts.forEachChild(node, (one) => void inner.push(one));
  for (const one of inner) yield* longIn(source, one, spared);
}

/** A file's tests in one pair of braces: each of them is counted by itself. */
function isGroupOfTests({ parent }) {
  return ts.isCallExpression(parent) && parent.expression.getText() === 'describe';
}

const complaints = [];
for (const path of files(WEB)) {
  const name = relative(WEB, path);
  const text = readFileSync(path, 'utf8');
  const lines = text.split('\n');
  if (lines.length > FILE_LINES_MAX)
    complaints.push(`${name}: ${lines.length} lines, at most ${FILE_LINES_MAX}`);
  if (/\.(ts|mjs|svelte)$/.test(name)) {
    const spared = new Set(LONG_FUNCTIONS[name]);
    complaints.push(...longFunctions(name, text, spared));
    for (const one of spared) complaints.push(`${name}: ${one} is no longer long, and need not be spared`);
  }
  if (COPIES.test(name)) complaints.push(`${name}: a name that says nothing`);
  if (name.startsWith('dev/')) continue;
  lines.forEach((line, index) => {
    for (const [pattern, advice] of BANNED)
      if (pattern.test(line)) complaints.push(`${name}:${index + 1}: ${advice}`);
  });
}

const lock = readFileSync(join(WEB, 'package-lock.json'), 'utf8');
for (const [, address] of lock.matchAll(/"resolved": "(https?:[^"]*)"/g)) {
  complaints.push(
    `package-lock.json names a download address (${address}): npm config omit-lockfile-registry-resolved`,
  );
}

if (complaints.length > 0) {
  console.error(complaints.join('\n'));
  process.exit(1);
}
console.log('tidy');
