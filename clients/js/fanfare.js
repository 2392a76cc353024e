// The client of Fanfare's device protocol (docs/device-protocol.md), for browsers and Node.js 20+.
// One module without dependencies. SPDX-License-Identifier: Apache-2.0

/** How many ids of broadcasts are kept to recognise one that comes again. */
const KEPT_IDS = 1_000;
/** Reads that may wait, and reads that are remembered in case the connection was already broken. */
const KEPT_READS = 1_000;
/** A connection can be dead for this long before anybody notices. */
const REPEAT_READS_MS = 90_000;
/** One message to the server per this time; it takes 20 a second. */
const SEND_EVERY_MS = 200;
/** While frames pour in, the store is written this often; otherwise after each. */
const STORE_EVERY_MS = 250;
/** The server pings every 25 s; after this long without a byte the connection is taken for dead. */
const SILENCE_MS = 60_000;
/** Where pings are not seen, the device says something this often. */
const BEAT_MS = 25_000;
/** From the attempt to the first frame. */
const CONNECT_MS = 30_000;
const LEAST_BACK_OFF_MS = 500;
const MOST_BACK_OFF_MS = 15_000;
/** What an unanswered message waits for, unless the server says. */
const SAY_AGAIN_MS = 2_000;
const MOST_RETRY_AFTER_S = 60;
/** A restarting server wants its devices back spread over this time. */
const RESTART_MS = 5_000;
/** Characters that may wait for the handlers; beyond, the connection is given up and resumed. */
const MOST_WAITING = 8 * 1024 * 1024;

const MOVING = new Set(['broadcast', 'recall', 'caught-up']);
/** Close codes after which a device stays away. */
const FINAL_CODES = new Set([4000, 4009, 4010]);
/** Statuses before the stream that another attempt would meet again. */
const FINAL_STATUSES = new Set([400, 403, 404, 409, 426]);
/** Statuses of `/ack` that say why a WebSocket was refused; so does 400 with most codes. */
const EXPLAINING_STATUSES = new Set([401, 403, 404]);
const RENEW_CODE = 4001;
/** 204 is what a stream of events gets when it resumes with credentials that were refused. */
const RENEW_STATUSES = new Set([204, 401]);

/**
 * Connects a device and keeps it connected until `close()` or a refusal that lasts. Returns at
 * once; see `index.d.ts` for options and README.md for what is told when.
 */
export function connect(options) {
  return new Device(options);
}

/** A store that forgets with the page or process. The default. */
export function memoryStore() {
  let kept;
  return {
    load: () => kept,
    save: (state) => {
      kept = state;
    },
  };
}

/**
 * A store in `localStorage` (or another `Storage`), under one key. One member, one key: a position
 * acknowledges what lies before it.
 */
export function localStorageStore(key, storage = globalThis.localStorage) {
  return {
    load: () => {
      try {
        return JSON.parse(storage.getItem(key)) ?? undefined;
      } catch {
        return undefined;
      }
    },
    save: (state) => storage.setItem(key, JSON.stringify(state)),
  };
}

class Device {
  #options;
  #store;
  #stop = new AbortController();
  #state = { state: 'connecting', attempt: 0 };
  #link;
  #token;
  #refused;
  #failures = 0;
  #wake = () => {};

  #position;
  #member;
  #ids = new Set();
  #unsaved = false;
  #savedAt = -STORE_EVERY_MS;

  #acknowledge;
  #reads = new Set();
  #readAt = new Map();
  #sending = false;

  constructor(options) {
    this.#options = checked(options);
    this.#store = options.store ?? memoryStore();
    this.#run();
  }

  /** What was last told to `onState`. */
  get state() {
    return this.#state;
  }

  /** The last position processed; undefined before there is one. */
  get position() {
    return this.#position;
  }

  /**
   * Says that the person opened a broadcast. Sent when connected, five a second.
   *
   * @returns false when closed, or when 1,000 others wait
   */
  read(id) {
    if (typeof id !== 'string' || id === '' || id.length > 128) {
      throw new TypeError('read takes the id of a broadcast');
    }
    if (this.#stop.signal.aborted || this.#reads.size >= KEPT_READS) {
      return false;
    }
    this.#reads.add(id);
    this.#send();
    return true;
  }

