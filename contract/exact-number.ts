/** Numbers whose digits are kept where JavaScript would round or write them otherwise, by JSON.rawJSON of ES2026. */

/** What JSON.stringify writes digit by digit. */
export interface ExactNumber {
  readonly rawJSON: string;
}

/** Of ES2026, where the runtime has it. */
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON?: (text: string) => unknown;
  isRawJSON?: (value: unknown) => boolean;
};

/** A number as JSON has it. */
export function exactNumber(token: string): unknown {
  const value = Number(token);
  return String(value) === token || !rawJSON ? value : rawJSON(token);
}

/** Whether a value is a number whose digits are kept. */
export function isExactNumber(value: unknown): value is ExactNumber {
  return isRawJSON?.(value) === true;
}

/** As JSON.parse, but numbers keep their digits: JSON.stringify writes `9007199254740993` and `1.10` as they were. */
export function parseExactNumbers(text: string): unknown {
  return JSON.parse(text, (_name, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined ? exactNumber(context.source) : value,
  );
}
