/** Why an address cannot be decoded: every byte may be written as % and two hex digits; together they must be UTF-8. */
export function whyBadUrl(url: string): string {
  return /%(?![0-9a-f]{2})/i.test(url)
    ? 'a % must be followed by two hex digits'
    : 'its percent-encoded bytes are no UTF-8 text';
}
