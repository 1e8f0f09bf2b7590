import { useState } from 'react';
import type { PageSearch } from '../../components/page-header.tsx';
import { navigate } from '../../router/location.ts';
import { visitorPath } from './visitor-link.tsx';

/** The field that leads to a visitor. */
export function useLookup(bucket: string): PageSearch {
  const [id, setId] = useState('');
  return {
    label: 'Look up an anonymous id',
    placeholder: 'Anonymous id, Enter',
    value: id,
    onChange: setId,
    onEnter: () => {
      if (id.trim() === '') return;
      navigate(visitorPath(bucket, { anonymous_id: id.trim() }));
    },
  };
}
