const [STAR, REST, DOT] = ['*', '>', '.'].map(character => character.charCodeAt(0));

/** Whether a subject fits a pattern of NATS. */
export function matches(pattern: string, subject: string): boolean {
  let at = 0;
  for (let i = 0; i < pattern.length; i++) {
    const wanted = pattern.charCodeAt(i);
    if (wanted === REST) return at < subject.length;
    if (wanted === STAR) {
      if (at >= subject.length) return false;
      while (at < subject.length && subject.charCodeAt(at) !== DOT) at += 1;
    } else if (subject.charCodeAt(at++) !== wanted) return false;
  }
  return at === subject.length;
}

/** The same of one pattern that many subjects are looked at for. */
export function matcher(pattern: string): (subject: string) => boolean {
  const begin = pattern.slice(0, -1);
  if (/[*>]/.test(begin)) return subject => matches(pattern, subject);
  if (pattern.endsWith('>')) return subject => subject.length > begin.length && subject.startsWith(begin);
  if (!pattern.endsWith('*')) return subject => subject === pattern;
  return subject =>
    subject.length > begin.length && subject.startsWith(begin) && !subject.includes('.', begin.length);
}
