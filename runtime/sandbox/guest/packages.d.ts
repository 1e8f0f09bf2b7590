/** Packages that are bundled into the realm and have no types of their own at these places. */
declare module 'punycode/punycode.js' {
  const punycode: {
    encode(text: string): string;
    decode(text: string): string;
    toASCII(domain: string): string;
    toUnicode(domain: string): string;
  };
  export default punycode;
}
