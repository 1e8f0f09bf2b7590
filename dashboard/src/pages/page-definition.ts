import type { ComponentType } from 'react';

/** What a page's component is given: the parts of its address, decoded, by their names in `path`. */
export interface PageProps {
  params: Record<string, string>;
}

/** A page. `pages/<page>/page.ts` exports it as default, and that is all there is to do. */
export interface PageDefinition {
  /** Parts of the address below /ui/; `:name` stands for any part: `buckets/:bucket/keys/:key`. */
  path: string;
  /** For the document's title and its main heading; may name what is shown. */
  title: string | ((params: Record<string, string>) => string);
  /** Where it stands in the navigation; pages without are reached from others. */
  nav?: {
    label: string;
    icon: ComponentType<{ size?: number | string; stroke?: number | string }>;
    /** Ascending: Buckets 10, Live 20, Functions 30, Sessions 40, Recognition 50, Import & export 60, Admin log 65, Flows 70. */
    order: number;
    /** Pressed after `g`. */
    key?: string;
  };
  /** Keys that this page understands, for the help. */
  keys?: { keys: string[]; does: string }[];
  /** Loads the component, which is the module's default export. */
  load(): Promise<{ default: ComponentType<PageProps> }>;
  /** It is loaded once the browser has nothing else to do, so that a click opens it at once. */
  ahead?: boolean;
}

/** Checks a definition's form. */
export function definePage(page: PageDefinition): PageDefinition {
  return page;
}
