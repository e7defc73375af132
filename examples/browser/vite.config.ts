import { defaultClientConditions, defineConfig, type Plugin } from 'vite';

/** What the built page may do: run its own scripts and the programs that `compile` makes, and nothing else. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Writes the policy into the built page; the development server has scripts of its own, which it would forbid. */
const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: policy }, injectTo: 'head-prepend' },
  ],
};

/** How long the build takes is no matter for a warning: the machine may be busy. */
const checks = { bundlerTimings: false };

export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that the page can lie in any folder of a server.
  base: './',
  resolve: { conditions: ['tapegrad-source', ...defaultClientConditions] },
  plugins: [contentSecurityPolicy],
  worker: { format: 'es', rolldownOptions: { checks } },
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, rolldownOptions: { checks } },
});
