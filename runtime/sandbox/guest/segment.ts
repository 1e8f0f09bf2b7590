/** Maps an event of Jitsu's browser SDK to the row Segment's warehouse schema would have: the `toSegment` global. */
export function toSegment(event: unknown): Record<string, unknown> {
  type Tree = { [key: string]: Tree | undefined };
  const $ = (event ?? {}) as Tree;
  const context = $.eventn_ctx || $;
  const user = context.user || {};
  const utm = context.utm || {};
  const payload = $.src_payload?.obj || {};
  const page = payload.context?.page || {};
  const type = $.event_type as unknown;
  const TABLES: Record<string, string> = {
    __proto__: null as never,
    user_identify: 'identifies',
    identify: 'identifies',
    page: 'pages',
    pageview: 'pages',
  };
  const date = (value: unknown): unknown => (value ? new Date(value as string) : undefined);
  return {
    JITSU_TABLE_NAME: TABLES[String(type)] ?? type,
    name: $.src_payload?.name || payload.traits?.name,
    title: context.page_title || page.title,
    url: context.url || page.url,
    user_id: user.id || user.internal_id || payload.userId,
    anonymous_id: user.anonymous_id || payload.anonymousId,
    context_library_version: payload.context?.library?.version,
    context_page_referrer: page.referrer,
    context_page_url: page.url,
    context_user_agent: context.user_agent || page.userAgent,
    referrer: context.referer || page.referrer,
    context_page_search: page.search,
    timestamp: date(payload.timestamp),
    __sql_type_timestamp: ['timestamp'],
    context_ip: $.source_ip,
    context_library_name: payload.context?.library?.name,
    id: payload.messageId,
    sent_at: date(context.utc_time) ?? date(payload.sentAt),
    __sql_type_sent_at: ['timestamp'],
    context_locale: context.user_language || payload.context?.locale,
    context_page_path: page.path,
    context_page_title: page.title,
    email: user.email || payload.traits?.email,
    context_campaign_source: utm.campaign,
    app: $.app,
    path: context.doc_path,
    search: context.doc_search,
    context_utm_source: utm.source,
  };
}
