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
