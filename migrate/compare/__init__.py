"""Two configurations, or two lists of leases, held against each other: what is the same, differs, is missing or extra.

Pure: records in, records out. Which of two differing values is right is said by `verification`, which has the plan to go by.
"""
