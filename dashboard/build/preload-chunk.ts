import type { Plugin } from 'vite';

/** Lets the page ask for a chunk at once that it would hear of only when its first script has run. */
export function preloadChunk(name: string): Plugin {
  let base = '/';
  return {
    name: 'kvflow-preload-chunk',
    apply: 'build',
    configResolved: config => {
      base = config.base;
    },
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle = {} }) =>
        Object.values(bundle)
          .filter(file => file.type === 'chunk' && file.name === name)
          .map(({ fileName }) => ({
            tag: 'link',
            attrs: { rel: 'modulepreload', crossorigin: true, href: `${base}${fileName}` },
            injectTo: 'head' as const,
          })),
    },
  };
}
