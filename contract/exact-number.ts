/** A number as JSON has it, which JSON.stringify writes digit by digit where the runtime has JSON.rawJSON (ES2026). */
export function exactNumber(token: string): unknown {
  const { rawJSON } = JSON as unknown as { rawJSON?: (text: string) => unknown };
  const value = Number(token);
  return String(value) === token || !rawJSON ? value : rawJSON(token);
}
