import type { BucketOptions } from '../../../core/ports/buckets.ts';
import { createBase64Keys } from './base64-keys.ts';
import type { KeyCodec } from './key-codec.ts';

/** How key patterns of mirrors and sources stand in subjects. */
export interface OriginPatterns {
  /** Own form first: where keys are encoded, other clients may have written the same ones otherwise. */
  write(pattern: string): string[];
  /** A key to be made, in which what stands for a wildcard stays. */
  writeDest(dest: string): string;
  /** Undefined where it is no pattern of ours. */
  read(stored: string): string | undefined;
}

const PLAIN: OriginPatterns = {
  write: pattern => [pattern],
  writeDest: dest => dest,
  read: stored => stored,
};

/** NATS's `*` and `>`, and what a transform puts in: `{{wildcard(1)}}`, or `$1` as of old. */
const STAYS = /^(?:\*|>|\$\d+|.*\{\{.*)$/;

/** Those of a bucket whose keys are kept so. */
export function originPatterns(encoding: BucketOptions['key_encoding']): OriginPatterns {
  return encoding === 'base64' ? encodedPatterns(createBase64Keys()) : PLAIN;
}

function encodedPatterns(codec: KeyCodec): OriginPatterns {
  const write = (pattern: string) => codec.encodeFilter(pattern);
  const byToken = (text: string, change: (token: string) => string) =>
    text
      .split('.')
      .map(token => (STAYS.test(token) ? token : change(token)))
      .join('.');
  return {
    write: pattern => [...new Set([write(pattern), ...(codec.formsOfFilter?.(pattern) ?? [])])],
    writeDest: dest => byToken(dest, write),
    read: stored => {
      const pattern = byToken(stored, codec.decode);
      return byToken(pattern, write) === stored ? pattern : undefined;
    },
  };
}
