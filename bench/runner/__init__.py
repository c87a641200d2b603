"""What bench/run and bench/scale are made of."""
