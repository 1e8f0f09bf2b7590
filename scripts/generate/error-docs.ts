import { ERROR_TEXTS } from '../../contract/error-texts.ts';
import type { ErrorCode } from '../../contract/errors.ts';
import { ERRORS } from '../../contract/errors.ts';

/** The table of docs/errors.md. */
export function errorsTable(): string {
  const rows = Object.entries(ERRORS).map(([code, { status, retryable }]) => {
    const text = ERROR_TEXTS[code as ErrorCode];
    return `| ${status} | \`${code}\` | ${retryable ? 'yes' : 'no'} | ${text} |`;
  });
  return [
    '| status | code | retryable | what it means, and the way out |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}
