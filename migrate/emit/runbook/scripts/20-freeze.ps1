<#
.SYNOPSIS
    Deactivates the scopes on the partner and takes down its last leases.

.DESCRIPTION
    From here on only the primary answers, from its own part of each pool; no client loses its address. The leases that the partner granted up to
    this moment are saved in the folder run. The time until 30-apply.ps1 is done should be short.

    Exit code: 0 done, 1 refused, 2 stopped at an error.

.PARAMETER ScopeId
    Only these scopes of the plan, for a change in waves. Without it all of them.

.PARAMETER Force
    Asks nothing but the shared secret.

.PARAMETER NoSharedSecret
    The relationship is created without message authentication, and no secret is asked for. Every script takes this parameter; only
    30-apply.ps1 has a use for it.

.EXAMPLE
    .\20-freeze.ps1 -ScopeId 10.20.0.0
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
exit (Invoke-RunbookStep -Step Freeze -Folder $PSScriptRoot -Cmdlet $PSCmdlet -ScopeId $ScopeId -Force:$Force -NoSharedSecret:$NoSharedSecret -Rehearse:$WhatIfPreference)
