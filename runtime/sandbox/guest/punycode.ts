/** Punycode (RFC 3492) and host names in it, as Node's `punycode` module names them. */
export interface Punycode {
  encode(text: string): string;
  decode(text: string): string;
  toASCII(domain: string): string;
  toUnicode(domain: string): string;
}

/** Builds it. Sent to the worker as source text: refers to nothing outside itself. */
export function makePunycode(): Punycode {
  const adapt = (delta: number, count: number, first: boolean): number => {
    let d = first ? Math.floor(delta / 700) : delta >> 1;
    d += Math.floor(d / count);
    let k = 0;
    for (; d > 455; k += 36) d = Math.floor(d / 35);
    return k + Math.floor((36 * d) / (d + 38));
  };
  const threshold = (k: number, bias: number): number => (k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias);

  const letter = (digit: number): string => String.fromCharCode(digit < 26 ? digit + 97 : digit + 22);

  const encode = (text: string): string => {
    const points = [...text].map(char => char.codePointAt(0) ?? 0);
    let out = points
      .filter(p => p < 128)
      .map(p => String.fromCharCode(p))
      .join('');
    const basic = out.length;
    let done = basic;
    if (basic > 0) out += '-';
    let n = 128;
    let delta = 0;
    let bias = 72;
    while (done < points.length) {
      const next = Math.min(...points.filter(p => p >= n));
      delta += (next - n) * (done + 1);
      n = next;
      for (const point of points) {
        if (point < n) delta++;
        if (point !== n) continue;
        let q = delta;
        for (let k = 36; ; k += 36) {
          const t = threshold(k, bias);
          if (q < t) break;
          const digit = t + ((q - t) % (36 - t));
          out += letter(digit);
          q = Math.floor((q - t) / (36 - t));
        }
        out += letter(q);
        bias = adapt(delta, done + 1, done === basic);
        delta = 0;
        done++;
      }
      delta++;
      n++;
    }
    return out;
  };

  const digitOf = (code: number): number => {
    if (code >= 48 && code <= 57) return code - 22;
    const lower = code | 32;
    if (lower >= 97 && lower <= 122) return lower - 97;
    throw new RangeError('Invalid punycode input');
  };

  const decode = (text: string): string => {
    const cut = text.lastIndexOf('-');
    const out = cut > 0 ? [...text.slice(0, cut)].map(c => c.charCodeAt(0)) : [];
    let n = 128;
    let i = 0;
    let bias = 72;
    for (let at = cut > 0 ? cut + 1 : 0; at < text.length; ) {
      const before = i;
      for (let w = 1, k = 36; ; k += 36) {
        if (at >= text.length) throw new RangeError('Invalid punycode input');
        const digit = digitOf(text.charCodeAt(at++));
        i += digit * w;
        const t = threshold(k, bias);
        if (digit < t) break;
        w *= 36 - t;
      }
      const size = out.length + 1;
      bias = adapt(i - before, size, before === 0);
      n += Math.floor(i / size);
      i %= size;
      out.splice(i++, 0, n);
    }
    return String.fromCodePoint(...out);
  };

  const ascii = /^[\0-\x7f]*$/;
  return {
    encode,
    decode,
    toASCII: domain =>
      domain
        .split(/[.\u3002\uff0e\uff61]/)
        .map(label => (ascii.test(label) ? label : `xn--${encode(label)}`))
        .join('.'),
    toUnicode: domain =>
      domain
        .split('.')
        .map(label => (label.startsWith('xn--') ? decode(label.slice(4)) : label))
        .join('.'),
  };
}
