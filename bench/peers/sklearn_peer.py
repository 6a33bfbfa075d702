#!/usr/bin/python3
"""What scikit-learn needs for an iteration of k-means (Lloyd) on the same rows. One JSON line.

Install: apt-get install python3-sklearn libopenblas0-pthread, then run with /usr/bin/python3.
  sklearn_peer.py FILE ROWS COLUMNS CLUSTERS [--threads 2] [--iterations 3]
FILE holds float32 rows, one after another; the first CLUSTERS rows are where it begins. Seconds an iteration are those of 1 + N iterations minus
those of 1, divided by N.
"""
import argparse
import json
import time
import warnings

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_info, threadpool_limits

parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("sizes", nargs=3, type=int)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--iterations", type=int, default=3)
args = parser.parse_args()
rows, columns, clusters = args.sizes
data = np.fromfile(args.file, dtype=np.float32, count=rows * columns).reshape(rows, columns)
warnings.simplefilter("ignore")


def seconds(iterations):
    model = KMeans(clusters, init=data[:clusters], n_init=1, max_iter=iterations, tol=0, algorithm="lloyd")
    start = time.perf_counter()
    model.fit(data)
    return time.perf_counter() - start


with threadpool_limits(args.threads):
    one, more = seconds(1), seconds(1 + args.iterations)
    blas = sorted({f"{pool['internal_api']} {pool.get('version')} {pool.get('threading_layer', '')}".strip()
                   for pool in threadpool_info() if pool["user_api"] == "blas"})
print(json.dumps({
    "peer": f"scikit-learn {sklearn.__version__}", "blas": blas, "work": ["kmeans", *args.sizes], "threads": args.threads,
    "ms": round((more - one) / args.iterations * 1e3, 1)}))
