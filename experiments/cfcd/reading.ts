/** What the verdicts of the page come to, written by hand from the numbers of the run that it was made of. */
export const READING = `What the verdicts come to, by hand:

- **2, 4, 5 and 9 follow from formulas.** They show that what is computed is what is written, in training too, not that it helps.
- **1, in part.** On Omniglot scale, margin and median rise as they should, but not as far as in the runs that the expectations are from, of a larger network on larger images (s 76 and m 0.23 to 0.25, where 80 to 110 and 0.3 to 0.45 are expected), and the margin goes back and forth from epoch to epoch. On emoji the median hardly passes 0.375, where the scale leaves its floor: there MadaCos is a head of scale 32 with a small margin.
- **3, in part.** With the paper's constants MadaCos is 5.5 and 6.2 points of R@1 below the best fixed setting (CosFace with s = 10), and 3.2 above and 1.8 below the best with s ≥ 64: 32 is more than 136 classes want. With constants that held-out classes chose it is 0.2 and 1.2 points below the best, which is the best of twelve on the test itself, and 8.5 and 3.2 above all with s ≥ 64. But that is choosing a scale.
- **6.** Triplets do not sharpen the descriptor here: with weight 0.05 no difference exceeds its noise in either direction. Matches become more in all four runs, by 1 to 12 percent, though part of that comes without triplets too; their sum falls clearly with weight 1 on Omniglot alone. Weight 1, which the public code has without meaning it, nearly doubles the matches on emoji and costs 6.0 and 6.7 points of R@1.
- **7, in part.** Without the test of attention there are twice as many matches, as near as with it, and R@1 and mAP are a little better (0.1 to 0.7 points, within noise).
- **8.** Averaging three sizes gives 1.6 to 2.2 points of mAP on Omniglot and takes 0.8 and 1.3 on emoji.
- **10, in part.** p = 3 is no better than the mean at maps of 4×4 cells (0.7 to 1.5 points worse, within noise), and a learned p goes down to 2.4 and 2.5.
- **AdaCos** had its scale run away with seed 2 (53.7 % beside 80.2), as at the larger rates below.`;
