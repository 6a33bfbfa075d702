/** Embeds a query and a gallery with the network of a run, ranks the gallery, and puts together what is written about it. */
import { basename, resolve } from "node:path";
import type { Box } from "../../data/cropBox.js";
import { cutEmbeddings } from "../../evaluation/cutEmbeddings.js";
import { nearestInGallery } from "../../evaluation/nearestInGallery.js";
import type { Engine } from "../../tensor/engine.js";
import { checkScales, embedBatch } from "../../training/embedBatch.js";
import { embedSource } from "../../training/embedSource.js";
import { pictureFrom } from "../../training/pictureOf.node.js";
import type { RetrievalSheet } from "../../training/report/retrievalSheet.js";
import type { TrainedBackbone } from "../../training/trainedBackbone.node.js";
import type { OpenSource } from "../images/openImageSource.js";
import { withProgress } from "../images/withProgress.js";
import { comparedImages, openQuery } from "./openQuery.js";

export interface RetrieveOptions {
  readonly engine: Engine;
  readonly trained: TrainedBackbone;
  /** What the run is called. */
  readonly model: string;
  readonly query: string;
  /** What the gallery is called, and its images. */
  readonly gallery: string;
  readonly opened: OpenSource;
  /** Images to find. */
  readonly top: number;
  /** Of the embedding, the first ones; they are cut off first and scaled to length one then, as training with `--features` does. */
  readonly dimensions: number;
  /** Sizes of every image that are embedded, see `embedBatch`; default: the image as it is. */
  readonly scales?: readonly number[];
  /** The part of the query that is asked about. */
  readonly crop?: Box;
}

/** @throws Error where the query is no image, or no image of the gallery can be compared with it */
export async function retrieve(options: RetrieveOptions): Promise<RetrievalSheet> {
  const { engine, trained, gallery, opened, top, dimensions, scales, crop } = options;
  const { source, set, texts } = opened;
  const { channels, side } = trained.images;
  const { kind, embedding } = trained.configuration.network;
  if (scales) checkScales(scales, trained.backbone, kind);
  const query = await openQuery(options.query, opened, trained.images, crop);
  const compared = comparedImages(gallery, opened, options.query, query.index);
  const { backbone } = trained;
  const asked = await embedBatch({ engine, backbone, scales }, query.pixels, [1, channels, side, side]);
  const others = {
    names: compared.map((index) => source.names[index]),
    read: async (place: number) => source.read(compared[place]),
  };
  const { embeddings, indices, skipped } = await withProgress("retrieve", others.names.length, (onProgress) =>
    embedSource(engine, trained, others, { scales, onProgress }),
  );
  if (indices.length === 0) {
    throw new Error(`${gallery}: none of its ${skipped.length} images could be read; the first: ${skipped[0].reason}`);
  }
  const cut = (rows: Float32Array): Float64Array => cutEmbeddings(rows, embedding, { dimensions }).rows;
  const [ranked] = await nearestInGallery({
    ...{ queries: cut(asked), gallery: cut(embeddings), embedding: dimensions, by: "product", neighbours: top },
  });

  const label = set && query.index !== undefined ? set.labels[query.index] : undefined;
  const isOfClass = (image: number): boolean => set!.labels[image] === label;
  const format = { channels, height: side, width: side };
  const textOf = (image: number | undefined): { text?: string } => {
    if (!texts || image === undefined) return {};
    return { text: texts[set!.columns.class[image]] };
  };
  const nearest = ranked.map(async ({ index: place, score }, i) => {
    const image = compared[indices[place]];
    return {
      ...{ rank: i + 1, similarity: Number(score.toPrecision(7)), image: source.names[image] },
      ...(label !== undefined && { right: isOfClass(image) }),
      ...textOf(image),
      picture: pictureFrom(await source.read(image), format),
    };
  });
  return {
    query: query.name,
    picture: pictureFrom(query.pixels, format),
    ...textOf(query.index),
    gallery: set?.name ?? basename(resolve(gallery)),
    ...(crop && { crop }),
    ...(scales && { scales }),
    ...{ model: options.model, dimensions, embedding, compared: indices.length },
    ...(label !== undefined && { ofItsClass: indices.filter((place) => isOfClass(compared[place])).length }),
    nearest: await Promise.all(nearest),
    skipped,
  };
}
