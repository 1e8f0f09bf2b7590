import { Box, Breadcrumbs, Group, Kbd, TextInput, Title } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from '../router/link.tsx';
import { Muted } from './muted.tsx';
import { StoredName } from './stored-name.tsx';

/** The field that `/` focuses. */
export interface PageSearch {
  label: string;
  value: string;
  onChange(value: string): void;
  placeholder?: string;
  /** Enter was pressed in it. */
  onEnter?: () => void;
  /** Pixels. Default 240. */
  width?: number;
}

/** What {@link PageHeader} is given. */
export interface PageHeaderProps {
  title: ReactNode;
  /** A sentence below the title. */
  subtitle?: ReactNode;
  /** Pages above this one. */
  crumbs?: { label: string; to: string }[];
  search?: PageSearch;
  /** Buttons at the right. */
  actions?: ReactNode;
  /** Level of the heading. 2 is for a part of a page that has a heading already. Default 1. */
  order?: 1 | 2;
}

/** The head of every page: its one h1, where it is, its search and its buttons. */
export function PageHeader({ title, subtitle, crumbs, search, actions, order = 1 }: PageHeaderProps) {
  return (
    <Box mb={order === 1 ? 'sm' : 'xs'}>
      {crumbs && (
        <Breadcrumbs mb={4} aria-label="Breadcrumbs" component="nav" separatorMargin={6}>
          {crumbs.map(({ label, to }) => (
            <Link key={to} to={to} size="sm" className="wrap">
              <StoredName name={label} />
            </Link>
          ))}
        </Breadcrumbs>
      )}
      <Group justify="space-between" align="flex-end" gap="sm">
        <Box miw={0} flex="0 1 auto">
          <Title order={order} size={order === 1 ? 'h2' : 'h4'} tabIndex={-1} className="wrap">
            {typeof title === 'string' ? <StoredName name={title} /> : title}
          </Title>
          {subtitle && (
            <Muted className="wrap" component="div">
              {subtitle}
            </Muted>
          )}
        </Box>
        <Group gap="xs">
          {search && <SearchField {...search} />}
          {actions}
        </Group>
      </Group>
    </Box>
  );
}

/** A search field that `/` focuses; Escape empties it and leaves. Part of {@link PageHeader}, or on its own. */
export function SearchField({ label, value, onChange, placeholder, onEnter, width = 240 }: PageSearch) {
  return (
    <TextInput
      data-page-search
      type="search"
      aria-label={label}
      placeholder={placeholder ?? label}
      value={value}
      onChange={event => onChange(event.currentTarget.value)}
      onKeyDown={event => {
        if (event.key === 'Enter') return onEnter?.();
        if (event.key !== 'Escape') return;
        onChange('');
        event.currentTarget.blur();
      }}
      leftSection={<IconSearch size={16} stroke={1.6} aria-hidden />}
      rightSection={value === '' ? <Kbd size="xs">/</Kbd> : undefined}
      w={width}
    />
  );
}
