/**
 * The pattern of the keys that match a filter and begin with a prefix, as far as a pattern can say it: whole tokens of
 * the prefix count, a part of one does not. Undefined: no key can do both.
 */
export function filterBelow(filter: string, prefix: string): string | undefined {
  const wanted = prefix.split('.').slice(0, -1);
  if (wanted.some(token => token === '' || token === '*' || token === '>')) return filter;
  const tokens = filter.split('.');
  const merged: string[] = [];
  for (const [index, token] of wanted.entries()) {
    const other = tokens[index];
    // The filter has come to its end: what it matches has no token here.
    if (other === undefined) return undefined;
    if (other === '>') return [...merged, ...wanted.slice(index), '>'].join('.');
    if (other !== '*' && other !== token) return undefined;
    merged.push(token);
  }
  const rest = tokens.slice(wanted.length);
  return rest.length === 0 ? undefined : [...merged, ...rest].join('.');
}
