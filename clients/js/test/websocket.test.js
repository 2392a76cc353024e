import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, localStorageStore, memoryStore } from '../fanfare.js';
import { broadcast, caughtUp, fakeServer, hello, until } from './fakes.js';

const REFUSING = () => Promise.reject(new Error('no network in this test'));

function device(t, server, more = {}) {
  const heard = [];
  const states = [];
  const made = connect({
    url: 'wss://gateway.example/push/',
    app: 'demo',
    token: 'secret',
    WebSocket: server.WebSocket,
    fetch: REFUSING,
    onBroadcast: (b) => heard.push(b.id),
    onState: (state) => states.push(state),
    ...more,
  });
  t.after(() => made.close());
  return { made, heard, states };
}

const waiting = (states) => until(() => states.find((s) => s.state === 'waiting'), 'waiting');
const closed = (states) => until(() => states.find((s) => s.state === 'closed'), 'closed');

test('the token travels as a subprotocol and the rest as parameters', async (t) => {
  const server = fakeServer();
  device(t, server, { device: 'phone-1', platform: 'Web', after: '1x-7' });
  const socket = await server.connection(0);
  assert.equal(socket.url.href, 'wss://gateway.example/push/ws?app=demo&device=phone-1&platform=Web&after=1x-7');
  assert.deepEqual(socket.protocols, ['fanfare', 'secret']);
});

test('a reconnect resumes after the last position and drops what comes again', async (t) => {
  const server = fakeServer();
  const { heard, made } = device(t, server);
  const first = await server.greeted(0);
  assert.equal(first.after, null);
  first.say(broadcast(1), broadcast(1), broadcast(2)).drop();
  const second = await server.greeted(1);
  assert.equal(second.after, '1x-2');
  assert.equal(second.url.searchParams.get('device'), first.url.searchParams.get('device'));
  second.say(broadcast(1), broadcast(2), broadcast(3), caughtUp(4));
  await until(() => made.position === '1x-4');
  assert.deepEqual(heard, ['b-1', 'b-2', 'b-3']);
});

test('positions of hello and gap are never stored', async (t) => {
  const server = fakeServer();
  const saved = [];
  const gaps = [];
  const store = { load: () => undefined, save: (state) => saved.push(state) };
  device(t, server, { store, onGap: (gap) => gaps.push(gap.from) });
  const socket = await server.greeted(0);
  socket.say({ type: 'gap', from: '1a-9', position: '1a-9' }).drop();
  const second = await server.greeted(1);
  assert.equal(second.after, null);
  assert.deepEqual(gaps, ['1a-9']);
  assert.deepEqual(saved, []);
  second.say({ type: 'recall', position: '1x-5', id: 'b-1' });
  await until(() => saved.length > 0);
  assert.deepEqual(saved, [{ position: '1x-5', ids: [], app: 'demo', member: '10001' }]);
});

test('a restarting server gets its devices back within five seconds', async (t) => {
  const server = fakeServer();
  const random = t.mock.method(Math, 'random', () => 0.9999);
  const { states } = device(t, server);
  (await server.greeted(0)).drop(1012, 'restarting');
  const { delay, code, reason } = await waiting(states);
  assert.equal(code, 1012);
  assert.equal(reason, 'restarting');
  assert.ok(delay > 4_900 && delay <= 5_000, `${delay}`);
  random.mock.restore();
});

for (const code of [1006, 1013, 4008]) {
  test(`a connection that ends with ${code} is made anew, later each time`, async (t) => {
    const server = fakeServer();
    const { states } = device(t, server);
    for (let i = 0; i < 3; i++) {
      (await server.greeted(i)).drop(code);
    }
    await server.connection(3);
    const delays = states.filter((s) => s.state === 'waiting').map((s) => s.delay);
    for (const [i, delay] of delays.entries()) {
      const most = 500 * 2 ** i;
      assert.ok(delay >= most / 2 && delay <= most, `attempt ${i} after ${delay} ms`);
    }
  });
}

