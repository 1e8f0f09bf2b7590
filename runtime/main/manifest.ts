import manifestJson from '../../manifest.json' with { type: 'json' };
import type { Manifest } from '../core/manifest.ts';

/** The index of functions. */
export const manifest = manifestJson as unknown as Manifest;
