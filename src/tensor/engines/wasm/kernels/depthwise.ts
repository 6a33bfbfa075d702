/** Depth-wise convolution: one input channel and one output channel to a group. */
