"""What a run found and decided, for people and for programs: workbook, console, JSON and CSV.

Nothing here computes a result; every figure comes from the merge, the ledger or the findings. `tables` decides what is shown,
the renderers (`excel`, `text`, `machine`, `ledger_csv`) only how.
"""
