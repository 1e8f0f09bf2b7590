import type { FastifyPluginAsync } from 'fastify';
import { docsHtml } from '../pages/docs-html.ts';
import { DOCS_SCRIPT } from '../pages/docs-script.ts';
import { FAVICON } from '../pages/favicon.ts';
import { PAGE_STYLE } from '../pages/page-style.ts';
import { servePage } from './pages.ts';

/** GET /docs: a page to read about the functions and to try them, with nothing from the network; and every page's icon. */
export function docsRoutes(): FastifyPluginAsync {
  return async app =>
    servePage(app, [
      { url: '/docs', type: 'text/html', text: docsHtml({ assets: '/docs', home: '/' }) },
      { url: '/docs/app.js', type: 'text/javascript', text: DOCS_SCRIPT },
      { url: '/docs/style.css', type: 'text/css', text: PAGE_STYLE },
      { url: '/favicon.svg', type: 'image/svg+xml', text: FAVICON },
    ]);
}
