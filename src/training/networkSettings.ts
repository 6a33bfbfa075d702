/** The settings of a backbone: which network, how long its embeddings are, and the sizes of those that have no published ones. */
import { z } from "zod";

export const count = z.int().min(1);
/** Beyond this a size is a slip of the pen, and not memory anybody has. */
const size = count.max(65_536);

export const network = z.strictObject({
  kind: z.enum([
    "small",
    "iresnet18",
    "iresnet34",
    "iresnet50",
    "iresnet100",
    "iresnet200",
    "mobilefacenet",
    "mobilefacenet-large",
    "small-vit",
    "vit-t",
    "vit-s",
    "vit-b",
    "vit-l",
    "unicom-vit-b32",
    "unicom-vit-b16",
    "unicom-vit-l14",
    "unicom-vit-l14-336",
    "resnet50",
    "resnet101",
    "small-resnet",
  ]),
  embedding: size,
  /** Of the small networks, small and small-resnet: channels and blocks of each stage. */
  widths: z.array(size).min(1),
  blocks: z.array(size).min(1),
  /** Stride of their first convolution: 2 reads larger images at a quarter of the work. */
  stemStride: z.int().min(1).max(4),
  /** Before the linear layer of the IResNets, the small one included; the published CR-FIQA networks have 0.4. */
  dropout: z.number().min(0).max(0.9),
  /** Of the small vision transformer only, but for dropPath and maskRate, which change the published ones too where they are given (null: as published). */
  vit: z.strictObject({
    /** Pixels of a patch's side. */
    patch: z.int().min(1).max(64),
    /** Features of a token, blocks, heads. */
    width: size,
    depth: count.max(64),
    heads: count.max(64),
    /** Stochastic depth of the last block; it rises linearly from 0 at the first. */
    dropPath: z.number().min(0).max(0.9).nullable(),
    /** Share of the tokens that sit out the blocks in training; Unicom's networks have no token to stand for them. */
    maskRate: z.number().min(0).max(0.9).nullable(),
  }),
  /** Of the ResNets, which end in CFCD's descriptor: generalised mean of the last map, linear layer, batch norm. */
  resnet: z.strictObject({
    /** p of the generalised mean: 1 is the mean, and the larger, the nearer to the maximum. */
    power: z.number().min(1).max(100),
    /** p is trained from there on. */
    learnPower: z.boolean(),
    /** Of the small one: stride of its last stage. 1 leaves a map of twice the side, 8×8 in place of 4×4 of 32 pixels. */
    lastStride: z.int().min(1).max(2),
  }),
});
