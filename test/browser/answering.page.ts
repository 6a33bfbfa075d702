/** A page that answers, fails or never ends, as it is asked. */

export interface Wish {
  readonly what: "answer" | "fail" | "hang";
  readonly numbers?: readonly number[];
}

export async function run({ what, numbers = [] }: Wish): Promise<unknown> {
  switch (what) {
    case "answer":
      return { doubled: numbers.map((x) => 2 * x), isolated: globalThis.crossOriginIsolated };
    case "fail":
      console.error("what the page wrote");
      throw new Error("what the page threw");
    case "hang":
      for (;;);
  }
}
