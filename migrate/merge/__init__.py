"""Two servers in, one failover configuration out, and the reason for every object (design.md section 5)."""
