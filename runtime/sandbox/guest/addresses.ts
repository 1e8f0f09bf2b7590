/** IP addresses as URLs write them. */
export interface Addresses {
  /** Undefined when the host is a name, null when it is a broken address. */
  ipv4(host: string): string | null | undefined;
  /** With its brackets; null when broken. */
  ipv6(text: string): string | null;
}

/** Builds them. Sent to the worker as source text: refers to nothing outside itself. */
export function makeAddresses(): Addresses {
  const ipv4 = (host: string): string | null | undefined => {
    const labels = host.split('.');
    if (labels.length > 1 && labels.at(-1) === '') labels.pop();
    if (!/^(\d+|0x[0-9a-f]*)$/i.test(labels.at(-1) ?? '')) return undefined;
    if (labels.length > 4) return null;
    const numbers = labels.map(label => {
      if (/^0x[0-9a-f]*$/i.test(label)) return Number.parseInt(label.slice(2) || '0', 16);
      if (/^0[0-7]*$/.test(label)) return Number.parseInt(label, 8);
      return /^\d+$/.test(label) && !label.startsWith('0') ? Number(label) : Number.NaN;
    });
    const last = numbers.pop() ?? 0;
    if (numbers.some(n => !(n <= 255)) || !(last < 256 ** (4 - numbers.length))) return null;
    const value = numbers.reduce((sum, n, i) => sum + n * 256 ** (3 - i), last);
    return [24, 16, 8, 0].map(shift => Math.floor(value / 2 ** shift) % 256).join('.');
  };

  const ipv6 = (text: string): string | null => {
    const dotted = /^(.*:)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
    let source = text;
    if (dotted) {
      const n = dotted.slice(2).map(Number);
      if (n.some(part => part > 255)) return null;
      const hex = (a = 0, b = 0): string => (a * 256 + b).toString(16);
      source = `${dotted[1]}${hex(n[0], n[1])}:${hex(n[2], n[3])}`;
    }
    const halves = source.split('::');
    if (halves.length > 2) return null;
    const groups = halves.map(half => (half === '' ? [] : half.split(':')));
    const [head = [], tail = []] = groups;
    const missing = 8 - head.length - tail.length;
    if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
    const all = [...head, ...Array<string>(halves.length === 1 ? 0 : missing).fill('0'), ...tail];
    if (!all.every(group => /^[0-9a-f]{1,4}$/i.test(group))) return null;
    return `[${compress(all.map(group => Number.parseInt(group, 16).toString(16)))}]`;
  };
  const compress = (groups: string[]): string => {
    let best = { at: -1, size: 1 };
    for (let i = 0; i < 8; i++) {
      let size = 0;
      while (groups[i + size] === '0') size++;
      if (size > best.size) best = { at: i, size };
    }
    if (best.at < 0) return groups.join(':');
    return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.size).join(':')}`;
  };

  return { ipv4, ipv6 };
}
