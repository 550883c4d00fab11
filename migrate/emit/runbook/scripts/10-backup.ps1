<#
.SYNOPSIS
    Backs up both servers and saves what the rollback needs.

.DESCRIPTION
    Backup-DhcpServer on each server's own disk, an export with leases of each into the folder run beside this script, and the configuration
    in the form in which 90-rollback.ps1 restores it. What was saved once is not saved again.

    Exit code: 0 done, 1 refused, 2 stopped at an error.

.PARAMETER ScopeId
    Only these scopes of the plan, for a change in waves. Without it all of them.

.PARAMETER Force
    Asks nothing but the shared secret.

.PARAMETER NoSharedSecret
    The relationship is created without message authentication, and no secret is asked for. Every script takes this parameter; only
    30-apply.ps1 has a use for it.

.EXAMPLE
    .\10-backup.ps1 -WhatIf
#>
#Requires -Version 5.1
#Requires -Modules DhcpServer
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [string[]] $ScopeId = @(),
    [switch] $Force,
    [switch] $NoSharedSecret
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path $PSScriptRoot 'Unsplit.psm1') -Force
exit (Invoke-RunbookStep -Step Backup -Folder $PSScriptRoot -Cmdlet $PSCmdlet -ScopeId $ScopeId -Force:$Force -NoSharedSecret:$NoSharedSecret -Rehearse:$WhatIfPreference)
