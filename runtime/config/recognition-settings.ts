import { NO_IDENTITY_VALUES, TIMESTAMP_NODE, USER_AGENT_NODE } from '../../contract/recognition-defaults.ts';
import { boolean, integer, listOf, matching, text } from './parsers.ts';
import { setting } from './setting.ts';

const NODE = /^\/[^|]+(\|\|\/[^|]+)*$/;
const node = matching(NODE, 'a path into the event such as /user/email, alternatives separated by ||');
const normalization = matching(
  /^\/.+=(exact|trim|lower)$/,
  'a node and how it is compared, such as /user/id=lower: exact, trim or lower',
);

/** Settings of how users are recognized; most of them can be said with a call, too. */
export const RECOGNITION_SETTINGS = {
  recognitionEnabled: setting({
    key: 'users_recognition.enabled',
    env: 'USER_RECOGNITION_ENABLED',
    parse: boolean,
    fallback: true,
    about: 'whether users are recognized in their anonymous past',
  }),
  recognitionTtlMinutes: setting({
    key: 'users_recognition.ttl_minutes',
    env: 'USER_RECOGNITION_TTL_MINUTES',
    parse: integer(1, 52_560_000, 'minutes'),
    fallback: 10_080,
    about: 'how long an anonymous event is remembered, in minutes (7 days)',
  }),
  anonymousIdNode: setting({
    key: 'users_recognition.anonymous_id_node',
    parse: node,
    fallback: '/user/anonymous_id',
    about: 'where in an event the anonymous id is',
  }),
  identificationNodes: setting({
    key: 'users_recognition.identification_nodes',
    parse: listOf(node),
    fallback: ['/user/id', '/user/email'],
    about: "where the user's identity is; alternatives as `/a/id||/b/id`",
  }),
  noIdentityValues: setting({
    key: 'users_recognition.no_identity_values',
    parse: listOf(text),
    fallback: NO_IDENTITY_VALUES,
    about:
      'values that name nobody, in any case of letters, also in quotes or brackets; text without a letter or digit (punctuation, emoji), zeros in the digits of any script, `NaN`, `Infinity`, `true`, `false` and `[object ...]` never name anybody',
  }),
  userAgentNode: setting({
    key: 'users_recognition.user_agent_node',
    parse: node,
    fallback: USER_AGENT_NODE,
    about: 'where an event says the user agent, by which robots are told',
    shows: '`/user_agent`, `/eventn_ctx/user_agent`, `/context/userAgent`',
  }),
  timestampNode: setting({
    key: 'users_recognition.timestamp_node',
    parse: node,
    fallback: TIMESTAMP_NODE,
    about: 'where an event says when it happened, which decides which login is later',
    shows: 'the usual fields of trackers, see [identify](functions/identify.md)',
  }),
  normalize: setting({
    key: 'users_recognition.normalize',
    parse: listOf(normalization),
    fallback: [],
    about:
      'how texts of an identification node are compared, `<node>=exact`, `<node>=trim` or `<node>=lower` each: letter by letter, without the spaces around them, in whatever case; what is stored stays as it was sent',
    shows: 'none: addresses (nodes that end in email) in whatever case, all else letter by letter',
  }),
  reconcileAfterSec: setting({
    key: 'users_recognition.reconcile_after_sec',
    parse: integer(1, 86_400, 'seconds'),
    fallback: 10,
    about: 'how old the unfinished work of a call is before another process finishes it, in seconds',
  }),
};
