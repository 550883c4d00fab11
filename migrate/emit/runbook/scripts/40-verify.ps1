<#
.SYNOPSIS
    Compares both partners with the plan. Changes nothing on them.

.DESCRIPTION
    Scopes, ranges, exclusions, reservations, options, policies, superscopes and the server level on both partners, relationships and their
    state, the leases that the partner granted before the freeze, the split of free addresses, and the events of clocks, links and refused
    updates. Writes run/verify.json.

    Exit code: 0 as planned, 1 not, 2 could not be finished.

.PARAMETER ScopeId
    Only these scopes of the plan, for a change in waves. Without it all of them.

.PARAMETER Force
    Asks nothing but the shared secret.

.PARAMETER NoSharedSecret
    The relationship is created without message authentication, and no secret is asked for. Every script takes this parameter; only
    30-apply.ps1 has a use for it.

.EXAMPLE
    .\40-verify.ps1
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
exit (Invoke-RunbookStep -Step Verify -Folder $PSScriptRoot -Cmdlet $PSCmdlet -ScopeId $ScopeId -Force:$Force -NoSharedSecret:$NoSharedSecret -Rehearse:$WhatIfPreference)
