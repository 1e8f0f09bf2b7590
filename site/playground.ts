/** The page of the site that calls a kvflow of the reader's own: the server's /docs, which asks for the server's address here. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { docsHtml } from '../runtime/server/pages/docs-html.ts';
import { DOCS_SCRIPT } from '../runtime/server/pages/docs-script.ts';
import { PAGE_STYLE } from '../runtime/server/pages/page-style.ts';

/** The files of the page by their names, which lie in one folder. */
export const PLAYGROUND: Record<string, string> = {
  'index.html': docsHtml({ assets: '.', home: '../', asksServer: true }),
  'app.js': DOCS_SCRIPT,
  'style.css': PAGE_STYLE,
};

/** Writes the page into the folder `playground` of the site. */
export function writePlayground(outDir: string): void {
  const folder = join(outDir, 'playground');
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(PLAYGROUND)) writeFileSync(join(folder, file), text);
}
