'use strict';
// Node strips types itself when it runs a file; jest loads modules on its own and needs to be told.
// mode "strip" blanks types out in place, so line and column numbers stay true.
const { createHash } = require('node:crypto');
const { stripTypeScriptTypes } = require('node:module');

module.exports = {
  process: source => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }),
  getCacheKey: source => createHash('sha256').update(process.version).update(source).digest('hex'),
};
