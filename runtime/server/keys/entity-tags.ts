import { invalidField } from '../../../contract/errors.ts';

/** What `If-Match` or `If-None-Match` asks for: any item at all, or one of these tags. */
export type EntityTags = '*' | readonly EntityTag[];

/** One tag: the revision it stands for (NaN: none of ours), and whether it is a weak one, `W/"42"`. */
export interface EntityTag {
  revision: number;
  weak: boolean;
}

/** Conditions of a request on one key (RFC 9110, section 13). */
export interface Conditions {
  match: EntityTags | undefined;
  noneMatch: EntityTags | undefined;
}

const TAG = /\s*(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)/y;

/** The entity tag of a revision: `"42"`. */
export function entityTag(revision: number): string {
  return `"${revision}"`;
}

/** Reads the conditions. Throws INVALID_INPUT that names the header. */
export function readConditions(headers: Record<string, string | string[] | undefined>): Conditions {
  return {
    match: parse('If-Match', headers['if-match']),
    noneMatch: parse('If-None-Match', headers['if-none-match']),
  };
}

/** Whether the item at `current` (undefined: there is none) is what `If-Match` asks for: weak tags never are. */
export function matchesStrongly(tags: EntityTags, current: number | undefined): boolean {
  if (tags === '*') return current !== undefined;
  return tags.some(({ revision, weak }) => !weak && revision === current);
}

/** The same for `If-None-Match`, which takes weak tags for strong ones. */
export function matchesWeakly(tags: EntityTags, current: number | undefined): boolean {
  if (tags === '*') return current !== undefined;
  return tags.some(({ revision }) => revision === current);
}

function parse(name: string, given: string | string[] | undefined): EntityTags | undefined {
  if (given === undefined) return undefined;
  const text = [given].flat().join(', ').trim();
  if (text === '*') return '*';
  const tags: EntityTag[] = [];
  TAG.lastIndex = 0;
  for (let at = 0; at < text.length; at = TAG.lastIndex) {
    TAG.lastIndex = at;
    const found = TAG.exec(text);
    if (!found) throw invalidField('', `The header ${name} must be * or revisions in quotes, such as "42".`);
    const [, weak, value = ''] = found;
    tags.push({
      revision: /^[1-9]\d{0,15}$/.test(value) ? Number(value) : Number.NaN,
      weak: weak !== undefined,
    });
  }
  return tags;
}
