/**
 * Runs code of this project in a page of headless Chromium.
 *
 * Every run has a browser of its own, with a profile that nobody used before and that goes with it. Without a GPU, Chromium's software
 * (SwiftShader) stands in for one, in WebGL2 and in WebGPU alike.
 */
import { existsSync } from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";
import { bundlePage } from "./bundlePage.js";
import { servePage } from "./servePage.js";

const FLAGS = [
  "--no-sandbox", // it needs rights that containers do not give
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--use-gl=angle",
  "--use-angle=swiftshader", // WebGL2 by software, wherever this runs
  "--enable-unsafe-swiftshader",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
];

/** For the option `skip` of a test that needs a page: false, or why it is left out. */
export const withoutBrowser: string | false =
  process.env.PFC_WITHOUT_BROWSER === "1" && "PFC_WITHOUT_BROWSER=1: tests in a page are left out";

/** Milliseconds. */
export const DEFAULT_TIMEOUT = 60_000;

export interface PageOptions {
  /** Milliseconds for starting, loading and running together. */
  readonly timeout?: number;
}

/**
 * What `run(argument)`, exported by the file `entry`, resolves to in a page; both travel as JSON.
 *
 * @throws Error if it fails or takes too long, with what the page wrote to its console
 */
export async function runInPage<Result>(
  entry: URL,
  argument?: unknown,
  { timeout = DEFAULT_TIMEOUT }: PageOptions = {},
): Promise<Result> {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(
      `there is no browser at ${executablePath}; apt-get install --no-install-recommends chromium, ` +
        `or name one in CHROMIUM, or leave tests in a page out with PFC_WITHOUT_BROWSER=1.`,
    );
  }
  const served = await servePage(await bundlePage(entry));
  const launched = chromium.launch({ executablePath, args: FLAGS, timeout });
  const complaints: string[] = [];
  const limit = timeLimit(timeout);
  try {
    return await Promise.race([limit.passed, launched.then(callPage)]);
  } catch (error) {
    throw new Error([(error as Error).message, ...complaints].join("\n"), { cause: error });
  } finally {
    limit.clear();
    await launched.then((browser) => browser.close()).catch(() => {}); // where it did not start, that is what was thrown
    await served.close();
  }

  async function callPage(browser: Browser): Promise<Result> {
    const page = await browser.newPage();
    return Promise.race([failureOf(page, complaints), answerOf<Result>(page, served.url, argument, timeout)]);
  }
}

async function answerOf<Result>(page: Page, url: string, argument: unknown, timeout: number): Promise<Result> {
  await page.goto(url, { timeout });
  await page.waitForFunction(() => "runPage" in globalThis, undefined, { timeout });
  const text = await page.evaluate(async (given) => {
    const { runPage } = globalThis as unknown as { runPage: (argument: unknown) => Promise<unknown> };
    return JSON.stringify(await runPage(given === undefined ? undefined : JSON.parse(given)));
  }, JSON.stringify(argument));
  return JSON.parse(text) as Result;
}

/** Notes what the page complains of; rejects when it goes down, or when its script fails before it can be called. */
function failureOf(page: Page, complaints: string[]): Promise<never> {
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`console.${message.type()}: ${message.text()}`);
  });
  return new Promise((_, reject) => {
    page.on("pageerror", reject);
    page.on("crash", () => reject(new Error("the page crashed")));
    page.on("close", () => reject(new Error("the page was closed")));
  });
}

function timeLimit(milliseconds: number): { readonly passed: Promise<never>; clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the page took more than ${milliseconds / 1000} s`)), milliseconds);
  });
  return { passed, clear: () => clearTimeout(timer) };
}
