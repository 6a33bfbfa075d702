/** Pictures for the report: test images with their nearest neighbours, kept in the run folder so that a report needs no data set. */

export interface Example {
  readonly label: number;
  /** The image as a data URL. */
  readonly picture: string;
}

export interface Neighbour extends Example {
  readonly cosine: number;
}

export interface ExampleRow {
  readonly query: Example;
  /** Nearest first. */
  readonly nearest: readonly Neighbour[];
}