  /** Closes for good: stores the position, acknowledges it, and calls no handler but `onState`. */
  close() {
    this.#stop.abort();
  }

  // ---- the life of a device: connections, one after the other

  async #run() {
    const unwatch = this.#watchNetwork();
    let end = { reason: 'closed' };
    try {
      await this.#load();
      while (!this.#stop.signal.aborted) {
        end = await this.#connection();
        const delay = this.#stop.signal.aborted ? undefined : this.#delayAfter(end);
        if (delay === undefined) {
          break;
        }
        this.#tell({ state: 'waiting', delay: Math.round(delay), ...why(end) });
        await this.#pause(delay);
      }
    } catch (error) {
      end = { reason: String(error?.message ?? error) };
      this.#fault(error);
    }
    const asked = this.#stop.signal.aborted;
    this.#stop.abort();
    unwatch();
    this.#tell({ state: 'closed', ...(asked ? { reason: 'closed' } : why(end)) });
  }

  async #load() {
    let kept;
    try {
      kept = await this.#store.load();
    } catch (error) {
      this.#fault(error);
    }
    this.#position = typeof kept?.position === 'string' ? kept.position : this.#options.after;
    this.#member = typeof kept?.member === 'string' ? kept.member : undefined;
    this.#ids = new Set(Array.isArray(kept?.ids) ? kept.ids.slice(-KEPT_IDS) : []);
  }

  /** One connection from the token to its end; answers with why it ended. */
  async #connection() {
    this.#tell({ state: 'connecting', attempt: this.#failures });
    const refused = await this.#renew();
    if (refused) {
      return refused;
    }
    if (this.#stop.signal.aborted) {
      return { reason: 'closed' };
    }
    const Link = this.#options.Link;
    const link = new Link(this.#target(), this.#stop.signal);
    const beat = setInterval(() => this.#beat(link), BEAT_MS);
    try {
      return await this.#listen(link);
    } finally {
      clearInterval(beat);
      await this.#settle();
      this.#farewell(link);
      this.#link = undefined;
      link.close();
    }
  }

  /** Makes sure that there is a token; answers with an end when there is none. */
  async #renew() {
    if (this.#token !== undefined) {
      return undefined;
    }
    const source = this.#options.token;
    try {
      this.#token = typeof source === 'function' ? await source() : source;
    } catch (error) {
      return { reason: `token: ${error?.message ?? error}` };
    }
    if (typeof this.#token !== 'string' || this.#token === '') {
      this.#token = undefined;
      return { status: 401, reason: 'no token', final: true };
    }
    if (this.#token === this.#refused) {
      return { status: 401, reason: 'the token was refused before', final: true };
    }
    return undefined;
  }

  #target() {
    const { app, device, platform } = this.#options;
    return {
      url: (path, scheme) => {
        const query = new URLSearchParams({ app, device });
        if (platform !== undefined) query.set('platform', platform);
        if (this.#position !== undefined && path !== 'ack') query.set('after', this.#position);
        return `${this.#options.url.replace(/^(ws|http)/, scheme)}/${path}?${query}`;
      },
      token: this.#token,
      WebSocket: this.#options.WebSocket,
      fetch: this.#options.fetch,
    };
  }

  async #listen(link) {
    while (true) {
      const frame = await link.next();
      if (frame.end) {
        return frame.end;
      }
      if (this.#stop.signal.aborted) {
        return { reason: 'closed' };
      }
      await this.#take(link, frame.message);
      const busy = link.waiting > 0 && Date.now() - this.#savedAt < STORE_EVERY_MS;
      if (!busy) {
        await this.#settle();
      }
      if (this.#member === null) {
        return { reason: 'the store belongs to another member', final: true };
      }
    }
  }

  /** How long to wait after a connection ended; undefined: stay away. */
  #delayAfter(end) {
    if (end.final || FINAL_CODES.has(end.code) || FINAL_STATUSES.has(end.status)) {
      return undefined;
    }
    if (end.code === RENEW_CODE || RENEW_STATUSES.has(end.status)) {
      if (typeof this.#options.token !== 'function') {
        return undefined;
      }
      this.#refused = this.#token;
      this.#token = undefined;
    }
    if (end.code === 1012) {
      return Math.random() * RESTART_MS;
    }
    const most = Math.min(LEAST_BACK_OFF_MS * 2 ** Math.min(this.#failures, 5), MOST_BACK_OFF_MS);
    this.#failures++;
    if (this.#failures % 4 === 0) {
      this.#token = undefined; // perhaps that is what is wrong: a browser often cannot know
    }
    return Math.max(most / 2 + (Math.random() * most) / 2, end.retryAfter ?? 0);
  }

  /** Waits; close() and a network that comes back end it early. */
  async #pause(delay) {
    if (this.#stop.signal.aborted) {
      return undefined;
    }
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delay);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#stop.signal.addEventListener('abort', this.#wake, { once: true });
    }).finally(() => this.#stop.signal.removeEventListener('abort', this.#wake));
  }

  /**
   * In browsers: a lost network ends the connection, a found one ends the waiting. A page that is
   * seen again, or is online again, does not trust a connection that was silent for long.
   */
  #watchNetwork() {
    const { document } = globalThis;
    if (typeof globalThis.addEventListener !== 'function') {
      return () => {};
    }
    const watched = new AbortController();
    const { signal } = watched;
    const offline = () => this.#link?.fail('the network is away');
    const online = () => {
      this.#doubt();
      this.#wake();
    };
    const visible = () => document.visibilityState === 'visible' && this.#doubt();
    globalThis.addEventListener('offline', offline, { signal });
    globalThis.addEventListener('online', online, { signal });
    document?.addEventListener('visibilitychange', visible, { signal });
    return () => watched.abort();
  }

  #doubt() {
    if (this.#link && Date.now() - this.#link.heardAt > SILENCE_MS) {
      this.#link.fail('the server was silent');
    }
  }

  /**
   * Says the last position again on a connection where nothing else shows whether it lives: one that
   * is gone breaks by that.
   */
  #beat(link) {
    if (link === this.#link && !link.seesPings && this.#position !== undefined && !this.#unsaved) {
      this.#acknowledge ??= this.#position;
      this.#send();
    }
  }

  // ---- what the server says

  async #take(link, message) {
    switch (message.type) {
      case 'hello':
        this.#greet(link, message);
        break;
      case 'broadcast':
        if (this.#isNew(message.id)) await this.#call('onBroadcast', this.#addressed(message));
        break;
      case 'recall':
        await this.#call('onRecall', message);
        break;
      case 'gap':
        await this.#call('onGap', message);
        break;
      case 'caught-up':
        this.#tell({ state: 'caught-up', position: message.position });
        break;
      default: // from a newer server
    }
    if (MOVING.has(message.type) && typeof message.position === 'string') {
      this.#position = message.position;
      this.#unsaved = true;
      this.#failures = 0;
    }
  }

  #greet(link, { app, member }) {
    if (this.#member !== undefined && this.#member !== member) {
      this.#member = null;
      return;
    }
    this.#member = member;
    this.#link = link;
    this.#acknowledge = undefined;
    this.#tell({ state: 'connected', app, member });
    for (const [id, at] of this.#readAt) {
      if (Date.now() - at < REPEAT_READS_MS) this.#reads.add(id);
    }
    this.#readAt.clear();
    this.#send();
  }

  #isNew(id) {
    if (this.#ids.has(id)) {
      return false;
    }
    this.#ids.add(id);
    if (this.#ids.size > KEPT_IDS) {
      this.#ids.delete(this.#ids.values().next().value);
    }
    return true;
  }

  /** A message of Tencent's names its receiver, which the shared frame cannot. */
  #addressed(broadcast) {
    return broadcast.format === 'tencent'
      ? { ...broadcast, message: { ...broadcast.message, To_Account: this.#member } }
      : broadcast;
  }

  /** Keeps what was processed, then lets it be acknowledged. */
  async #settle() {
    if (!this.#unsaved) {
      return;
    }
    this.#unsaved = false;
    this.#savedAt = Date.now();
    try {
      const { app } = this.#options;
      const ids = [...this.#ids];
      await this.#store.save({ position: this.#position, ids, app, member: this.#member });
    } catch (error) {
      this.#fault(error);
    }
    this.#acknowledge = this.#position;
    this.#send();
  }

  // ---- what the device says

  #next() {
    if (this.#acknowledge !== undefined) {
      const position = this.#acknowledge;
      this.#acknowledge = undefined;
      return { type: 'ack', position };
    }
    const [id] = this.#reads;
    if (id === undefined) {
      return undefined;
    }
    this.#reads.delete(id);
    this.#readAt.delete(id);
    this.#readAt.set(id, Date.now());
    if (this.#readAt.size > KEPT_READS) {
      this.#readAt.delete(this.#readAt.keys().next().value);
    }
    return { type: 'read', id };
  }

  /** Sends what there is to say, in a measure that the server takes. */
  async #send() {
    if (this.#sending) {
      return;
    }
    this.#sending = true;
    try {
      while (this.#link && !this.#stop.signal.aborted) {
        const message = this.#next();
        if (message === undefined) {
          return;
        }
        const again = await this.#link.send(message);
        if (again !== undefined) {
          this.#keep(message);
        }
        await sleep(again ?? SEND_EVERY_MS);
      }
    } finally {
      this.#sending = false;
    }
  }

  /** Keeps what could not be said; an acknowledgement that came meanwhile covers this one. */
  #keep({ type, position, id }) {
    if (type === 'ack') {
      this.#acknowledge ??= position;
    } else {
      this.#readAt.delete(id);
      this.#reads.add(id);
    }
  }

  /** The last words of a device that is closed: within the burst that the server allows. */
  #farewell(link) {
    if (this.#link !== link || !this.#stop.signal.aborted) {
      return;
    }
    for (let i = 0; i < 20; i++) {
      const message = this.#next();
      if (message === undefined) {
        return;
      }
      link.send(message);
    }
  }

  // ---- handlers

  #tell(state) {
    this.#state = state;
    this.#call('onState', state);
  }

  async #call(name, value) {
    try {
      await this.#options[name]?.(value);
    } catch (error) {
      this.#fault(error);
    }
  }

  /** A fault in the app's own code (handler, store) never ends the connection. */
  #fault(error) {
    try {
      this.#options.onError(error);
    } catch {
      // There is nobody left to tell.
    }
  }
}

