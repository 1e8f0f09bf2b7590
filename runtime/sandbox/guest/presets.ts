/** What the globals `toAmplitude`, `toFacebook` and `toGoogleAnalytics` make of an event of Jitsu's browser SDK. */
export interface Presets {
  toAmplitude(event: unknown): Record<string, unknown>;
  toFacebook(event: unknown): Record<string, unknown>;
  toGoogleAnalytics(event: unknown): Record<string, unknown>;
}

/**
 * Builds the mappings that Jitsu Classic's destinations begin with; a field that the event has not stays undefined, and is
 * left out of the JSON.
 */
export function makePresets(): Presets {
  type Tree = { [key: string]: Tree | undefined };
  const NONE: Tree = {};
  /** Old events carry what is known of their visit below `eventn_ctx`, new ones at the top. */
  const partsOf = (value: unknown) => {
    const event = (value ?? NONE) as Tree;
    const context = event.eventn_ctx || event;
    return { event, context, user: context.user || NONE, utm: context.utm || NONE };
  };

  return {
    toGoogleAnalytics(value) {
      const { event, context, user, utm } = partsOf(value);
      const click = context.click_id || NONE;
      const sale = context.conversion || NONE;
      const visit = { cid: user.anonymous_id, uid: user.id, ua: context.user_agent, uip: event.source_ip };
      const campaign = { cn: utm.campaign, cs: utm.source, cm: utm.medium, ck: utm.term, cc: utm.content };
      const screen = { sr: context.screen_resolution, vp: context.vp_size, de: context.doc_encoding };
      const page = {
        dl: context.url,
        dh: context.doc_host,
        dp: context.doc_path,
        dt: context.page_title,
        ul: context.user_language,
      };
      return {
        t: event.event_type,
        aip: 0,
        ds: 'jitsu',
        ...visit,
        dr: context.referer,
        ...campaign,
        gclid: click.gclid,
        dclid: click.dclid,
        ...screen,
        ...page,
        ti: sale.transaction_id,
        ta: sale.affiliation,
        tr: sale.revenue,
        ts: sale.shipping,
        tt: sale.tt,
      };
    },
    toAmplitude(value) {
      const { event, context, user, utm } = partsOf(value);
      const agent = context.parsed_ua || NONE;
      const place = context.location || NONE;
      return {
        user_id: user.email,
        device_id: user.anonymous_id,
        event_type: event.event_type,
        os_name: agent.os_family,
        os_version: agent.os_version,
        device_brand: agent.device_brand,
        device_manufacturer: agent.device_family,
        device_model: agent.device_model,
        country: place.country,
        region: place.region,
        city: place.city,
        language: context.user_language,
        location_lat: place.latitude,
        location_lng: place.longitude,
        ip: event.source_ip,
        insert_id: event.eventn_ctx_event_id || context.event_id,
        user_agent: context.user_agent,
        event_properties: {
          url: context.url,
          utm,
          click_id: context.click_id,
          host: context.doc_host,
          path: context.doc_path,
          search: context.doc_search,
          app: event.app,
          referrer: context.referer,
          title: context.page_title,
          src: event.src,
          user_agent: context.user_agent,
          vp_size: event.vp_size,
          local_tz_offset: context.local_tz_offset,
        },
      };
    },
    toFacebook(value) {
      const { event, context, user } = partsOf(value);
      const sale = context.conversion || NONE;
      return {
        event_name: event.event_type,
        event_id: context.event_id || event.eventn_ctx_event_id,
        event_source_url: context.url,
        user_data: {
          client_ip_address: event.source_ip,
          em: user.email,
          client_user_agent: context.user_agent,
        },
        custom_data: { currency: sale.currency || event.currency, value: sale.revenue || event.revenue },
      };
    },
  };
}
