/** The client of a Fanfare server's device protocol. See README.md. */

export interface Options {
  /** The gateway, such as `wss://push.example.com`; `ws`, `http` and `https` are understood too. */
  url: string;
  /** The app's id, or either vendor's number of it. */
  app: string;
  /**
   * A token of the member, or where tokens come from. A function is asked before the first
   * connection and again once its last token was refused or ended; when it fails it is asked again
   * later. The token that was refused, or nothing, ends the device.
   */
  token: string | (() => string | null | undefined | Promise<string | null | undefined>);
  /** The position to begin after when the store has none. */
  after?: string;
  /**
   * A name among the member's devices, 1 to 64 of `A-Z a-z 0-9 . _ : -`. Another connection of the
   * same name takes this one's place. Default: a random one.
   */
  device?: string;
  /** At most 32 characters, shown as presence. Default: `Web` in pages. */
  platform?: string;
  /** Where the position is kept. Default: `memoryStore()`. */
  store?: Store;
  /** Default `auto`: WebSocket where there is one, else server-sent events. */
  transport?: 'auto' | 'websocket' | 'sse';
  /** A WebSocket for where there is none, such as that of the package `ws`. */
  WebSocket?: new (url: string, protocols: string[]) => unknown;
  /** A `fetch` in place of the global one. */
  fetch?: typeof globalThis.fetch;
  /** Each broadcast once, in order. The next waits for the promise; so does the acknowledgement. */
  onBroadcast?(broadcast: Broadcast): unknown;
  /** A broadcast was withdrawn. The device may never have had it. */
  onRecall?(recall: { id: string; position: string }): unknown;
  /** The server cannot follow a position: something may have been missed. */
  onGap?(gap: { from: string }): unknown;
  onState?(state: State): unknown;
  /** A handler or the store failed; nothing stops for that. Default: `console.error`. */
  onError?(error: unknown): void;
}

interface AnyBroadcast {
  id: string;
  position: string;
  /** Milliseconds since the epoch. */
  sentAt: number;
  /** Milliseconds since the epoch; absent for one that is for this moment only. */
  expiresAt?: number;
  /** The sender's name. */
  from: string;
}

export interface NativeBroadcast extends AnyBroadcast {
  format: 'native';
  message: { body: unknown; ext?: Record<string, string> };
}

/** An object of the vendor's; use `MessageIdStr` and `SenderStr`, numbers may lose digits. */
export interface VolcengineBroadcast extends AnyBroadcast {
  format: 'volcengine';
  message: Record<string, unknown> & { MsgType: number; Content: string };
}

export interface TencentBroadcast extends AnyBroadcast {
  format: 'tencent';
  message: Record<string, unknown> & { To_Account: string };
}

export type Broadcast = NativeBroadcast | VolcengineBroadcast | TencentBroadcast;

/** Why a connection ended: the close code or the HTTP status, if there was one. */
export interface Why {
  code?: number;
  status?: number;
  reason: string;
}

export type State =
  | { state: 'connecting'; attempt: number }
  | { state: 'connected'; app: string; member: string }
  | { state: 'caught-up'; position: string }
  /** `delay` milliseconds until the next attempt. */
  | ({ state: 'waiting'; delay: number } & Why)
  /** For good. */
  | ({ state: 'closed' } & Why);

/** What a store keeps, in one write. `ids` are at most 1,000, oldest first. */
export interface Kept {
  position: string;
  ids: string[];
  app: string;
  member: string;
}

/** One member, one store: a position acknowledges what lies before it. */
export interface Store {
  load(): Kept | undefined | Promise<Kept | undefined>;
  save(kept: Kept): void | Promise<void>;
}

export interface Device {
  /** What was last told to `onState`. */
  readonly state: State;
  /** The last position processed. */
  readonly position: string | undefined;
  /**
   * Says that the person opened a broadcast; sent when connected, five a second.
   * @returns false when closed, or when 1,000 others wait
   * @throws TypeError for what cannot be an id
   */
  read(id: string): boolean;
  /** Closes for good: keeps and acknowledges what was processed; only `onState` is called after. */
  close(): void;
}

/** @throws TypeError for options that cannot work */
export function connect(options: Options): Device;

export function memoryStore(): Store;

export function localStorageStore(
  key: string,
  storage?: Pick<globalThis.Storage, 'getItem' | 'setItem'>,
): Store;
