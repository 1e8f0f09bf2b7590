/** Texts that would do something where text is taken for markup or for a program. */
export const HOSTILE_TEXTS = [
  '<img src=x onerror="document.title=1">',
  '<script>document.title=1</script>',
  '"><svg/onload=document.title=1>',
  'javascript:document.title=1',
  '{{constructor.constructor("document.title=1")()}}',
  '</textarea><iframe srcdoc="<script>parent.document.title=1</script>">',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is to look like one
  "${document.title='1'} $(touch /tmp/kvflow-was-run) `touch /tmp/kvflow-was-run`",
];
