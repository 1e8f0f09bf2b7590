import { PackError } from '../../../../contract/errors.ts';
import type { WithHeaders } from './names.ts';
import { HEADER } from './names.ts';

/**
 * Version of what this folder writes. Messages without {@link HEADER.form} are of version 1. Headers that an older build
 * may leave out of account are added without a new version; a message that it would misread carries the version, and
 * builds that know less refuse it. docs/message-headers.md describes all of them.
 */
export const FORM = 1;

/** Whether a later version wrote a message in a form that this one would misread. */
export function isLaterForm({ headers }: WithHeaders): boolean {
  const form = headers?.get(HEADER.form);
  return form !== undefined && form !== '' && !(Number(form) <= FORM);
}

/** Throws UNSUPPORTED, with the key, for a message of {@link isLaterForm}. */
export function checkForm(message: WithHeaders, key: string): void {
  if (!isLaterForm(message)) return;
  const form = message.headers?.get(HEADER.form);
  throw new PackError(
    'UNSUPPORTED',
    `Key "${key}" was written by a newer kvflow (form ${form}; this one reads up to ${FORM}). Update this kvflow.`,
    { details: { key, form } },
  );
}

/** Whether an error is one of {@link checkForm}. */
export function isOfLaterForm(error: unknown): boolean {
  return error instanceof PackError && error.code === 'UNSUPPORTED' && error.details.form !== undefined;
}
