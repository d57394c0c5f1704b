"""Writes the goldens of TransferKit.Analysis beside this file, by scikit-learn 1.2.1 (Debian's python3-sklearn).

logistic.json: features, labels, and what scikit-learn's LogisticRegression, NearestCentroid and KNeighborsClassifier make of them.
digits.bin.gz: the 1,797 digits of load_digits, 64 pixels of 0 to 16 and a label each (UCI, E. Alpaydin and C. Kaynak, CC BY 4.0).

The solver lbfgs stops by SciPy's default tolerance of the loss, with coefficients right to about three digits. The script sets that
tolerance to rounding, so that the coefficients are those of the minimum.
"""
import gzip
import json
import os
import sys
import warnings

import numpy as np
import sklearn
import sklearn.linear_model._logistic as logistic
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid

HERE = os.path.dirname(os.path.abspath(__file__))
warnings.filterwarnings("error")
minimize = logistic.optimize.minimize


def to_the_minimum(*args, options, **others):
    return minimize(*args, options={**options, "ftol": 1e-16, "maxfun": 1_000_000, "maxls": 50}, **others)


logistic.optimize.minimize = to_the_minimum


def case(name, rows, dimensions, classes, c, seed, spread=1.0):
    random = np.random.default_rng(seed)
    labels = np.arange(rows) % classes
    centres = random.normal(size=(classes, dimensions))
    # Columns of different scales and a common offset, as features of a network have.
    features = (centres[labels] + spread * random.normal(size=(rows, dimensions))) * random.uniform(0.2, 3, dimensions) + 1
    features = np.round(features, 3).astype(np.float32)
    x = features.astype(np.float64)
    exact = LogisticRegression(C=c, solver="lbfgs", tol=1e-9, max_iter=100_000).fit(x, labels)
    queries = np.round(x[:20] + random.normal(size=(20, dimensions)), 3)
    numbers = lambda a, digits: [float(f"%.{digits}g" % v) for v in np.ravel(a)]
    return {
        "name": name, "dimensions": dimensions, "classes": classes, "strength": c,
        "features": numbers(features, 6), "labels": labels.tolist(), "queries": numbers(queries, 6),
        "coefficients": numbers(exact.coef_, 9), "intercepts": numbers(exact.intercept_, 9),
        "nearest_mean": NearestCentroid().fit(x, labels).predict(queries).tolist(),
        "nearest_neighbours": KNeighborsClassifier(3).fit(x, labels).predict(queries).tolist(),
    }


def main():
    golden = {
        "sklearn": sklearn.__version__,
        "cases": [
            case("four classes", 120, 12, 4, 1.0, 1, 1.5),
            case("two classes", 80, 8, 2, 0.5, 2, 2.0),
            case("weak penalty", 150, 6, 3, 100.0, 3, 2.0),
            case("strong penalty", 60, 10, 3, 1e-3, 4),
            case("more features than rows", 30, 48, 3, 1.0, 5, 2.0),
        ],
    }
    with open(os.path.join(HERE, "logistic.json"), "w") as file:
        json.dump(golden, file)
        file.write("\n")
    digits = load_digits()
    table = np.column_stack([digits.data.astype(np.uint8), digits.target.astype(np.uint8)])
    with open(os.path.join(HERE, "digits.bin.gz"), "wb") as file:
        file.write(gzip.compress(table.tobytes(), 9, mtime=0))


if __name__ == "__main__":
    sys.exit(main())
