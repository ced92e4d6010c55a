/** Which methods each path pattern has, so that a wrong method is told from a wrong path. */
export class RouteTable {
  private readonly routes: { readonly pattern: RegExp; readonly methods: Set<string>; readonly url: string }[] = [];

  add(url: string, methods: readonly string[]): void {
    if (url.includes('*')) return;
    const known = this.routes.find((route) => route.url === url);
    if (known !== undefined) {
      for (const method of methods) known.methods.add(method);
      return;
    }
    const source = url
      .split('/')
      .map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
      .join('/');
    this.routes.push({ url, pattern: new RegExp(`^${source}$`), methods: new Set(methods) });
  }

  /** The methods of a path, empty when there is no such path. */
  methodsOf(path: string): readonly string[] {
    return [...new Set(this.routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => [...methods]))];
  }
}
