/** The site: docs/ as it is, with search, every page as Markdown too, and llms.txt. Links are checked by tests/docs/links.test.ts. */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { defineConfig, type MarkdownRenderer } from 'vitepress';
import { requirePages, sidebar, writeMarkdown } from '../pages.ts';
import { writePlayground } from '../playground.ts';
import { type Version, versionsOf } from '../versions.ts';

const ROOT = join(import.meta.dirname, '../..');
const installed = (file: string) => join(import.meta.dirname, '../node_modules', file);
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const { version } = JSON.parse(read('package.json')) as { version: string };
const { repository } = JSON.parse(read('scripts/release/owner.json')) as { repository: string | null };
/** Set by scripts/docs-site.ts; without them it is the checkout's pages at the root. */
const { KVFLOW_SITE_DOCS: srcDir = '../docs', KVFLOW_SITE_BASE: base = '/' } = process.env;
const versions = process.env.KVFLOW_SITE_VERSIONS
  ? (JSON.parse(process.env.KVFLOW_SITE_VERSIONS) as Version[])
  : versionsOf(version, []);

export default defineConfig({
  title: 'kvflow',
  description: 'Key-value functions for workflow automation, on NATS JetStream KV.',
  srcDir,
  base,
  outDir: join(ROOT, 'site/dist', base),
  cacheDir: 'node_modules/.cache/vitepress',
  cleanUrls: true,
  lastUpdated: false,
  rewrites: { 'README.md': 'index.md', ':folder/README.md': ':folder/index.md' },
  ignoreDeadLinks: true,
  markdown: { config: plain },
  vite: {
    build: { chunkSizeWarningLimit: 2_000 },
    // Pages lie outside of this folder, where its packages are not found.
    resolve: {
      alias: [
        { find: /^vue$/, replacement: installed('vue/dist/vue.runtime.esm-bundler.js') },
        { find: /^vue\/server-renderer$/, replacement: installed('vue/server-renderer/index.mjs') },
      ],
    },
  },
  buildEnd({ outDir }) {
    requirePages(outDir);
    writeMarkdown(outDir);
    writePlayground(outDir);
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Playground', link: '/playground/', target: '_self' },
      { text: 'Upgrading', link: '/upgrading' },
    ],
    versions,
    sidebar: sidebar(),
    ...(repository && { socialLinks: [{ icon: 'github' as const, link: repository }] }),
  },
});

/** The pages are Markdown and no Vue: braces and names in angle brackets are text. */
function plain(md: MarkdownRenderer): void {
  const { text, code_inline: code } = md.renderer.rules;
  const escaped = (html: string) => html.replaceAll('{{', '&#123;&#123;');
  // A folder's README is its index.
  const normalize = md.normalizeLink;
  md.normalizeLink = url => normalize(/^https?:/.test(url) ? url : url.replace('README.md', 'index.md'));
  md.renderer.rules.text = (...args) =>
    escaped(text?.(...args) ?? md.utils.escapeHtml(args[0][args[1]]?.content ?? ''));
  const open = md.renderer.rules.link_open;
  md.renderer.rules.link_open = (tokens, at, options, env, self) => {
    const token = tokens[at];
    const outside = token && outsideOf(token.attrGet('href') ?? '', env.relativePath);
    // Where nobody has said where the repository is, there is nothing to lead to.
    if (outside) token.attrs = repository ? [['href', `${repository}/blob/HEAD/${outside}`]] : [];
    return outside ? self.renderToken(tokens, at, options) : (open?.(tokens, at, options, env, self) ?? '');
  };
  md.renderer.rules.code_inline = (...args) => escaped(code?.(...args) ?? '');
  for (const rule of ['html_inline', 'html_block'] as const) {
    md.renderer.rules[rule] = (tokens, at) => {
      const html = tokens[at]?.content ?? '';
      return html.startsWith('<!--') ? '' : md.utils.escapeHtml(html);
    };
  }
}

/** The path in the repository of a file that lies beside docs/. */
function outsideOf(href: string, page: string): string | undefined {
  if (/^([a-z]+:|[/#])/.test(href)) return undefined;
  const path = posix.join('docs', posix.dirname(page), href);
  return path.startsWith('docs/') ? undefined : path;
}
