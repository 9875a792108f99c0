"""Makes the cases of this folder and what obp, the Open Bandit Pipeline, answers for them.

    python3.11 -m venv venv && venv/bin/pip install --no-deps obp==0.4.1
    venv/bin/pip install numpy==2.4.6 pandas==3.1.1 scikit-learn==1.9.1 scipy==1.17.1 tqdm pyyaml
    venv/bin/python testdata/off-policy/make.py <folder of the Open Bandit Dataset, small, women>

open-bandit.json: the 10,000 rounds of the random policy, as choices by item and place, judged under Bernoulli Thompson
sampling. Open Bandit Dataset, ZOZO Technologies, Inc., CC BY 4.0; reduced here to item, place and click.
made-up.json: choices whose chances differ from round to round, and where one weight is large.
The expected reward of a choice is a smoothed click rate here: what is compared are the estimators, not reward models.
Of obp only its estimators are loaded: what draws pictures, learns or needs torch stays out, and an empty module stands in for torch.
"""

import csv
import gzip
import importlib.util
import json
import pathlib
import sys
import types

torch = types.ModuleType("torch")
torch.Tensor = type("Tensor", (), {})
sys.modules["torch"] = torch
PACKAGE = pathlib.Path(importlib.util.find_spec("obp").origin).parent
for name, folder in {"obp": PACKAGE, "obp.ope": PACKAGE / "ope"}.items():
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [str(folder)]

import numpy as np
from obp.ope.estimators import DirectMethod, DoublyRobust, InverseProbabilityWeighting, SelfNormalizedInverseProbabilityWeighting

HERE = pathlib.Path(__file__).parent
ESTIMATORS = {
    "ips": InverseProbabilityWeighting(),
    "snips": SelfNormalizedInverseProbabilityWeighting(),
    "dm": DirectMethod(),
    "dr": DoublyRobust(),
}


def dyadic(shares: np.ndarray) -> np.ndarray:
    """Shares as whole 4096ths that make 1, so that a few digits hold them exactly."""
    whole = np.floor(shares * 4096).astype(int) + 1
    most = np.expand_dims(whole.argmax(axis=-1), -1)
    np.put_along_axis(whole, most, np.take_along_axis(whole, most, -1) + 4096 - whole.sum(axis=-1, keepdims=True), -1)
    assert (whole > 0).all()
    return whole / 4096


def answers(reward, action, position, pscore, action_dist, q_hat) -> dict:
    told = {}
    for name, estimator in ESTIMATORS.items():
        given = dict(reward=reward, action=action, position=position, pscore=pscore, action_dist=action_dist, estimated_rewards_by_reg_model=q_hat)
        value = float(estimator.estimate_policy_value(**given))
        interval = estimator.estimate_interval(**given, alpha=0.05, n_bootstrap_samples=2_000, random_state=12345)
        low, high = (float(interval[key]) for key in ("95.0% CI (lower)", "95.0% CI (upper)"))
        told[name] = {"value": value, "low": low, "high": high}
    weights = action_dist[np.arange(len(action)), action, position] / pscore
    return {"answers": told, "effective": float(weights.sum() ** 2 / (weights**2).sum())}


def open_bandit(folder: pathlib.Path) -> dict:
    with gzip.open(folder / "random.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    item, place, click = (np.array([int(row[name]) for row in rows]) for name in ("item_id", "position", "click"))
    place = place - 1
    items = 46
    with open(folder / "bts_action_dist_obp.csv") as file:
        dist = np.zeros((items, 3))
        for row in csv.DictReader(file):
            dist[int(row["item_id"]), int(row["position"]) - 1] = float(row["prob"])
    dist = dyadic((dist / dist.sum(axis=0)).T).T
    q = np.zeros((items, 3))
    for i in range(items):
        for j in range(3):
            here = (item == i) & (place == j)
            q[i, j] = round((click[here].sum() + 50 * click.mean()) / (here.sum() + 50), 6)
    many = len(rows)
    said = answers(click, item, place, np.full(many, 1 / items), np.broadcast_to(dist, (many, items, 3)).copy(), np.broadcast_to(q, (many, items, 3)).copy())
    return {"items": item.tolist(), "places": place.tolist(), "clicked": np.flatnonzero(click).tolist(), "chances": dist.tolist(), "expected": q.tolist(), **said}


def made_up() -> dict:
    rng = np.random.default_rng(20261124)
    rounds, actions = 300, 5
    logged = dyadic(rng.dirichlet(np.full(actions, 0.7), rounds) * 0.9 + 0.1 / actions)
    target = dyadic(rng.dirichlet(np.full(actions, 0.7), rounds))
    action = np.array([rng.choice(actions, p=chances) for chances in logged])
    q = np.round(rng.uniform(-2, 5, (rounds, actions)), 3)
    reward = np.round(q[np.arange(rounds), action] + rng.normal(0, 1, rounds), 3)
    said = answers(reward, action, np.zeros(rounds, int), logged[np.arange(rounds), action], target[:, :, None], q[:, :, None])
    return {"action": action.tolist(), "reward": reward.tolist(), "logged": (logged * 4096).astype(int).tolist(), "target": (target * 4096).astype(int).tolist(), "expected": q.tolist(), **said}


for name, case in {"open-bandit": open_bandit(pathlib.Path(sys.argv[1])), "made-up": made_up()}.items():
    (HERE / f"{name}.json").write_text(json.dumps(case, separators=(",", ":")) + "\n")
    print(name, case["effective"], case["answers"])
