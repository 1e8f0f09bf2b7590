// Runs once per event, in kvflow. $ is the event, $kv a store that scripts share.
const session = (await $kv.get(`session_${$.user}`)) ?? { id: `${$.user}-${$.at}`, pages: 0 };
session.pages++;
// A session ends half an hour after its last page.
await $kv.set(`session_${$.user}`, session, { ttlMs: 30 * 60 * 1000 });
return { ...$, session_id: session.id, page_in_session: session.pages };
