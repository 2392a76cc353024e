// A device for tests, in a page or in Node: it asks its collector how to connect, and tells it
// everything that it is told. In Node: node device.js COLLECTOR FILE [MODULES], where FILE keeps the
// position and MODULES is a directory with the package ws, for a Node without its own WebSocket.
import { connect, localStorageStore } from '../fanfare.js';

const node = globalThis.process?.versions?.node !== undefined;
const [collector, file, modules] = node ? process.argv.slice(2) : [location.origin];

async function tell(event) {
  await fetch(`${collector}/events`, { method: 'POST', body: JSON.stringify(event) });
}

/** A Storage of one file. */
async function fileStorage() {
  const { existsSync, readFileSync, renameSync, writeFileSync } = await import('node:fs');
  return {
    getItem: () => (existsSync(file) ? readFileSync(file, 'utf8') : null),
    setItem: (_, value) => {
      writeFileSync(`${file}.new`, value);
      renameSync(`${file}.new`, file);
    },
  };
}

async function webSocket() {
  if (!node || globalThis.WebSocket) {
    return undefined;
  }
  const { createRequire } = await import('node:module');
  return createRequire(`${modules}/`)('ws');
}

const options = await (await fetch(`${collector}/options`)).json();
const device = connect({
  ...options,
  WebSocket: options.transport === 'sse' ? undefined : await webSocket(),
  store: localStorageStore('fanfare', node ? await fileStorage() : undefined),
  token: async () => {
    const answer = await fetch(`${collector}/token`);
    if (!answer.ok) {
      throw new Error(`the token came with status ${answer.status}`);
    }
    return answer.text();
  },
  onBroadcast: async (broadcast) => {
    await tell(broadcast);
    if (broadcast.message.body.read) device.read(broadcast.id);
  },
  onRecall: tell,
  onGap: tell,
  onState: (state) => void tell({ type: 'state', ...state }),
});
if (node) {
  process.on('SIGTERM', () => device.close());
}
