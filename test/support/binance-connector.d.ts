/** The legacy connector of Binance brings no types: what the tests use of it. */
declare module '@binance/connector' {
  export class WebsocketStream {
    constructor(options: object);
    subscribe(stream: string): void;
    disconnect(): void;
  }
  export class Spot {
    constructor(key: string, secret: string, options: object);
    aggTrades(
      symbol: string,
      options: object,
    ): Promise<{ readonly data: readonly { readonly a: number; readonly p: string }[] }>;
    klines(
      symbol: string,
      interval: string,
      options: object,
    ): Promise<{ readonly data: readonly (readonly [number, string])[] }>;
  }
}
