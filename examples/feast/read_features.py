"""Reads live features of customers through Attune, with the unmodified feast package."""

import sys
from pathlib import Path

from feast import FeatureStore

store = FeatureStore(repo_path=str(Path(__file__).parent))
customers = sys.argv[1:] or ["1001", "1002"]
answer = store.get_online_features(
    features=["buying_habit:orders", "buying_habit:spend_90d", "buying_habit:days_since_order"],
    entity_rows=[{"user_id": customer} for customer in customers],
)
print(answer.to_df().to_string(index=False))
