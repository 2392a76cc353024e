// Small servers for tests, one in process and one that speaks HTTP.
import { createServer } from 'node:http';

/** Waits for a condition; fails after a generous time. */
export async function until(condition, what = condition) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const value = condition();
    if (value) {
      return value;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited in vain for ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The server's side of WebSockets, without a network: hand `server.WebSocket` to the client. */
export function fakeServer() {
  const sockets = [];
  class FakeSocket {
    readyState = 0;
    sent = [];

    constructor(url, protocols) {
      this.url = new URL(url);
      this.protocols = protocols;
      sockets.push(this);
    }

    get after() {
      return this.url.searchParams.get('after');
    }

    send(text) {
      this.sent.push({ at: Date.now(), ...JSON.parse(text) });
    }

    close(code) {
      this.readyState = 3;
      this.closedWith = code;
    }

    // What the test does.

    open() {
      this.readyState = 1;
      this.onopen({});
      return this;
    }

    say(...messages) {
      messages.forEach((message) => this.onmessage({ data: JSON.stringify(message) }));
      return this;
    }

    drop(code = 1006, reason = '') {
      this.readyState = 3;
      this.onclose({ code, reason });
    }
  }
  return {
    WebSocket: FakeSocket,
    sockets,
    /** The n-th connection, once it was made. */
    connection: (n) => until(() => sockets[n], `connection ${n}`),
    /** The n-th connection, greeted. */
    greeted: async (n, member = '10001') => {
      const socket = await until(() => sockets[n], `connection ${n}`);
      return socket.open().say(hello(member));
    },
  };
}

export const hello = (member = '10001', position = '1x-0') => ({
  type: 'hello',
  app: 'demo',
  member,
  position,
  time: 1,
});

export const broadcast = (n, more = {}) => ({
  type: 'broadcast',
  position: `1x-${n}`,
  id: `b-${n}`,
  sentAt: 1,
  from: 'default',
  format: 'native',
  message: { body: { n } },
  ...more,
});

export const caughtUp = (n) => ({ type: 'caught-up', position: `1x-${n}` });

/** A gateway that speaks server-sent events. `streams` are its open answers, `acks` what came. */
export async function eventServer() {
  const streams = [];
  const acks = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://gateway');
    const stream = { url, headers: request.headers, response };
    if (url.pathname === '/ack') {
      let body = '';
      request.on('data', (part) => (body += part));
      request.on('end', () => {
        acks.push({ at: Date.now(), url, headers: request.headers, ...JSON.parse(body) });
        const { status, headers = {} } = gateway.ackRefusals.shift() ?? { status: 204 };
        response.writeHead(status, headers).end();
      });
    } else if (gateway.refusals.length > 0) {
      const { status, headers = {}, body = '' } = gateway.refusals.shift();
      response.writeHead(status, headers).end(body);
    } else {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      stream.say = (...messages) => response.write(messages.map(event).join(''));
      streams.push(stream);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const gateway = {
    url: `http://127.0.0.1:${server.address().port}`,
    streams,
    acks,
    refusals: [],
    ackRefusals: [],
    stream: (n) => until(() => streams[n], `stream ${n}`),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return gateway;
}

function event(message) {
  const id = message.position ? `id: ${message.position}\n` : '';
  return `${id}event: ${message.type}\ndata: ${JSON.stringify(message)}\n\n`;
}
