# What was done, one JSON line a step, in run/journal.jsonl beside the scripts. A rerun skips what is done; the rollback undoes what was
# begun. A step is begun in the journal before it changes anything, so what a killed process left behind is always known.
#
# run/ also holds the transcripts, the exports, the configuration before the change (before.jsonl) and the leases of the frozen
# partner. It belongs to this copy of the folder: run all scripts from the same copy.

function Get-RunPath([string] $Name) { return Join-Path $script:Run.WorkFolder $Name }

function Read-JsonLines([string] $Path) {
    # A torn last line never happened.
    $list = New-Object 'System.Collections.Generic.List[object]'
    if (Test-Path -LiteralPath $Path) {
        foreach ($line in [System.IO.File]::ReadAllLines($Path)) {
            if (-not $line.EndsWith('}')) { continue }
            try { $list.Add((ConvertFrom-PlanLine $line)) } catch { Write-Verbose "Not a line of the journal: $line" }
        }
    }
    return , $list.ToArray()
}

function Write-RunFile([string] $Name, [string[]] $Lines) {
    # Appears as a whole or not at all.
    $path = Get-RunPath $Name
    [System.IO.File]::WriteAllLines("$path.partial", $Lines)
    Move-Item -LiteralPath "$path.partial" -Destination $path -Force
}

function Open-Journal {
    # Reads the journal and says what stands: for each object the steps begun and done since it was last rolled back.
    $script:Run.Steps = @{}
    foreach ($entry in (Read-JsonLines (Get-RunPath 'journal.jsonl'))) { Set-JournalState $entry }
    $pinned = $script:Run.Steps['plan|pin']
    if ($null -ne $pinned -and $pinned.detail.pin -ne $script:Run.Plan.Pin) {
        throw "run/journal.jsonl was begun with another plan. Put this plan's folder beside it, or roll back from the folder that holds the old plan."
    }
    if ($null -eq $pinned -and -not $script:Run.WhatIf) { Add-Journal 'plan' 'pin' 'done' @{ pin = $script:Run.Plan.Pin } }
}

function Set-JournalState($Entry) {
    if ($Entry.step -eq 'rolled-back') {
        foreach ($key in @($script:Run.Steps.Keys)) { if ($key.EndsWith("|$($Entry.object)")) { $script:Run.Steps.Remove($key) } }
        return
    }
    $script:Run.Steps["$($Entry.step)|$($Entry.object)"] = $Entry
}

function Add-Journal([string] $Step, [string] $Object, [string] $State, $Detail = @{}) {
    if ($script:Run.WhatIf) { return }
    $entry = [ordered] @{ time = (Get-UtcText (Get-Date)); step = $Step; object = $Object; state = $State; detail = $Detail }
    $stream = New-Object System.IO.FileStream((Get-RunPath 'journal.jsonl'), [System.IO.FileMode]::OpenOrCreate, [System.IO.FileAccess]::ReadWrite)
    try {
        $torn = $false
        if ($stream.Length -gt 0) { [void] $stream.Seek(-1, [System.IO.SeekOrigin]::End); $torn = $stream.ReadByte() -ne 10 }
        $bytes = [System.Text.Encoding]::ASCII.GetBytes($(if ($torn) { "`n" } else { '' }) + (ConvertTo-PlanLine $entry) + "`n")
        $stream.Write($bytes, 0, $bytes.Length)
        $stream.Flush($true)
    }
    finally { $stream.Dispose() }
    Set-JournalState $entry
}

function Test-Begun([string] $Step, [string] $Object) { return $null -ne $script:Run.Steps["$Step|$Object"] }
function Test-Done([string] $Step, [string] $Object) {
    $entry = $script:Run.Steps["$Step|$Object"]
    return $null -ne $entry -and $entry.state -eq 'done'
}
function Get-JournalDetail([string] $Step, [string] $Object) { return $script:Run.Steps["$Step|$Object"].detail }

function Get-UtcText([datetime] $Time) { return $Time.ToUniversalTime().ToString('yyyy-MM-dd HH:mm:ss', [cultureinfo]::InvariantCulture) }
function ConvertFrom-UtcText([string] $Text) {
    $time = [datetime]::ParseExact($Text, 'yyyy-MM-dd HH:mm:ss', [cultureinfo]::InvariantCulture)
    return [datetime]::SpecifyKind($time, [System.DateTimeKind]::Utc)
}

# -- what a person sees -----------------------------------------------------------------------------------------------------------

function Write-Line([string] $Text) { Write-Host $Text }
function Write-Problem([string] $Text) { Write-Host $Text -ForegroundColor Red }

function Confirm-Change([string] $Target, [string] $Action) {
    # Every change passes here: with -WhatIf it is only told, with -Confirm it is asked.
    if (-not $script:Run.Cmdlet.ShouldProcess($Target, $Action)) { return $false }
    Write-Line "  $Target`: $Action"
    return $true
}

function Confirm-Step([string] $Question) {
    if ($script:Run.Force -or $script:Run.WhatIf) { return }
    if (-not $script:Run.Cmdlet.ShouldContinue($Question, 'unsplit')) { throw (New-Refusal 'Not confirmed; nothing was changed.') }
}

function New-Refusal([string] $Text) {
    # A refusal is an answer, not an accident: exit code 1 where an error is 2.
    $refusal = New-Object System.InvalidOperationException $Text
    $refusal.Data['Refusal'] = $true
    return $refusal
}