test('back-off starts anew once something was processed', async (t) => {
  const server = fakeServer();
  const { states } = device(t, server);
  (await server.greeted(0)).drop();
  (await server.greeted(1)).say(caughtUp(1)).drop();
  await server.connection(2);
  assert.ok(states.filter((s) => s.state === 'waiting')[1].delay <= 500);
});

for (const code of [4000, 4001, 4009, 4010]) {
  test(`a device that is sent away with ${code} stays away`, async (t) => {
    const server = fakeServer();
    const { states, made } = device(t, server);
    (await server.greeted(0)).drop(code, 'why');
    const end = await closed(states);
    assert.deepEqual(end, { state: 'closed', code, reason: 'why' });
    assert.equal(made.state.state, 'closed');
    assert.equal(made.read('b-1'), false);
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.equal(server.sockets.length, 1);
  });
}

test('an ended token is renewed by the function that gave it', async (t) => {
  const server = fakeServer();
  let n = 0;
  device(t, server, { token: async () => `token-${++n}` });
  (await server.greeted(0)).drop(1006);
  const second = await server.greeted(1);
  assert.equal(second.protocols[1], 'token-1', 'a good token is used again');
  second.drop(4001);
  assert.equal((await server.connection(2)).protocols[1], 'token-2');
});

test('a function that gives the refused token again, or none, ends the device', async (t) => {
  for (const [name, token] of [['same', () => 'same'], ['none', (() => { let n = 0; return () => (n++ ? null : 'once'); })()]]) {
    const server = fakeServer();
    const { states } = device(t, server, { token });
    (await server.greeted(0)).drop(4001);
    assert.equal((await closed(states)).status, 401, name);
  }
});

test('a function that fails is asked again', async (t) => {
  const server = fakeServer();
  let n = 0;
  const { states } = device(t, server, {
    token: () => {
      if (n++ === 0) throw new Error('offline');
      return 'good';
    },
  });
  await server.connection(0);
  assert.equal(states.find((s) => s.state === 'waiting').reason, 'token: offline');
});

test('a refused handshake asks /ack why, and ends on 403', async (t) => {
  const server = fakeServer();
  const asked = [];
  const { states } = device(t, server, {
    fetch: async (url, options) => {
      asked.push([url, options.method, options.body, options.headers.authorization]);
      return new Response(null, { status: 403 });
    },
  });
  (await server.connection(0)).drop();
  assert.deepEqual(await closed(states), { state: 'closed', status: 403, reason: 'refused' });
  assert.equal(new URL(asked[0][0]).origin, 'https://gateway.example');
  assert.equal(new URL(asked[0][0]).pathname, '/push/ack');
  assert.deepEqual(asked[0].slice(1), ['POST', '{}', 'Bearer secret']);
});

for (const [name, status, body] of [
  ['a URL that is no gateway', 404, '<html>'],
  ['an app that the gateway finds malformed', 400, '{"code":"bad_request"}'],
]) {
  test(`a refused handshake ends the device for ${name}`, async (t) => {
    const server = fakeServer();
    const { states } = device(t, server, { fetch: async () => new Response(body, { status }) });
    (await server.connection(0)).drop();
    assert.deepEqual(await closed(states), { state: 'closed', status, reason: 'refused' });
  });
}

for (const [name, status, body] of [
  ['credentials that are good', 400, '{"code":"bad_message"}'],
  ['a refusal that is not of a gateway', 400, '<html>'],
  ['a refusal that is cut off', 400, '{"code":"bad_'],
  ['a server without room', 503, '{"code":"over_capacity"}'],
]) {
  test(`a refused handshake is tried again for ${name}`, async (t) => {
    const server = fakeServer();
    const { states } = device(t, server, { fetch: async () => new Response(body, { status }) });
    (await server.connection(0)).drop();
    assert.equal((await waiting(states)).reason, 'no connection');
    await server.connection(1);
  });
}

/** What a page has: events of the window and of the document. */
function page(t) {
  const pageWindow = new EventTarget();
  const document = new EventTarget();
  document.visibilityState = 'visible';
  globalThis.addEventListener = pageWindow.addEventListener.bind(pageWindow);
  globalThis.document = document;
  t.after(() => {
    delete globalThis.addEventListener;
    delete globalThis.document;
  });
  return { pageWindow, document };
}

