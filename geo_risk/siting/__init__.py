"""Where to put cameras, centres, depots and shelters: plans with a bound that proves them."""
