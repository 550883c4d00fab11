<#
.SYNOPSIS
    Undoes the migration, from any step.

.DESCRIPTION
    Takes the scopes out of failover, gives the primary its part of each pool back, the partner its scopes, and both the leases that were granted
    or renewed meanwhile. Only what was begun is undone. It can be run again after an error.

    Exit code: 0 done, 1 refused, 2 stopped at an error.

.PARAMETER ScopeId
    Only these scopes of the plan, for a change in waves. Without it all of them.

.PARAMETER Force
    Asks nothing but the shared secret.

.PARAMETER NoSharedSecret
    The relationship is created without message authentication, and no secret is asked for. Every script takes this parameter; only
    30-apply.ps1 has a use for it.

.EXAMPLE
    .\90-rollback.ps1
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
exit (Invoke-RunbookStep -Step Rollback -Folder $PSScriptRoot -Cmdlet $PSCmdlet -ScopeId $ScopeId -Force:$Force -NoSharedSecret:$NoSharedSecret -Rehearse:$WhatIfPreference)
