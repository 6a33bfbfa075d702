/**
 * A vision transformer on plain arrays, from the specification of Unicom (section 4) and the names of its weights: what `VisionTransformer` is compared
 * with. Loops over one image after the other, nothing shared with the sources.
 */
import type { VisionTransformerSpecification } from "../../src/nn/visionTransformer.js";

export type Weights = ReadonlyMap<string, ArrayLike<number>>;
type Row = readonly number[];

const LAYER_EPSILON = 1e-5;
const HEAD_EPSILON = 2e-5;

const sum = (values: Row): number => values.reduce((total, value) => total + value, 0);
const plus = (a: Row, b: ArrayLike<number>): number[] => a.map((value, i) => value + b[i]);

/** W x + b.  W: [outputs, inputs], x: inputs */
function linear(x: Row, weight: ArrayLike<number>, bias?: ArrayLike<number>): number[] {
  return Array.from({ length: weight.length / x.length }, (_, o) =>
    x.reduce((total, value, i) => total + weight[o * x.length + i] * value, bias?.[o] ?? 0),
  );
}

function layerNorm(x: Row, weight: ArrayLike<number>, bias: ArrayLike<number>): number[] {
  const mean = sum(x) / x.length;
  const deviation = Math.sqrt(sum(x.map((value) => (value - mean) ** 2)) / x.length + LAYER_EPSILON);
  return x.map((value, i) => ((value - mean) / deviation) * weight[i] + bias[i]);
}

/** Every token reads from all, head by head. */
function attend(tokens: readonly Row[], heads: number): number[][] {
  const width = tokens[0].length / 3;
  const size = width / heads;
  const part = (token: Row, which: number, head: number): Row =>
    token.slice(which * width + head * size, which * width + (head + 1) * size);
  return tokens.map((token) =>
    Array.from({ length: heads }, (_, head) => {
      const query = part(token, 0, head);
      const scores = tokens.map((other) => sum(part(other, 1, head).map((k, i) => k * query[i])) / Math.sqrt(size));
      const shares = scores.map((score) => Math.exp(score - Math.max(...scores)));
      const total = sum(shares);
      return query.map((_, i) => sum(tokens.map((other, t) => (shares[t] / total) * part(other, 2, head)[i])));
    }).flat(),
  );
}

/** What passes through the blocks and the norm behind them: some tokens of one image. */
export function plainBlocks(
  tokens: readonly Row[],
  { depth, heads }: Pick<VisionTransformerSpecification, "depth" | "heads">,
  weights: Weights,
): number[][] {
  const of = (name: string): ArrayLike<number> => weights.get(name)!;
  const normed = (x: Row, name: string): number[] => layerNorm(x, of(`${name}.weight`), of(`${name}.bias`));
  let x = tokens.map((token) => [...token]);
  for (let block = 0; block < depth; block++) {
    const name = `blocks.${block}`;
    const mixed = attend(
      x.map((token) => linear(normed(token, `${name}.norm1`), of(`${name}.attn.qkv.weight`))),
      heads,
    );
    x = x.map((token, t) =>
      plus(token, linear(mixed[t], of(`${name}.attn.proj.weight`), of(`${name}.attn.proj.bias`))),
    );
    x = x.map((token) => {
      const hidden = linear(normed(token, `${name}.norm2`), of(`${name}.mlp.fc1.weight`), of(`${name}.mlp.fc1.bias`));
      const bent = hidden.map((value) => Math.min(6, Math.max(0, value)));
      return plus(token, linear(bent, of(`${name}.mlp.fc2.weight`), of(`${name}.mlp.fc2.bias`)));
    });
  }
  return x.map((token) => normed(token, "norm"));
}

/** Tokens of an image [C, side, side] before the blocks, position embeddings added. */
export function plainTokens(
  image: Row,
  { channels, side, patch, width }: VisionTransformerSpecification,
  weights: Weights,
): number[][] {
  const grid = Math.floor(side / patch);
  return Array.from({ length: grid ** 2 }, (_, token) => {
    const [top, left] = [Math.floor(token / grid) * patch, (token % grid) * patch];
    const pixels = Array.from({ length: channels * patch ** 2 }, (_, at) => {
      const [channel, y, x] = [Math.floor(at / patch ** 2), Math.floor(at / patch) % patch, at % patch];
      return image[(channel * side + top + y) * side + left + x];
    });
    const embedded = linear(pixels, weights.get("patch_embed.proj.weight")!, weights.get("patch_embed.proj.bias"));
    return embedded.map((value, i) => value + weights.get("pos_embed")![token * width + i]);
  });
}

/** Embeddings of a batch from the tokens of each image: by the statistics of the batch in training, by the running ones otherwise. */
export function plainHead(tokens: readonly (readonly Row[])[], weights: Weights, training: boolean): number[][] {
  const normed = (rows: readonly Row[], name: string): number[][] => {
    const columns = rows[0].map((_, c) => rows.map((row) => row[c]));
    const means = training ? columns.map((column) => sum(column) / rows.length) : weights.get(`${name}.running_mean`)!;
    const variances = training
      ? columns.map((column, c) => sum(column.map((value) => (value - means[c]) ** 2)) / rows.length)
      : weights.get(`${name}.running_var`)!;
    const [weight, bias] = [weights.get(`${name}.weight`)!, weights.get(`${name}.bias`)!];
    return rows.map((row) =>
      row.map((value, c) => ((value - means[c]) / Math.sqrt(variances[c] + HEAD_EPSILON)) * weight[c] + bias[c]),
    );
  };
  const through = (rows: readonly Row[], name: string): number[][] =>
    rows.map((row) => linear(row, weights.get(`${name}.weight`)!));
  const hidden = normed(through(tokens.map((all) => all.flat()), "feature.0"), "feature.1"); // prettier-ignore
  return normed(through(hidden, "feature.2"), "feature.3");
}
