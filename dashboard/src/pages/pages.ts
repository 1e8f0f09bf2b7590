import type { ComponentType, LazyExoticComponent } from 'react';
import { lazy } from 'react';
import type { PageDefinition, PageProps } from './page-definition.ts';

/** A page, ready to be shown. */
export interface Page extends PageDefinition {
  parts: string[];
  Component: LazyExoticComponent<ComponentType<PageProps>>;
}

/** A page at an address. */
export interface Matched {
  page: Page;
  params: Record<string, string>;
}

// Every folder of pages/ is a page because it is there.
const found = import.meta.glob<PageDefinition>('./*/*page.ts', { eager: true, import: 'default' });

/** Every page; those with more fixed parts are looked at first. */
export const pages: readonly Page[] = Object.values(found)
  .map(page => ({ ...page, parts: page.path.split('/'), Component: lazy(remembered(page)) }))
  .sort((a, b) => fixedParts(b) - fixedParts(a));

/** Pages of the navigation, in its order. */
export const navigationPages = pages
  .flatMap(page => (page.nav ? [{ ...page, nav: page.nav }] : []))
  .sort((a, b) => a.nav.order - b.nav.order);

/** The page of an address, given as its decoded parts. The first page of the navigation is at the root. */
export function matchPage(parts: string[]): Matched | undefined {
  if (parts.length === 0) {
    const [first] = navigationPages;
    return first && { page: first, params: {} };
  }
  for (const page of pages) {
    const params = paramsOf(page.parts, parts);
    if (params) return { page, params };
  }
  return undefined;
}

/** The page's title with what it shows. */
export function titleOf({ page, params }: Matched): string {
  return typeof page.title === 'function' ? page.title(params) : page.title;
}

function paramsOf(pattern: string[], parts: string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const part = parts[index] ?? '';
    if (expected.startsWith(':')) params[expected.slice(1)] = part;
    else if (expected !== part) return undefined;
  }
  return params;
}

function fixedParts({ parts }: { parts: string[] }): number {
  return parts.filter(part => !part.startsWith(':')).length;
}

type Loaded = Awaited<ReturnType<PageDefinition['load']>>;

/** Between the first page and what is loaded ahead. */
const PAUSE_MS = 500;

/**
 * Loads a page's component. One that is there already is given at once: for a promise React would show the fallback, and
 * that for at least 300 ms.
 */
function remembered({ load, ahead = false }: PageDefinition): () => Promise<Loaded> {
  let loaded: Loaded | undefined;
  const fetched = () => load().then(module => (loaded = module));
  if (ahead) {
    const idle = () => globalThis.requestIdleCallback?.(() => void fetched().catch(() => undefined));
    addEventListener('load', () => setTimeout(idle, PAUSE_MS));
  }
  return () => (loaded ? (atOnce(loaded) as Promise<Loaded>) : fetched());
}

/** What React takes for a promise that has been fulfilled. */
function atOnce(module: Loaded): unknown {
  // biome-ignore lint/suspicious/noThenProperty: a promise would tell a moment later
  return { then: (tell: (module: Loaded) => void) => tell(module) };
}
