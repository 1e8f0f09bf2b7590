// @ts-nocheck
// Generated from hosts/client; do not edit. npm run generate writes it.
// contract/methods.ts
function withMethods(own, call) {
	const target = Object.assign(own, { call });
	return new Proxy(target, { get: (object, name) => {
		if (typeof name !== "string" || name in object || name === "then") return Reflect.get(object, name);
		return (input, options) => call(kebab(name), input, options);
	} });
}
function kebab(name) {
	return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
// hosts/client/src/errors.ts
var KvflowError = class extends Error {
	code;
	status;
	retryable;
	details;
	errors;
	constructor(status, error) {
		super(error.message);
		this.name = "KvflowError";
		this.code = error.code;
		this.status = status;
		this.retryable = error.retryable;
		this.details = error.details ?? {};
		this.errors = error.errors ?? [];
	}
};
function isErrorOf(_name, error) {
	return error instanceof KvflowError;
}
function unreachable(message, details = {}) {
	return new KvflowError(0, {
		code: "UNREACHABLE",
		message,
		retryable: true,
		details
	});
}
// hosts/client/src/http.ts
var TIMEOUT_MS = 61e4;
var NOT_SENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;
function createHttp(options) {
	const { apiKey, fetch = globalThis.fetch, timeoutMs = TIMEOUT_MS } = options;
	const base = options.url.replace(/\/+$/, "");
	return {
		isEnded: () => options.signal?.aborted === true,
		stream: (path, request = {}) => send(path, request, read),
		json: async (path, request) => {
			const late = new AbortController();
			const timer = setTimeout(() => late.abort(new DOMException("", "TimeoutError")), timeoutMs);
			timer.unref?.();
			try {
				return await send(path, request, async (answer) => envelopeOf(await read(answer)), late.signal);
			} finally {
				clearTimeout(timer);
			}
		}
	};
	async function send(path, { headers, body, signal }, ...[take, late]) {
		const signals = [
			options.signal,
			signal,
			late
		].filter((one) => one !== void 0);
		const init = {
			method: body === void 0 ? "GET" : "POST",
			headers: {
				...body !== void 0 && { "content-type": "application/json" },
				...apiKey !== void 0 && { authorization: `Bearer ${apiKey}` },
				...headers
			},
			...body !== void 0 && { body },
			...signals.length > 0 && { signal: AbortSignal.any(signals) }
		};
		try {
			return await take(await fetch(base + path, init));
		} catch (error) {
			if (error instanceof KvflowError) throw error;
			throw failed(error, init.signal?.aborted === true);
		}
	}
	async function read(response) {
		if (response.ok) return response;
		const answer = await response.json().catch(() => void 0);
		throw answer?.error ? new KvflowError(response.status, answer.error) : notKvflow(response);
	}
	async function envelopeOf(response) {
		const answer = await response.json().catch((error) => {
			if (error.name !== "SyntaxError") throw error;
		});
		if (typeof answer !== "object" || answer === null) throw notKvflow(response);
		if ("data" in answer || "items" in answer) return answer;
		throw notKvflow(response);
	}
	function notKvflow({ status }) {
		return unreachable(`${base} answered ${status}, but not as kvflow does. Set the URL that "kvflow start" prints.`);
	}
	function failed(error, isAborted) {
		if (error.name === "TimeoutError") return new KvflowError(504, {
			code: "TIMEOUT",
			message: `${base} has not answered within ${timeoutMs / 1e3} s; whether the call had an effect is not known.`,
			retryable: false
		});
		if (isAborted) return error;
		const { message, code } = Object(error.cause ?? error);
		return unreachable(`kvflow is not reachable at ${base || "(no URL)"}: ${message || code || error.message}. Start it with: kvflow start`, NOT_SENT.test(String(code)) ? { sent: false } : {});
	}
}
function pause(ms, signal) {
	return new Promise((resolve) => {
		const done = () => {
			clearTimeout(timer);
			signal?.removeEventListener("abort", done);
			resolve();
		};
		const timer = setTimeout(done, ms);
		signal?.addEventListener("abort", done);
		if (signal?.aborted) done();
	});
}
// hosts/client/src/lane.ts
var MAX_REQUESTS = 4;
var MAX_BYTES = 4194304;
var MAX_CALLS = 1e3;
var MAX_LEFT = 1e3;
function wholeRoom() {
	return {
		calls: MAX_CALLS,
		bytes: MAX_BYTES
	};
}
function createLane() {
	let waiting = [];
	const busy = /* @__PURE__ */ new Map();
	const awaited = /* @__PURE__ */ new Map();
	let writes = 0;
	let requests = 0;
	let isTaken = false;
	return {
		holds: ({ keys = [] }) => keys.some((key) => awaited.has(key)),
		add: (call) => {
			waiting.push(call);
			count(awaited, call, 1);
		},
		take,
		answered: () => {
			requests -= 1;
		},
		done: ({ reach }) => {
			if (reach.reads) return;
			writes -= 1;
			isTaken &&= reach.keys !== void 0;
			for (const key of reach.keys ?? []) add(busy, key, -1);
		},
		isEmpty: () => writes === 0 && waiting.length === 0
	};
	function take(room) {
		const taken = [];
		if (requests >= MAX_REQUESTS || isTaken || waiting.length === 0) return taken;
		const left = [];
		const behind = /* @__PURE__ */ new Set();
		const along = /* @__PURE__ */ new Set();
		let at = 0;
		for (; at < waiting.length && left.length < MAX_LEFT; at++) {
			const call = waiting[at];
			const { keys, reads } = call.reach;
			if (!keys && (writes > 0 || taken.length > 0 || left.length > 0)) break;
			const isHeld = keys?.some((key) => behind.has(key) || !reads && (busy.has(key) || call.alone && along.has(key)));
			if (!isHeld && !fits(call, room)) break;
			if (isHeld || call.alone) for (const key of keys ?? []) behind.add(key);
			if (isHeld) left.push(call);
			else taken.push(call);
			if (!isHeld) for (const key of keys ?? []) along.add(key);
			isTaken = !keys;
			if (isTaken) {
				at += 1;
				break;
			}
		}
		waiting = left.concat(waiting.slice(at));
		for (const call of taken) begin(call);
		if (taken.some(({ reach, alone }) => !reach.reads && !alone)) requests += 1;
		return taken;
	}
	function begin(call) {
		count(awaited, call, -1);
		if (call.reach.reads) return;
		writes += 1;
		for (const key of call.reach.keys ?? []) add(busy, key, 1);
	}
	function count(counts, { reach }, step) {
		if (!reach.reads) for (const key of reach.keys ?? []) add(counts, key, step);
	}
}
function fits({ alone, bytes }, room) {
	if (alone) return true;
	if (room.calls === 0 || bytes > room.bytes && room.bytes < MAX_BYTES) return false;
	room.calls -= 1;
	room.bytes -= bytes;
	return true;
}
function add(counts, key, step) {
	const sum = (counts.get(key) ?? 0) + step;
	if (sum === 0) counts.delete(key);
	else counts.set(key, sum);
}
// hosts/client/src/reach.ts
var READS = /-(changes|compare|diff|export|find|get|get-many|history|info|list|preview|query|test|tree|usage|versions|watch)$/;
var ORDERED = /^kv-(key-|transact$|queue-push$|bucket-import$)/;
var IN_ANY_ORDER = /^(kv-key-)?(append|get-or-put|increment)$/;
function reachOf(name, input) {
	const reads = READS.test(name);
	const fields = Object(input);
	const { bucket } = fields;
	if (typeof bucket !== "string" || !ORDERED.test(name)) return {
		bucket: void 0,
		reads,
		keys: [],
		takesBack: []
	};
	const places = placesOf(name, bucket, fields);
	const isNamed = places.length > 0 && places.every(({ key }) => typeof key === "string");
	return {
		bucket,
		reads,
		keys: !isNamed && !reads ? void 0 : isNamed ? places.map(idOf) : [],
		takesBack: isNamed ? places.filter((place) => place.takesBack).map(idOf) : []
	};
}
function isOvertaken({ takesBack }, later) {
	return later.some(({ reads, keys }) => !reads && keys?.some((key) => takesBack.includes(key)));
}
function placesOf(name, bucket, fields) {
	const { key, to, to_bucket, queue } = fields;
	const many = fields.items ?? fields.records ?? fields.operations;
	if (Array.isArray(many)) return many.map((entry) => placeOf(bucket, Object(entry), String(Object(entry).op ?? name)));
	if (key === void 0 && typeof queue === "string") return [{
		bucket,
		key: `\0${queue}`,
		takesBack: false
	}];
	if (key === void 0) return [];
	if (to === void 0) return [placeOf(bucket, fields, name)];
	const target = {
		bucket: typeof to_bucket === "string" ? to_bucket : bucket,
		key: to,
		takesBack: true
	};
	const source = placeOf(bucket, fields, name);
	return [name === "kv-key-copy" ? {
		...source,
		takesBack: false
	} : source, target];
}
function placeOf(bucket, { key, expected_revision }, what) {
	return {
		bucket,
		key,
		takesBack: !IN_ANY_ORDER.test(what) && expected_revision === void 0
	};
}
function idOf({ bucket, key }) {
	return `${bucket}\n${key}`;
}
// hosts/client/src/calls.ts
var FIRST_WAIT_MS$1 = 200;
var LONGEST_WAIT_MS$1 = 5e3;
function createCalls(http, { retries, batch, gather, signal }) {
	const lanes = /* @__PURE__ */ new Map();
	let free = [];
	let isCalled = false;
	let count = 0;
	return (name, input, options = {}) => new Promise((resolve, reject) => {
		const text = JSON.stringify(input ?? {});
		const { signal: own } = options;
		const alone = !batch || own !== void 0 || options.idempotencyKey !== void 0;
		const abort = () => reject(own?.reason);
		own?.addEventListener("abort", abort);
		put({
			name,
			text,
			options,
			resolve,
			reject,
			at: count++,
			bytes: text.length,
			reach: reachOf(name, input),
			alone: alone || waits(input),
			leaveSignal: () => own?.removeEventListener("abort", abort)
		});
		callForAll();
	});
	function put(call) {
		const { bucket, reads } = call.reach;
		const known = bucket === void 0 ? void 0 : lanes.get(bucket);
		if (bucket === void 0 || reads && !known?.holds(call.reach)) return void free.push(call);
		const lane = known ?? createLane();
		if (!known) lanes.set(bucket, lane);
		lane.add(call);
	}
	function callForAll() {
		if (!isCalled) gather(sendAll);
		isCalled = true;
	}
	function sendAll() {
		isCalled = false;
		for (;;) {
			const room = wholeRoom();
			const cut = free.findIndex((call) => !fits(call, room));
			const calls = cut < 0 ? free : free.slice(0, cut);
			free = cut < 0 ? [] : free.slice(cut);
			const taken = cut < 0 ? [...lanes.values()].flatMap((lane) => lane.take(room)) : [];
			if (calls.length + taken.length === 0) return;
			const all = [...calls, ...taken].sort((one, other) => one.at - other.at);
			for (const call of all) if (call.alone) sendAlone(call);
			const together = all.filter((call) => !call.alone);
			if (together.length > 0) sendTogether(together);
		}
	}
	async function sendAlone(call) {
		end(call, await again(call, 0));
		callForAll();
	}
	async function sendTogether(calls) {
		const outcomes = await outcomesOf(calls);
		const written = new Set(calls.map(({ reach }) => reach.reads ? void 0 : reach.bucket));
		for (const bucket of written) if (bucket !== void 0) lanes.get(bucket)?.answered();
		for (const [at, call] of calls.entries()) {
			const outcome = outcomes[at] ?? { error: unreachable("kvflow answered fewer calls than were made.") };
			const later = calls.slice(at + 1).map(({ reach }) => reach);
			if (!outcome.isFinal && retries > 0 && isRepeatable(outcome.error, call.reach.reads) && !isOvertaken(call.reach, later)) repeat(call, outcome.error);
			else end(call, outcome);
		}
		callForAll();
	}
	async function repeat(call, error) {
		await pause(waitAfter(error, 0), call.options.signal ?? signal);
		end(call, await again(call, 1));
		callForAll();
	}
	async function outcomesOf(calls) {
		const [first] = calls;
		if (first && calls.length === 1) return [await once(first, void 0)];
		const body = `{"items":[${calls.map(itemOf).join(",")}]}`;
		const readsOnly = calls.every(({ reach }) => reach.reads);
		const key = { "idempotency-key": crypto.randomUUID() };
		for (let attempt = 0;; attempt++) try {
			const headers = attempt > 0 ? key : {};
			const { items } = await http.json("/invocations", {
				body,
				headers
			});
			return items.map(({ status_code, data, error }) => error ? { error: new KvflowError(status_code, error) } : { data });
		} catch (error) {
			if (attempt >= retries || !isRepeatable(error, readsOnly || attempt > 0)) return calls.map(() => ({
				error,
				isFinal: true
			}));
			await pause(waitAfter(error, attempt), signal);
		}
	}
	async function again(call, from) {
		const { reach, options } = call;
		const key = options.idempotencyKey ?? crypto.randomUUID();
		for (let attempt = from;; attempt++) {
			const hasKey = !reach.reads || options.idempotencyKey !== void 0;
			const outcome = await once(call, hasKey ? key : void 0);
			if (attempt >= retries || !isRepeatable(outcome.error, reach.reads || hasKey)) return outcome;
			await pause(waitAfter(outcome.error, attempt), options.signal ?? signal);
		}
	}
	async function once({ name, text: body, options }, key) {
		const headers = {
			...key !== void 0 && { "idempotency-key": key },
			...options.by !== void 0 && { "x-kvflow-by": options.by },
			...options.traceparent !== void 0 && { traceparent: options.traceparent }
		};
		const path = `/functions/${encodeURIComponent(name)}/invocations`;
		try {
			return { data: (await http.json(path, {
				body,
				headers,
				signal: options.signal
			})).data };
		} catch (error) {
			return { error };
		}
	}
	function end(call, { data, error }) {
		const { bucket } = call.reach;
		const lane = bucket === void 0 ? void 0 : lanes.get(bucket);
		call.leaveSignal();
		lane?.done(call);
		if (bucket !== void 0 && lane?.isEmpty()) lanes.delete(bucket);
		if (error === void 0) call.resolve(data);
		else call.reject(error);
	}
}
function itemOf({ name, text, options: { by, traceparent } }) {
	const more = JSON.stringify({
		by,
		traceparent
	}).slice(1, -1);
	return `{"function":${JSON.stringify(name)},"input":${text}${more && `,${more}`}}`;
}
function waits(input) {
	return Object.keys(Object(input)).some((name) => /^(wait|wait_ms|timeout_ms)$/.test(name));
}
function isRepeatable(error, changesNothing) {
	if (!(error instanceof KvflowError && error.retryable)) return false;
	return error.code !== "UNREACHABLE" || changesNothing || error.details.sent === false;
}
function waitAfter(error, attempt) {
	const asked = error instanceof KvflowError ? Number(error.details.retry_after_ms) : NaN;
	return asked > 0 ? asked : Math.min(FIRST_WAIT_MS$1 * 2 ** attempt, LONGEST_WAIT_MS$1);
}
// hosts/client/src/watch.ts
var OPERATIONS = /* @__PURE__ */ new Set([
	"put",
	"delete",
	"purge",
	"expire"
]);
var FINAL = /* @__PURE__ */ new Set([
	"UNAUTHENTICATED",
	"FORBIDDEN",
	"INVALID_INPUT",
	"BUCKET_NOT_FOUND",
	"UNSUPPORTED"
]);
var FIRST_WAIT_MS = 200;
var LONGEST_WAIT_MS = 5e3;
async function* watchBucket(http, bucket, options) {
	let { after } = options;
	const { filter, start, signal } = options;
	const query = new URLSearchParams({
		start: start ?? "new",
		...filter && { filter }
	});
	const path = `/buckets/${encodeURIComponent(bucket)}/watch?${query}`;
	for (let attempt = 0; !signal?.aborted && !http.isEnded(); attempt++) {
		try {
			const headers = after === void 0 ? {} : { "last-event-id": after };
			const response = await http.stream(path, {
				headers,
				signal
			});
			for await (const { id, event, data } of events(response)) {
				const content = JSON.parse(data);
				if (event === "error") throw new KvflowError(503, content);
				if (event === "reset") options.onReset?.(content.reason);
				if (event === "synced") after ??= String(content.revision);
				if (id === void 0 || !OPERATIONS.has(event)) continue;
				attempt = 0;
				after = id;
				yield {
					operation: event,
					id,
					revision: Number(id),
					...content
				};
			}
		} catch (error) {
			if (signal?.aborted || http.isEnded()) return;
			if (error instanceof KvflowError && FINAL.has(error.code)) throw error;
		}
		await pause(Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS), signal);
	}
}
async function* events({ body }) {
	if (!body) return;
	const reader = body.pipeThrough(new TextDecoderStream()).getReader();
	let rest = "";
	try {
		for (;;) {
			const { value, done } = await reader.read();
			if (done) return;
			const blocks = (rest + value).split("\n\n");
			rest = blocks.pop() ?? "";
			for (const block of blocks) {
				const field = (name) => new RegExp(`^${name}: ?(.*)$`, "m").exec(block)?.[1];
				const [id, data] = [field("id"), field("data")];
				if (data !== void 0) yield {
					...id !== void 0 && { id },
					event: field("event") ?? "message",
					data
				};
			}
		}
	} finally {
		await reader.cancel().catch(() => void 0);
	}
}
// hosts/client/src/index.ts
function createClient({ retries = 3, batch = true, gather = queueMicrotask, ...where }) {
	const http = createHttp(where);
	const watch = (bucket, options = {}) => watchBucket(http, bucket, options);
	return withMethods({ watch }, createCalls(http, {
		retries,
		batch,
		gather,
		signal: where.signal
	}));
}
export { KvflowError, createClient, isErrorOf };
