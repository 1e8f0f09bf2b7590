// @ts-expect-error It is JavaScript; hosts/node-red/tsconfig.json has it checked.
import * as untyped from '../../../hosts/node-red/lib/schema.js';
import type { FieldKind } from '../../../hosts/node-red/lib/types.d.ts';
import type { JsonSchema } from '../../../runtime/core/manifest.ts';

/** What is read off schemas for the forms of every host. */
interface Reading {
  aboutOf(schema: JsonSchema): string;
  kindOf(schema: JsonSchema): FieldKind;
  propertiesOf(schema: JsonSchema): Record<string, JsonSchema>;
  requiredOf(schema: JsonSchema): Set<string>;
}

/** See hosts/node-red/lib/schema.js, which is published and therefore has the code. */
export const { aboutOf, kindOf, propertiesOf, requiredOf } = untyped as Reading;