test('where pings are not seen, the last position is said every 25 seconds', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const server = fakeServer();
  device(t, server);
  const socket = await server.greeted(0);
  t.mock.timers.tick(25_000);
  socket.say(caughtUp(2));
  await until(() => socket.sent.length === 1);
  t.mock.timers.tick(25_000);
  await until(() => socket.sent.length === 2);
  t.mock.timers.tick(25_000);
  await until(() => socket.sent.length === 3);
  assert.deepEqual(socket.sent.map((m) => [m.type, m.position]), Array(3).fill(['ack', '1x-2']));
});

test('where pings are seen, nothing is said for the sake of it', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const server = fakeServer();
  server.WebSocket.prototype.on = () => {};
  const { made } = device(t, server);
  const socket = await server.greeted(0);
  socket.say(caughtUp(1));
  await until(() => socket.sent.length === 1);
  t.mock.timers.tick(100_000);
  made.read('b-1');
  await until(() => socket.sent.length === 2);
  assert.equal(socket.sent[1].type, 'read');
});

for (const event of ['online', 'visibilitychange']) {
  test(`${event} ends a connection that was silent for a minute`, async (t) => {
    const { pageWindow, document } = page(t);
    const server = fakeServer();
    const { states } = device(t, server);
    const socket = await server.greeted(0);
    const now = Date.now();
    socket.say(caughtUp(1));
    await until(() => socket.sent.length === 1);
    const clock = t.mock.method(Date, 'now', () => now + 59_000);
    const target = event === 'online' ? pageWindow : document;
    target.dispatchEvent(new Event(event));
    clock.mock.mockImplementation(() => now + 62_000);
    assert.equal(socket.closedWith, undefined);
    document.visibilityState = 'hidden';
    document.dispatchEvent(new Event('visibilitychange'));
    assert.equal(socket.closedWith, undefined);
    document.visibilityState = 'visible';
    target.dispatchEvent(new Event(event));
    assert.equal(socket.closedWith, 1000);
    clock.mock.restore();
    assert.match((await waiting(states)).reason, /silent/);
    assert.equal((await server.connection(1)).after, '1x-1');
  });
}

test('ten thousand frames at once are acknowledged in a few messages', async (t) => {
  const server = fakeServer();
  const { heard } = device(t, server);
  const socket = await server.greeted(0);
  for (let n = 1; n <= 10_000; n++) {
    socket.say(broadcast(n));
  }
  socket.say(caughtUp(10_001));
  await until(() => socket.sent.at(-1)?.position === '1x-10001');
  assert.equal(heard.length, 10_000);
  assert.ok(socket.sent.length < 50, `${socket.sent.length}`);
  paced(socket.sent);
});

function paced(sent) {
  for (let i = 1; i < sent.length; i++) {
    assert.ok(sent[i].at - sent[i - 1].at >= 190, 'at most five a second');
  }
}

test('reads are paced, and said again on the next connection', async (t) => {
  const server = fakeServer();
  const { made } = device(t, server);
  assert.equal(made.read('b-0'), true, 'before there is a connection');
  const socket = await server.greeted(0);
  ['b-1', 'b-2', 'b-1'].forEach((id) => made.read(id));
  await until(() => socket.sent.length === 3);
  paced(socket.sent);
  assert.deepEqual(socket.sent.map((m) => [m.type, m.id]), [['read', 'b-0'], ['read', 'b-1'], ['read', 'b-2']]);
  socket.drop();
  const second = await server.greeted(1);
  await until(() => second.sent.length === 3);
  assert.deepEqual(second.sent.map((m) => m.id), ['b-0', 'b-1', 'b-2']);
});

test('reads beyond a thousand are refused', (t) => {
  const { made } = device(t, fakeServer());
  for (let n = 0; n < 1_000; n++) {
    assert.equal(made.read(`b-${n}`), true);
  }
  assert.equal(made.read('b-1000'), false);
  assert.throws(() => made.read(''), TypeError);
});