/** What an app is told about an end. */
function why({ code, status, reason }) {
  return { ...(code && { code }), ...(status && { status }), reason };
}

function checked(options) {
  const { url, app, token, after, device, platform, transport = 'auto' } = options;
  if (!/^(ws|http)s?:\/\/[^/?#]+[^?#]*$/.test(url)) {
    throw new TypeError('url is that of the gateway, such as wss://push.example.com');
  }
  if (typeof app !== 'string' || app === '') {
    throw new TypeError('app is the id of an app');
  }
  if (typeof token !== 'string' && typeof token !== 'function') {
    throw new TypeError('token is a string or a function');
  }
  if (device !== undefined && !/^[A-Za-z0-9._:-]{1,64}$/.test(device)) {
    throw new TypeError('device is 1 to 64 characters of A-Z a-z 0-9 . _ : -');
  }
  if (!/^[^\x00-\x1f\x7f]{0,32}$/u.test(platform ?? '')) {
    throw new TypeError('platform is at most 32 characters, none of them a control character');
  }
  if (!['auto', 'websocket', 'sse'].includes(transport)) {
    throw new TypeError('transport is auto, websocket or sse');
  }
  const WebSocket = options.WebSocket ?? globalThis.WebSocket;
  if (transport === 'websocket' && !WebSocket) {
    throw new TypeError('there is no WebSocket here; give one as the option WebSocket');
  }
  return {
    ...options,
    url: url.replace(/\/+$/, ''),
    after: after || undefined,
    device: device ?? `js-${Math.random().toString(36).slice(2, 12)}`,
    platform: platform ?? (globalThis.document ? 'Web' : undefined),
    fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
    onError: options.onError ?? ((error) => console.error('fanfare:', error)),
    WebSocket,
    Link: transport === 'sse' || !WebSocket ? EventsLink : SocketLink,
  };
}

// ---- transports: next() gives {message} in order, and at last {end} with why; send() gives nothing,
// or after how many milliseconds the message has to be said again

/** What arrived and was not yet taken; bounded. */
class Inbox {
  #frames = [];
  #characters = 0;
  #end;
  #waiter;

  get size() {
    return this.#frames.length;
  }

  /** @returns false when too much waits */
  put(text) {
    if (this.#end) {
      return true;
    }
    this.#frames.push(text);
    this.#characters += text.length;
    this.#waiter?.();
    return this.#characters <= MOST_WAITING;
  }

  /** The first end counts; what came before it is still taken. */
  end(end) {
    this.#end ??= end;
    this.#waiter?.();
  }

  async next() {
    while (this.#frames.length === 0) {
      if (this.#end) {
        return { end: this.#end };
      }
      await new Promise((resolve) => {
        this.#waiter = resolve;
      });
      this.#waiter = undefined;
    }
    const text = this.#frames.shift();
    this.#characters -= text.length;
    try {
      return { message: JSON.parse(text) };
    } catch {
      return { end: { reason: 'the server sent what is not JSON' } };
    }
  }
}

/** Calls `late` when nothing was heard for too long. */
class Watchdog {
  #timer;
  #late;

  constructor(late) {
    this.#late = late;
    this.expect(CONNECT_MS);
  }

  expect(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#late, ms);
  }

  rest() {
    clearTimeout(this.#timer);
  }
}

class SocketLink {
  #inbox = new Inbox();
  #socket;
  #opened = false;
  #target;
  heardAt = Date.now();
  #watchdog = new Watchdog(() => this.fail('the server is silent'));
  #aborted = () => this.#inbox.end({ reason: 'closed' });
  #signal;

  constructor(target, signal) {
    this.#target = target;
    this.#signal = signal;
    signal.addEventListener('abort', this.#aborted, { once: true });
    try {
      this.#socket = new target.WebSocket(target.url('ws', 'ws'), ['fanfare', target.token]);
    } catch (error) {
      this.#inbox.end({ reason: error.message, final: true });
      return;
    }
    this.#attach(this.#socket);
  }

  get waiting() {
    return this.#inbox.size;
  }

  next() {
    return this.#inbox.next();
  }

  #attach(socket) {
    socket.onopen = () => {
      this.#opened = true;
    };
    socket.onmessage = ({ data }) => {
      this.#heard();
      if (!this.#inbox.put(String(data))) this.fail('the handlers are too slow');
    };
    socket.onclose = (event) => this.#closed(event);
    socket.onerror = () => {}; // a close follows
    // Browsers do not show pings; the ws package does.
    socket.on?.('ping', () => this.#heard());
  }

  get seesPings() {
    return typeof this.#socket?.on === 'function';
  }

  /** Only who sees pings can take silence for a loss. */
  #heard() {
    this.heardAt = Date.now();
    if (this.seesPings) {
      this.#watchdog.expect(SILENCE_MS);
    } else {
      this.#watchdog.rest();
    }
  }

  async #closed({ code, reason }) {
    this.#watchdog.rest();
    if (!this.#opened) {
      this.#inbox.end(await whyRefused(this.#target));
    } else if (code === 1005 || code === 1006) {
      this.#inbox.end({ reason: 'the connection broke' });
    } else {
      this.#inbox.end({ code, reason });
    }
  }

  send(message) {
    if (this.#socket?.readyState === 1) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  /** Gives the connection up; what arrived is still taken. */
  fail(reason) {
    this.#inbox.end({ reason });
    this.close();
  }

  close() {
    this.#watchdog.rest();
    this.#signal.removeEventListener('abort', this.#aborted);
    if (this.#socket) {
      this.#socket.onmessage = () => {};
      this.#socket.onclose = () => {};
      this.#socket.close(1000);
    }
  }
}

/**
 * A WebSocket that was refused does not say why. An empty acknowledgement with the same parameters
 * does, and has no effect: who may connect gets `bad_message`, others what the WebSocket met.
 */
async function whyRefused(target) {
  try {
    const answer = await post(target, {});
    if (await explains(answer)) {
      return { status: answer.status, reason: 'refused' };
    }
  } catch {
    // Away, of another origin that it does not talk to, or no answer of a gateway.
  }
  return { reason: 'no connection' };
}

async function explains(answer) {
  if (answer.status === 400) {
    const { code } = await answer.json();
    return typeof code === 'string' && code !== 'bad_message';
  }
  await answer.body?.cancel();
  return EXPLAINING_STATUSES.has(answer.status);
}

function post(target, message) {
  return target.fetch(target.url('ack', 'http'), {
    method: 'POST',
    headers: { authorization: `Bearer ${target.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(message),
    signal: AbortSignal.timeout(10_000),
    keepalive: true,
  });
}

/** Milliseconds after which a server that has no room wants to be asked again. */
function retryAfter(answer) {
  const seconds = Number(answer.headers.get('retry-after')) || 0;
  return Math.min(Math.max(seconds, 0), MOST_RETRY_AFTER_S) * 1_000;
}

/** Server-sent events, read with fetch, so that the token is in a header. */
class EventsLink {
  seesPings = true; // as comments
  heardAt = Date.now();
  #inbox = new Inbox();
  #abort = new AbortController();
  #watchdog = new Watchdog(() => this.fail('the server is silent'));
  #aborted = () => this.#inbox.end({ reason: 'closed' });
  #target;
  #signal;
  #reader;

  constructor(target, signal) {
    this.#target = target;
    this.#signal = signal;
    signal.addEventListener('abort', this.#aborted, { once: true });
    this.#read().catch((error) => this.#inbox.end({ reason: error.message }));
  }

  get waiting() {
    return this.#inbox.size;
  }

  next() {
    return this.#inbox.next();
  }

  async #read() {
    const answer = await this.#target.fetch(this.#target.url('sse', 'http'), {
      headers: { authorization: `Bearer ${this.#target.token}`, accept: 'text/event-stream' },
      cache: 'no-store',
      signal: this.#abort.signal,
    });
    if (answer.status !== 200) {
      const reason = await refusal(answer);
      this.#inbox.end({ status: answer.status, reason, retryAfter: retryAfter(answer) });
      return;
    }
    this.#reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    const events = new Events((event) => this.#take(event));
    while (true) {
      const { value, done } = await this.#reader.read();
      if (done) {
        this.#inbox.end({ reason: 'the connection broke' });
        return;
      }
      this.heardAt = Date.now();
      this.#watchdog.expect(SILENCE_MS);
      events.add(value);
    }
  }

  #take({ event, data }) {
    if (event === 'close') {
      const { code } = JSON.parse(data);
      this.#inbox.end({ code, reason: '' });
    } else if (!this.#inbox.put(data)) {
      this.fail('the handlers are too slow');
    }
  }

  async send(message) {
    try {
      const answer = await post(this.#target, message);
      await answer.body?.cancel();
      return answer.status >= 500 ? retryAfter(answer) || SAY_AGAIN_MS : undefined;
    } catch {
      return SAY_AGAIN_MS;
    }
  }

  fail(reason) {
    this.#inbox.end({ reason });
    this.close();
  }

  close() {
    this.#watchdog.rest();
    this.#signal.removeEventListener('abort', this.#aborted);
    this.#abort.abort();
  }
}

async function refusal(answer) {
  try {
    return (await answer.json()).detail ?? '';
  } catch {
    return '';
  }
}

/** Cuts a stream of text into server-sent events. */
class Events {
  #emit;
  #rest = '';
  #event = '';
  #data = [];

  constructor(emit) {
    this.#emit = emit;
  }

  add(text) {
    const lines = (this.#rest + text).split(/\r\n|\n/);
    this.#rest = lines.pop();
    lines.forEach((line) => this.#line(line));
  }

  #line(line) {
    if (line === '') {
      if (this.#data.length > 0) this.#emit({ event: this.#event, data: this.#data.join('\n') });
      this.#event = '';
      this.#data = [];
      return;
    }
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#event = value;
    if (name === 'data') this.#data.push(value);
  }
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
