import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const FOLDER = new URL('../../docs/functions/', import.meta.url);

test('docs/functions - a page names each error code once', () => {
  const pages = readdirSync(FOLDER).filter(name => name.endsWith('.md'));
  expect(pages).not.toHaveLength(0);
  for (const page of pages) {
    const [, errors = ''] = readFileSync(new URL(page, FOLDER), 'utf8').split('\n## Errors\n');
    const [paragraph = ''] = errors.trim().split('\n');
    const codes = paragraph.match(/`[A-Z_]+`/g) ?? [];
    expect({ page, codes }).toEqual({ page, codes: [...new Set(codes)] });
    expect(codes).toContain('`UNSUPPORTED`');
  }
});
