/** VitePress's own theme, and beside its links a choice of versions. */
import { useData } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import { h } from 'vue';
import type { Version } from '../../versions.ts';

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { 'nav-bar-content-after': () => h(VersionSelect) }),
};

/** Leads to the start of another version: a page may not be there in all of them. */
function VersionSelect() {
  const { site, theme } = useData();
  const versions = theme.value.versions as Version[];
  const own = versions.find(({ path }) => path !== '' && site.value.base.endsWith(`/${path}`))?.path ?? '';
  const root = site.value.base.slice(0, site.value.base.length - own.length);
  const options = versions.map(({ text, path }) =>
    h('option', { value: path, selected: path === own }, text),
  );
  const onChange = (event: Event) => location.assign(`${root}${(event.target as HTMLSelectElement).value}`);
  return h('select', { 'aria-label': 'Version', style: 'margin-left:1rem', onChange }, options);
}
