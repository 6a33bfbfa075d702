/** Serves a page of one script on this machine's own address, isolated from others as browsers ask of pages with shared memory. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

export async function servePage(script: string): Promise<Served> {
  const files: Readonly<Record<string, readonly [type: string, body: string]>> = {
    "/": ["text/html", '<!doctype html><meta charset="utf-8"><script type="module" src="page.js"></script>'],
    "/page.js": ["text/javascript", script],
    "/favicon.ico": ["image/x-icon", ""],
  };
  const server = createServer(({ url = "/" }, response) => {
    const [type, body] = files[url] ?? ["text/plain", "not found"];
    response.writeHead(url in files ? 200 : 404, {
      "content-type": `${type}; charset=utf-8`,
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    response.end(body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
