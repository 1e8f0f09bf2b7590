import { Text, type TextProps } from '@mantine/core';

/** Text that somebody stored, such as a key or a value: shown as text whatever it is, in the fixed font. */
export function Mono({ children, ...props }: TextProps & { children: string }) {
  return (
    <Text span inherit className="mono wrap" dir="auto" {...props}>
      {children}
    </Text>
  );
}