test('a new device on the same store goes on where the old one ended', async (t) => {
  const server = fakeServer();
  const storage = new Map();
  const store = () =>
    localStorageStore('fanfare-10001', {
      getItem: (key) => storage.get(key) ?? null,
      setItem: (key, value) => storage.set(key, value),
    });
  const first = device(t, server, { store: store() });
  const socket = await server.greeted(0);
  for (let n = 1; n <= 1_500; n++) {
    socket.say(broadcast(n));
  }
  await until(() => first.heard.length === 1_500);
  first.made.close();
  await closed(first.states);
  const kept = JSON.parse(storage.get('fanfare-10001'));
  assert.equal(kept.position, '1x-1500');
  assert.equal(kept.ids.length, 1_000);
  assert.equal(kept.ids[0], 'b-501');
  const second = device(t, server, { store: store(), after: 'older' });
  const resumed = await server.greeted(1);
  assert.equal(resumed.after, '1x-1500');
  resumed.say(broadcast(501), broadcast(1_501));
  await until(() => second.made.position === '1x-1501');
  assert.deepEqual(second.heard, ['b-1501']);
});

test('a damaged store counts as empty', async (t) => {
  const server = fakeServer();
  const storage = { getItem: () => '{"position', setItem: () => {} };
  device(t, server, { store: localStorageStore('k', storage), after: '1x-3' });
  assert.equal((await server.connection(0)).after, '1x-3');
});

test('a failing store or handler is reported and stops nothing', async (t) => {
  const server = fakeServer();
  const faults = [];
  const fail = (what) => () => {
    throw new Error(what);
  };
  const { made } = device(t, server, {
    store: { load: fail('load'), save: fail('save') },
    onBroadcast: fail('handler'),
    onError: (error) => faults.push(error.message),
  });
  const socket = await server.greeted(0);
  socket.say(broadcast(1), caughtUp(2));
  await until(() => made.position === '1x-2' && faults.includes('save'));
  assert.deepEqual(faults.slice(0, 2), ['load', 'handler']);
  await until(() => socket.sent.at(-1)?.position === '1x-2');
});

test('a store of another member ends the device', async (t) => {
  const server = fakeServer();
  const store = memoryStore();
  store.save({ position: '1x-1', ids: [], app: 'demo', member: '10002' });
  const { states } = device(t, server, { store });
  await server.greeted(0);
  assert.match((await closed(states)).reason, /another member/);
  assert.equal(store.load().member, '10002');
});

test('a slow handler is awaited, and nothing is acknowledged before it is done', async (t) => {
  const server = fakeServer();
  const order = [];
  let release;
  device(t, server, {
    onBroadcast: async (b) => {
      order.push(`begin ${b.id}`);
      await new Promise((resolve) => (release = resolve));
      order.push(`end ${b.id}`);
    },
  });
  const socket = await server.greeted(0);
  socket.say(broadcast(1), broadcast(2));
  await until(() => release);
  assert.deepEqual([order, socket.sent], [['begin b-1'], []]);
  release();
  await until(() => order.length === 3);
  release();
  await until(() => socket.sent.at(-1)?.position === '1x-2');
  assert.deepEqual(order, ['begin b-1', 'end b-1', 'begin b-2', 'end b-2']);
});

test('a connection is resumed only when all that it brought is processed', async (t) => {
  const server = fakeServer();
  let release = () => {};
  const { made } = device(t, server, { onBroadcast: () => new Promise((resolve) => (release = resolve)) });
  const socket = await server.greeted(0);
  socket.say(broadcast(1), broadcast(2)).drop();
  const timer = setInterval(() => release(), 50);
  const second = await server.connection(1);
  clearInterval(timer);
  assert.equal(second.after, '1x-2');
  assert.equal(made.position, '1x-2');
});

