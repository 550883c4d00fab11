"""The runbook for Windows: static PowerShell, and the plan beside it as data."""
