import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig, type Plugin } from 'vite';

const GROUND =
  /\/shared\/src\/(client|clock|contract|dates|identity|index|money|problem|translate)\.ts$|\/shop\/src\/lib\/((words|tab|refusal|services)\.ts|(network|ticker)\.svelte\.ts)$/;

// The first paint must not wait for a stylesheet, so the shell carries a few lines of its own.
// They are allowed by their hash: the policy knows no 'unsafe-inline'.
const shell = readFileSync(new URL('./src/app.html', import.meta.url), 'utf8');
const shellStyle = /<style>([\s\S]*?)<\/style>/.exec(shell)?.[1] ?? '';
const shellStyleHash = `sha256-${createHash('sha256').update(shellStyle).digest('base64')}` as const;

/**
 * SvelteKit hides its page announcer by a style attribute, which a policy without 'unsafe-inline'
 * forbids; our own class hides it as well. Fails the build when an upgrade changes that line.
 */
function announcerWithoutStyle(): Plugin {
  return {
    name: 'announcer-without-style',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/runtime/components/root.svelte')) return null;
      const changed = code.replace(/(id="svelte-announcer"[^>]*?)style="[^"]*"/s, '$1class="sr-only"');
      if (changed === code)
        throw new Error('SvelteKit draws its announcer differently now: see vite.config.ts');
      return changed;
    },
  };
}

export default defineConfig({
  plugins: [
    announcerWithoutStyle(),
    sveltekit({
      adapter: adapter({
        pages: '../build',
        assets: '../build',
        // Addresses with a part that only the server knows (/events/…) all start from this shell.
        fallback: '200.html',
        precompress: true,
      }),
      csp: {
        mode: 'hash',
        directives: {
          'default-src': ['none'],
          'script-src': ['self'],
          'style-src': ['self', shellStyleHash],
          'img-src': ['self', 'data:'],
          'font-src': ['self'],
          'connect-src': ['self'],
          'manifest-src': ['self'],
          'worker-src': ['self'],
          'form-action': ['self'],
          'base-uri': ['none'],
          'object-src': ['none'],
        },
      },
      // Half a minute of an on-sale is too often to ask 100,000 browsers for a new version.
      version: { pollInterval: 0 },
    }),
  ],
  build: {
    target: 'es2022',
    sourcemap: false,
    rolldownOptions: {
      output: {
        // What every page needs anyway travels as one file: cut up by who else uses which part of
        // it, it would be larger for the buyer with every page that we add.
        codeSplitting: { groups: [{ name: 'ground', test: GROUND }] },
      },
    },
  },
});