test('more than a client can hold gives the connection up and resumes', async (t) => {
  const server = fakeServer();
  let release = () => {};
  const { states } = device(t, server, { onBroadcast: () => new Promise((resolve) => (release = resolve)) });
  const socket = await server.greeted(0);
  const message = { body: 'x'.repeat(1024 * 1024) };
  for (let n = 1; n <= 12; n++) {
    socket.say(broadcast(n, { message }));
  }
  assert.equal(socket.closedWith, 1000);
  const timer = setInterval(() => release(), 2);
  const { reason } = await waiting(states);
  clearInterval(timer);
  assert.match(reason, /too slow/);
  assert.ok(Number((await server.connection(1)).after.slice(3)) >= 8);
});

test('close stores and acknowledges the last position and calls no handler any more', async (t) => {
  const server = fakeServer();
  const store = memoryStore();
  const heard = [];
  const { made, states } = device(t, server, {
    store,
    onBroadcast: (b) => {
      heard.push(b.id);
      if (b.id === 'b-2') made.close();
    },
  });
  const socket = await server.greeted(0);
  made.read('b-1');
  socket.say(broadcast(1), broadcast(2), broadcast(3));
  assert.deepEqual(await closed(states), { state: 'closed', reason: 'closed' });
  assert.deepEqual(heard, ['b-1', 'b-2']);
  assert.equal(store.load().position, '1x-2');
  assert.equal(socket.sent.findLast((m) => m.type === 'ack').position, '1x-2');
  assert.equal(socket.closedWith, 1000);
});

test('a device that is closed while it waits does not wait any more', async (t) => {
  t.mock.method(Math, 'random', () => 0.9999); // it would wait for five seconds
  for (const when of ['waiting', 'connecting']) {
    const server = fakeServer();
    const { made, states } = device(t, server, {
      onState: (state) => {
        states.push(state);
        if (state.state === when) made.close();
      },
    });
    if (when === 'waiting') (await server.greeted(0)).drop(1012);
    const before = Date.now();
    await closed(states);
    assert.ok(Date.now() - before < 2_500);
    assert.ok(server.sockets.length <= 1);
  }
});

test('a broadcast in the format of Tencent names its receiver', async (t) => {
  const server = fakeServer();
  const heard = [];
  device(t, server, { onBroadcast: (b) => heard.push(b.message) });
  const socket = await server.greeted(0, '10001');
  socket.say(broadcast(1, { format: 'tencent', message: { MsgSeq: 0 } }), broadcast(2));
  await until(() => heard.length === 2);
  assert.deepEqual(heard, [{ MsgSeq: 0, To_Account: '10001' }, { body: { n: 2 } }]);
});

test('unknown types are ignored and states are told in order', async (t) => {
  const server = fakeServer();
  const recalls = [];
  const { states, heard } = device(t, server, { onRecall: (r) => recalls.push(r.id) });
  const socket = await server.connection(0);
  socket.open().say({ type: 'future', position: '9-9' }, hello(), { type: 'recall', position: '1x-1', id: 'b-0' }, caughtUp(2));
  await until(() => states.length === 3);
  assert.deepEqual(states, [
    { state: 'connecting', attempt: 0 },
    { state: 'connected', app: 'demo', member: '10001' },
    { state: 'caught-up', position: '1x-2' },
  ]);
  assert.deepEqual([recalls, heard], [['b-0'], []]);
});

test('what is not JSON breaks the connection', async (t) => {
  const server = fakeServer();
  const { states } = device(t, server);
  (await server.greeted(0)).onmessage({ data: '{"type"' });
  assert.match((await waiting(states)).reason, /not JSON/);
});

test('wrong options are refused at once', () => {
  const good = { url: 'ws://127.0.0.1:1', app: 'demo', token: 't', WebSocket: class {} };
  for (const bad of [
    { url: 'ftp://host' },
    { url: undefined },
    { url: 'ws://host/?token=x' },
    { app: '' },
    { token: undefined },
    { device: 'a b' },
    { platform: 'x'.repeat(33) },
    { platform: 'a\nb' },
    { transport: 'carrier-pigeon' },
  ]) {
    assert.throws(() => connect({ ...good, ...bad }), TypeError, JSON.stringify(bad));
  }
  connect({ ...good, platform: '\u{1f600}'.repeat(32) }).close();
});
