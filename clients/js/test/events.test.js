import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../fanfare.js';
import { broadcast, caughtUp, eventServer, hello, until } from './fakes.js';

async function fixture(t, more = {}) {
  const gateway = await eventServer();
  const heard = [];
  const states = [];
  const made = (options = {}) => {
    const device = connect({
      url: gateway.url,
      app: 'demo',
      token: 'secret',
      transport: 'sse',
      onBroadcast: (b) => heard.push(b.id),
      onState: (state) => states.push(state),
      ...more,
      ...options,
    });
    t.after(() => device.close());
    return device;
  };
  t.after(() => gateway.close());
  return { gateway, heard, states, made };
}

const closed = (states) => until(() => states.find((s) => s.state === 'closed'), 'closed');

test('events arrive, are acknowledged by request and resumed after a break', async (t) => {
  const { gateway, heard, made } = await fixture(t);
  const device = made({ device: 'tv' });
  const first = await gateway.stream(0);
  assert.equal(first.url.search, '?app=demo&device=tv');
  assert.equal(first.headers.authorization, 'Bearer secret');
  first.response.write(': a comment\n\n');
  first.say(hello(), broadcast(1), broadcast(1), caughtUp(2));
  await until(() => gateway.acks.at(-1)?.position === '1x-2');
  assert.equal(gateway.acks.at(-1).headers.authorization, 'Bearer secret');
  assert.equal(gateway.acks.at(-1).url.search, '?app=demo&device=tv');
  device.read('b-1');
  await until(() => gateway.acks.at(-1)?.id === 'b-1');
  first.response.destroy();
  const second = await gateway.stream(1);
  assert.equal(second.url.searchParams.get('after'), '1x-2');
  second.say(hello(), broadcast(1), broadcast(3));
  await until(() => device.position === '1x-3');
  assert.deepEqual(heard, ['b-1', 'b-3']);
});

test('an event that is cut anywhere arrives whole', async (t) => {
  const { gateway, made } = await fixture(t);
  const texts = [];
  made({ onBroadcast: (b) => texts.push(b.message.body) });
  const stream = await gateway.stream(0);
  stream.say(hello());
  const data = JSON.stringify(broadcast(1, { message: { body: '用户 😀' } }));
  const bytes = Buffer.from(`id: 1x-1\r\nevent: broadcast\r\ndata: ${data}\r\n\r\n`);
  for (const byte of bytes) {
    stream.response.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => texts.length === 1);
  assert.deepEqual(texts, ['用户 😀']);
});

test('a close event does what the close code does', async (t) => {
  const { gateway, states, made } = await fixture(t);
  made();
  const stream = await gateway.stream(0);
  stream.say(hello(), { type: 'close', code: 4009 });
  assert.equal((await closed(states)).code, 4009);
  const others = await fixture(t);
  others.made();
  (await others.gateway.stream(0)).say(hello(), { type: 'close', code: 4008 });
  await others.gateway.stream(1);
});

for (const status of [400, 401, 403, 409, 204]) {
  test(`a refusal with ${status} ends the device`, async (t) => {
    const { gateway, states, made } = await fixture(t);
    const body = status === 204 ? '' : '{"detail":"why"}';
    gateway.refusals.push({ status, body });
    made();
    const end = await closed(states);
    assert.equal(end.status, status);
    assert.equal(end.reason, status === 204 ? '' : 'why');
    assert.equal(gateway.streams.length, 0);
  });
}

test('what could not be acknowledged is said again when the server has room', async (t) => {
  const { gateway, made } = await fixture(t);
  const device = made();
  const stream = await gateway.stream(0);
  gateway.ackRefusals.push({ status: 503, headers: { 'retry-after': '1' } }, { status: 502 });
  stream.say(hello(), broadcast(1));
  await until(() => gateway.acks.length === 1);
  device.read('b-1');
  await until(() => gateway.acks.at(-1)?.id === 'b-1');
  assert.deepEqual(gateway.acks.map((ack) => ack.position ?? ack.id), ['1x-1', '1x-1', '1x-1', 'b-1']);
  assert.ok(gateway.acks[1].at - gateway.acks[0].at >= 990, 'after Retry-After');
});

test('an acknowledgement that met no network is said again', async (t) => {
  const { gateway, made } = await fixture(t);
  let broken = 1;
  made({
    fetch: (url, options) =>
      options.method === 'POST' && broken-- > 0
        ? Promise.reject(new TypeError('no network'))
        : fetch(url, options),
  });
  (await gateway.stream(0)).say(hello(), broadcast(1));
  await until(() => gateway.acks.length === 1);
  assert.equal(gateway.acks[0].position, '1x-1');
});

test('a refused token is renewed', async (t) => {
  const { gateway, made } = await fixture(t);
  gateway.refusals.push({ status: 401 });
  let n = 0;
  made({ token: () => `token-${++n}` });
  assert.equal((await gateway.stream(0)).headers.authorization, 'Bearer token-2');
});

test('a server without room is left alone for as long as it says', async (t) => {
  const { gateway, states, made } = await fixture(t);
  gateway.refusals.push({ status: 503, headers: { 'retry-after': '2' } });
  made();
  const waiting = await until(() => states.find((s) => s.state === 'waiting'));
  assert.equal(waiting.delay, 2_000);
  assert.equal(waiting.status, 503);
  await gateway.stream(0);
});

test('without a WebSocket events are the way', { skip: globalThis.WebSocket !== undefined && 'there is one here' }, async (t) => {
  const { gateway, made } = await fixture(t);
  made({ transport: undefined });
  await gateway.stream(0);
});

test('close ends the stream and acknowledges what was processed', async (t) => {
  const { gateway, states, made } = await fixture(t);
  const device = made({ onBroadcast: () => device.close() });
  const stream = await gateway.stream(0);
  const gone = new Promise((resolve) => stream.response.on('close', resolve));
  stream.say(hello(), broadcast(1), broadcast(2));
  await closed(states);
  await gone;
  await until(() => gateway.acks.at(-1)?.position === '1x-1');
});
