# One run of one script: what is asked, the plan, the journal, the transcript, the exit code.

function Read-Version {
    # 602 is Windows Server 2012, 603 is 2012 R2, 1000 everything since; a few parameters depend on it.
    foreach ($role in 'primary', 'secondary') {
        $server = Get-ServerName $role
        $version = Get-DhcpServerVersion -ComputerName $server -ErrorAction Stop
        $script:Run.Version[$server] = 100 * [int] $version.MajorVersion + [int] $version.MinorVersion
    }
}

function Select-PlannedScope([string[]] $ScopeId) {
    $asked = @($ScopeId | Where-Object { $_ } | ForEach-Object { $_.Split(',') } | ForEach-Object { $_.Trim() } | Where-Object { $_ } | Select-Object -Unique)
    $planned = $script:Run.Plan.ScopeIds
    if (-not $asked.Count) { return , @($planned) }
    $unknown = @($asked | Where-Object { $planned -notcontains $_ })
    if ($unknown.Count) { throw (New-Refusal "Scope $($unknown -join ', ') is not in the plan.") }
    return , @($planned | Where-Object { $asked -contains $_ })
}

function Open-Run([string] $Folder, $Cmdlet, [string[]] $ScopeId, [bool] $Force, [bool] $NoSharedSecret, [bool] $WhatIf) {
    $script:Run = @{
        Folder = $Folder; WorkFolder = (Join-Path $Folder 'run'); Cmdlet = $Cmdlet; Force = $Force; NoSharedSecret = $NoSharedSecret; WhatIf = $WhatIf
        Plan = $null; Steps = @{}; Before = @{}; Version = @{}; Checks = @{}; ScopeIds = @()
    }
    try { $script:Run.Plan = Open-Plan $Folder } catch { throw (New-Refusal $_.Exception.Message) }
    $script:Run.ScopeIds = Select-PlannedScope $ScopeId
    if (-not $WhatIf) { $null = New-Item -ItemType Directory -Force -Path $script:Run.WorkFolder -ErrorAction Stop }
    Open-Journal
    Open-Before
}

function Invoke-RunbookStep {
    # Gives the exit code: 0 done, 1 the answer is no and nothing was changed, 2 stopped at an error.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [ValidateSet('Precheck', 'Backup', 'Freeze', 'Apply', 'Verify', 'Rollback')] [string] $Step,
        [Parameter(Mandatory = $true)] [string] $Folder,
        [Parameter(Mandatory = $true)] $Cmdlet,
        [string[]] $ScopeId = @(),
        [switch] $Force,
        [switch] $NoSharedSecret,
        [switch] $Rehearse
    )
    $transcript = $false
    try {
        Open-Run $Folder $Cmdlet $ScopeId ([bool] $Force) ([bool] $NoSharedSecret) ([bool] $Rehearse)
        if (-not $Rehearse) {
            try { $null = Start-Transcript -Path (Get-RunPath "$($Step.ToLowerInvariant()).log") -Append; $transcript = $true } catch { Write-Verbose "No transcript: $($_.Exception.Message)" }
        }
        $output = @(switch ($Step) {
                'Precheck' { Invoke-Precheck }
                'Backup' { Invoke-Backup }
                'Freeze' { Invoke-Freeze }
                'Apply' { Invoke-Apply }
                'Verify' { Invoke-Verify }
                'Rollback' { Invoke-Rollback }
            })
        return [int] $output[-1]
    }
    catch {
        Write-Problem $_.Exception.Message
        if ($_.Exception.Data['Refusal']) { return 1 }
        Write-Problem "Stopped. What was begun stands in run/journal.jsonl. Remove the cause and run this script again, or go back with 90-rollback.ps1."
        Write-Verbose $_.ScriptStackTrace
        return 2
    }
    finally { if ($transcript) { $null = Stop-Transcript } }
}
