"""Writes map.json beside this file: projections to a plane by scikit-learn 1.2.1 (Debian's python3-sklearn).

    /usr/bin/python3 make-map.py

pca: features, coordinates along two principal components and their shares of the variance, by the full decomposition.
tsne: of the first 898 digits of digits.bin.gz, the divergence that TSNE reaches from the same beginning and with the same schedule, and the
share of digits whose nearest digit on the plane has the same label.
affinities: joint probabilities of 40 vectors, of all pairs that are not zero.
"""
import gzip
import json
import os

import numpy as np
import sklearn
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.manifold._t_sne import _joint_probabilities_nn
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

HERE = os.path.dirname(os.path.abspath(__file__))


def numbers(values, digits=9):
    return [float(f"%.{digits}g" % v) for v in np.ravel(values)]


def pca(name, rows, dimensions, seed, rank=None):
    random = np.random.default_rng(seed)
    latent = random.normal(size=(rows, rank or dimensions)) @ random.normal(size=(rank or dimensions, dimensions))
    features = np.round(latent + 3, 3).astype(np.float32)
    model = PCA(2, svd_solver="full")
    coordinates = model.fit_transform(features.astype(np.float64))
    return {
        "name": name, "dimensions": dimensions, "features": numbers(features, 6), "coordinates": numbers(coordinates),
        "shares": numbers(model.explained_variance_ratio_),
    }


def affinities():
    features = np.round(np.random.default_rng(5).normal(size=(40, 6)), 3).astype(np.float32)
    near = NearestNeighbors(n_neighbors=16, algorithm="brute").fit(features).kneighbors_graph(mode="distance")
    near.data **= 2
    joint = _joint_probabilities_nn(near, 5.0, 0).tocoo()
    cells = sorted(zip(joint.row.tolist(), joint.col.tolist(), joint.data.tolist()))
    return {
        "dimensions": 6, "features": numbers(features, 6), "perplexity": 5.0,
        "rows": [r for r, _, _ in cells], "columns": [c for _, c, _ in cells], "values": numbers([v for _, _, v in cells]),
    }


def tsne():
    with gzip.open(os.path.join(HERE, "digits.bin.gz")) as file:
        digits = np.frombuffer(file.read(), np.uint8).reshape(-1, 65)[:898]
    model = TSNE(random_state=0, init="pca", learning_rate="auto")
    plane = model.fit_transform(digits[:, :64].astype(np.float32))
    nearest = NearestNeighbors(n_neighbors=1).fit(plane).kneighbors(return_distance=False)[:, 0]
    return {"divergence": model.kl_divergence_, "same_label": float(np.mean(digits[nearest, 64] == digits[:, 64]))}


if __name__ == "__main__":
    golden = {
        "sklearn": sklearn.__version__,
        "pca": [
            pca("more rows than features", 60, 12, 1), pca("more features than rows", 12, 40, 2),
            pca("fewer directions than features", 40, 30, 3, 5), pca("two features", 25, 2, 4),
        ],
        "affinities": affinities(),
        "tsne": tsne(),
    }
    with open(os.path.join(HERE, "map.json"), "w") as file:
        json.dump(golden, file)
        file.write("\n")
