# Helpers of the runbook that unsplit writes. The text is the same for every plan; what differs stands in plan-data.jsonl, as
# data: no name of a scope, a policy or a client is ever part of the code.
#
# A preference of a script does not reach the functions of the DhcpServer module, so each call says -ErrorAction Stop itself, and
# every change asks ShouldProcess of the script that runs.

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$parts = Join-Path $PSScriptRoot 'Unsplit'
foreach ($part in 'Plan', 'Journal', 'Read', 'Facts', 'Options', 'Scopes', 'ServerLevel', 'Leases', 'Failover', 'Checks', 'Steps', 'Apply', 'Verify', 'Rollback', 'Run') {
    . (Join-Path $parts "$part.ps1")
}

Export-ModuleMember -Function 'Invoke-RunbookStep'
