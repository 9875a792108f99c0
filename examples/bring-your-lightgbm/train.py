"""Trains models/buys-again.txt on customers that are made up, and writes what LightGBM says of the one in the README.

    python3.11 -m venv venv && venv/bin/pip install lightgbm==4.6.0 numpy==2.4.6
    venv/bin/python examples/bring-your-lightgbm/train.py
"""

import json
import pathlib

import lightgbm as lgb
import numpy as np

HERE = pathlib.Path(__file__).parent
COUNTRIES = ["DE", "FR", "GB", "ID"]
rng = np.random.default_rng(7)
n = 4_000

orders = rng.poisson(3, n) + 1
lately = rng.binomial(orders, 0.5)
spend = np.round(lately * rng.lognormal(3, 0.5, n), 2)
country = rng.integers(0, len(COUNTRIES), n).astype(float)
country[rng.random(n) < 0.1] = np.nan
pull = 0.5 * lately + 0.01 * spend + np.where(country == COUNTRIES.index("GB"), 0.8, 0) - 2
again = (pull + rng.logistic(0, 1, n) > 0).astype(int)

rows = np.column_stack([orders, lately, spend, country])
data = lgb.Dataset(rows, again, feature_name=["orders", "orders_90d", "spend_90d", "country"], categorical_feature=[3])
model = lgb.train({"objective": "binary", "num_leaves": 8, "learning_rate": 0.15, "num_threads": 1, "seed": 7, "verbose": -1, "min_data_per_group": 20}, data, 30)
model.save_model(HERE / "models" / "buys-again.txt")

ada = np.array([[3, 3, 66.75, COUNTRIES.index("GB")]])
contributions = model.predict(ada, pred_contrib=True)[0]
told = {
    "probability": float(model.predict(ada)[0]),
    "score": float(model.predict(ada, raw_score=True)[0]),
    "baseline": float(contributions[-1]),
    "contributions": [float(one) for one in contributions[:-1]],
}
lines = ",\n".join(f'  "{word}": {json.dumps(value)}' for word, value in told.items())
(HERE / "models" / "ada.json").write_text("{\n" + lines + "\n}\n")
