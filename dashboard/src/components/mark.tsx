import { Badge, type BadgeProps } from '@mantine/core';

/** A word that marks what it stands beside, in a colour. */
export function Mark(props: BadgeProps & { tabIndex?: number }) {
  return <Badge variant="light" radius="sm" tt="none" {...props} />;
}
