"""Makes the models of this folder and what the libraries answer for them.

    python3.11 -m venv venv && venv/bin/pip install lightgbm==4.6.0 xgboost==3.0.5 numpy==2.4.6
    venv/bin/python testdata/models/make.py

One table of 5,000 rows (rows.f64.br: float64, little endian, row by row) with missing values, zeros, numbers beyond float32
and codes of categories, known and unknown. For each model <name>.expected.json holds the SHA-256 of the 5,000 x outputs raw
scores as float64, little endian, and of every 50th row the raw scores, the values, and the contributions (base64 of float64).
"""

import base64
import hashlib
import json
import pathlib
import subprocess

import lightgbm as lgb
import numpy as np
import xgboost as xgb

ROWS, EVERY = 5_000, 50
HERE = pathlib.Path(__file__).parent
NAMES = ["recency_days", "orders", "spend", "gap_days", "country", "age"]
CATEGORICAL = [4]
rng = np.random.default_rng(20261124)


def table() -> np.ndarray:
    x = np.empty((ROWS, 6))
    x[:, 0] = np.round(rng.exponential(40, ROWS), 3)
    x[:, 1] = rng.poisson(2, ROWS)
    x[:, 2] = np.round(rng.lognormal(12, 3, ROWS), 2)
    x[:, 3] = rng.normal(0, 1, ROWS)
    x[:, 4] = rng.integers(0, 70, ROWS)
    x[:, 5] = rng.integers(18, 90, ROWS)
    x[rng.random(ROWS) < 0.1, 3] = 0
    for column in (0, 2, 3, 4):
        x[rng.random(ROWS) < 0.08, column] = np.nan
    return x


def labels(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    full = np.nan_to_num(x)
    pull = 0.02 * (40 - full[:, 0]) + 0.3 * full[:, 1] + 0.5 * np.sin(full[:, 4]) + full[:, 3] * (full[:, 5] > 40)
    return (pull + rng.normal(0, 1, ROWS) > 0.6).astype(float), pull


def asked(x: np.ndarray) -> np.ndarray:
    """The rows asked about: those learned from, some of them with what no row of the training had."""
    x = x.copy()
    some = rng.random(ROWS) < 0.05
    x[some, 4] = rng.choice([-1, 69, 70, 71, 95, 96, 1_000, 3_000_000_000, 2.7], some.sum())
    x[rng.random(ROWS) < 0.02, 1] = np.nan
    x[rng.random(ROWS) < 0.02, 3] = 1e-36
    x[rng.random(ROWS) < 0.02, 3] = -0.0
    return x


def pack(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f8").tobytes()).decode()


def expect(name: str, raw: np.ndarray, value: np.ndarray, contributions: np.ndarray) -> None:
    raw = np.asarray(raw, dtype=np.float64).reshape(ROWS, -1)
    value = np.asarray(value, dtype=np.float64).reshape(ROWS, -1)
    told = {
        "outputs": raw.shape[1],
        "sha256": hashlib.sha256(np.ascontiguousarray(raw, dtype="<f8").tobytes()).hexdigest(),
        "raw": pack(raw[::EVERY]),
        "value": pack(value[::EVERY]),
        "contributions": pack(np.asarray(contributions, dtype=np.float64).reshape(ROWS, -1)[::EVERY]),
    }
    (HERE / f"{name}.expected.json").write_text(json.dumps(told) + "\n")


def with_lightgbm(name: str, x, y, q, params: dict, rounds: int, *, dump: bool = False) -> None:
    data = lgb.Dataset(x, y, feature_name=NAMES, categorical_feature=CATEGORICAL, params={"verbose": -1})
    own = {"num_leaves": 12, "min_data_in_leaf": 15, "verbose": -1, "num_threads": 1, "seed": 7, "max_cat_to_onehot": 1, "min_data_per_group": 20}
    model = lgb.train({**own, **params}, data, rounds)
    (HERE / f"{name}.txt").write_text(model.model_to_string())
    if dump:
        (HERE / f"{name}.json").write_text(json.dumps(model.dump_model(), separators=(",", ":")))
    again = lgb.Booster(model_file=str(HERE / f"{name}.txt"), params={"num_threads": 1})
    expect(name, again.predict(q, raw_score=True), again.predict(q), again.predict(q, pred_contrib=True))


def with_xgboost(name: str, x, y, q, params: dict, rounds: int) -> None:
    kinds = ["c" if i in CATEGORICAL else "q" for i in range(6)]
    codes = np.where(x[:, 4] < 0, np.nan, x[:, 4])
    learned = np.column_stack([x[:, :4], codes, x[:, 5]])
    frame = lambda rows: xgb.DMatrix(rows, feature_names=NAMES, feature_types=kinds, enable_categorical=True, nthread=1)
    data = frame(learned)
    data.set_label(y)
    model = xgb.train({"max_depth": 4, "nthread": 1, "seed": 7, "max_cat_to_onehot": 1, "tree_method": "hist", **params}, data, rounds)
    model.save_model(HERE / f"{name}.json")
    again = xgb.Booster(model_file=HERE / f"{name}.json")
    again.set_param({"nthread": 1})
    d = frame(q)
    expect(name, again.predict(d, output_margin=True), again.predict(d), again.predict(d, pred_contribs=True))


def main() -> None:
    x = table()
    bought, pull = labels(x)
    q = asked(x)
    grade = np.digitize(pull, [0.0, 1.0]).astype(float)
    amount = np.round(np.exp(np.clip(pull, -3, 4)), 2)
    (HERE / "rows.f64").write_bytes(np.ascontiguousarray(q, dtype="<f8").tobytes())
    pack_rows = "const z=require('zlib'),f=require('fs');f.writeFileSync(process.argv[1]+'.br',z.brotliCompressSync(f.readFileSync(process.argv[1])));f.unlinkSync(process.argv[1])"
    subprocess.run(["node", "-e", pack_rows, str(HERE / "rows.f64")], check=True)
    with_lightgbm("lgb-binary", x, bought, q, {"objective": "binary", "sigmoid": 0.7}, 20, dump=True)
    with_lightgbm("lgb-zero", x, amount, q, {"objective": "regression", "zero_as_missing": True}, 12)
    with_lightgbm("lgb-none", x, amount, q, {"objective": "tweedie", "use_missing": False}, 8, dump=True)
    with_lightgbm("lgb-classes", x, grade, q, {"objective": "multiclass", "num_class": 3}, 6)
    with_lightgbm("lgb-forest", x, bought, q, {"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}, 10)
    with_xgboost("xgb-binary", x, bought, q, {"objective": "binary:logistic"}, 15)
    with_xgboost("xgb-amount", x, amount, q, {"objective": "count:poisson"}, 8)
    with_xgboost("xgb-classes", x, grade, q, {"objective": "multi:softprob", "num_class": 3}, 4)
    with_xgboost("xgb-margin", x, bought, q, {"objective": "binary:logitraw"}, 3)
    with_xgboost("xgb-plain", x, amount, q, {"objective": "reg:squarederror", "num_parallel_tree": 2, "subsample": 0.7}, 6)


main()
