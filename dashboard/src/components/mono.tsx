import { Text, type TextProps } from '@mantine/core';
import { visibleParts } from '../lib/visible-text.ts';

/** Text that somebody stored, such as a key or a value: shown as text whatever it is, in the fixed font. */
export function Mono({ children, ...props }: TextProps & { children: string }) {
  return (
    <Text span inherit className="mono wrap" dir="auto" {...props}>
      {visibleParts(children).map(({ text, marked, at }) =>
        marked ? (
          <span key={at} className="unseen">
            {text}
          </span>
        ) : (
          text
        ),
      )}
    </Text>
  );
}
