/** What a clustering depends on: kept complete in `cluster.json`, so that it can be gone on with and repeated. */
import { z } from "zod";
import { ENGINE_NAMES } from "../../tensor/engineNames.js";
import { configurationSchema } from "../../training/configuration.js";

const count = z.int().min(1);
const optional = z.string().nullable();

export const clusterSettingsSchema = z.strictObject({
  imageFeatures: optional,
  textFeatures: optional,
  labels: optional,
  imageFrom: optional,
  textFrom: z.literal("words").nullable(),
  dataset: configurationSchema.shape.dataset.nullable(),
  data: optional,
  /** k */
  clusters: count,
  fusion: z.enum(["image", "text", "average", "concat"]).nullable(),
  /** Centroids of length one, compared by inner product; rows have length one either way. */
  spherical: z.boolean(),
  method: z.enum(["lloyd", "mini-batch"]),
  start: z.enum(["k-means++", "random"]),
  /** At most; null: the method's default for the number of rows. Filled in when rows are there, and so is the next. */
  iterations: count.nullable(),
  /** Rows of a mini-batch; of Lloyd's method null. */
  batchRows: count.nullable(),
  seed: z.union([z.int(), z.string()]),
  /** Clusters with fewer rows are dropped; so many rows of one are kept, null: all. */
  minSize: count,
  maxPerCluster: count.nullable(),
  engine: z.enum(ENGINE_NAMES),
});

export type ClusterSettings = Readonly<z.infer<typeof clusterSettingsSchema>>;
