# The plan and its data. Every text in the file stands behind an equals sign, which is taken off here (see ConvertFrom-PlanValue).

function ConvertFrom-PlanValue($Value) {
    # Objects become hashtables. The equals sign keeps newer PowerShells from turning a name that looks like a time into one.
    if ($Value -is [string]) { return $Value.Substring(1) }
    if ($Value -is [System.Management.Automation.PSCustomObject]) {
        $table = @{}
        foreach ($property in $Value.PSObject.Properties) { $table[$property.Name] = ConvertFrom-PlanValue $property.Value }
        return $table
    }
    if ($Value -is [System.Collections.IList]) {
        $list = New-Object 'System.Collections.Generic.List[object]'
        foreach ($item in $Value) { $list.Add((ConvertFrom-PlanValue $item)) }
        return , $list.ToArray()
    }
    return $Value
}

function ConvertFrom-PlanLine([string] $Line) { return ConvertFrom-PlanValue (ConvertFrom-Json $Line) }

function ConvertTo-PlanLine($Value, [string] $Guard = '=') {
    # ConvertTo-Json differs between 5.1 and 7 in layout, in depth and in what it escapes; this is ASCII and the same on both. Without
    # guard it is for others to read.
    $text = New-Object System.Text.StringBuilder
    Add-PlanText $text $Value $Guard
    return $text.ToString()
}

function Add-PlanText([System.Text.StringBuilder] $Text, $Value, [string] $Guard) {
    if ($null -eq $Value) { [void] $Text.Append('null') }
    elseif ($Value -is [bool]) { [void] $Text.Append($(if ($Value) { 'true' } else { 'false' })) }
    elseif ($Value -is [string]) { Add-PlanString $Text ($Guard + $Value) }
    elseif ($Value -is [System.Collections.IDictionary]) {
        [void] $Text.Append('{')
        $separator = ''
        foreach ($key in $Value.Keys) {
            [void] $Text.Append($separator)
            Add-PlanString $Text ([string] $key)
            [void] $Text.Append(':')
            Add-PlanText $Text $Value[$key] $Guard
            $separator = ','
        }
        [void] $Text.Append('}')
    }
    elseif ($Value -is [System.Collections.IList]) {
        [void] $Text.Append('[')
        $separator = ''
        foreach ($item in $Value) { [void] $Text.Append($separator); Add-PlanText $Text $item $Guard; $separator = ',' }
        [void] $Text.Append(']')
    }
    else { [void] $Text.Append(([System.IConvertible] $Value).ToString([cultureinfo]::InvariantCulture)) }
}

function Add-PlanString([System.Text.StringBuilder] $Text, [string] $Value) {
    [void] $Text.Append('"')
    foreach ($character in $Value.ToCharArray()) {
        $code = [int] $character
        if ($code -lt 32 -or $code -gt 126 -or $code -eq 34 -or $code -eq 92) { [void] $Text.Append('\u' + $code.ToString('x4')) }
        else { [void] $Text.Append($character) }
    }
    [void] $Text.Append('"')
}

function Get-LineKey([string] $Line) {
    # The first three members of a line tell what it is, so that a line need not be taken apart to be found.
    if ($Line -notmatch '^\{"kind":"=([a-z-]+)","side":"=([a-z]*)","scope_id":"=([0-9.]*)"') { return $null }
    return $Matches[1] + '|' + $Matches[2] + '|' + $Matches[3]
}

function Read-PlanData([string] $Path) {
    # The lines by key. Relationships have one line each, in a list of their own.
    $lines = @{}
    $relationships = New-Object 'System.Collections.Generic.List[object]'
    foreach ($line in [System.IO.File]::ReadAllLines($Path)) {
        $key = Get-LineKey $line
        if ($null -eq $key) { continue }
        if ($key -eq 'relationship||') { $relationships.Add((ConvertFrom-PlanLine $line)) } else { $lines[$key] = $line }
    }
    return @{ Lines = $lines; Relationships = $relationships.ToArray() }
}

function Open-Plan([string] $Folder) {
    # Stops when a data file is not the one that the manifest names: then nobody knows what these scripts would do.
    $manifest = [System.IO.File]::ReadAllText((Join-Path $Folder 'manifest.json')) | ConvertFrom-Json
    $pin = ''
    foreach ($file in $manifest.files) {
        if ($file.path -match '\.(ps1|psm1|md)$') { continue }    # signing a script changes it
        $path = Join-Path $Folder $file.path
        if (-not (Test-Path -LiteralPath $path)) { throw "$($file.path) is missing. Copy the whole folder again." }
        $hash = (Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash.ToLowerInvariant()
        if ($hash -ne $file.sha256) {
            throw "$($file.path) is not the file of this plan: its hash differs from the manifest's. Run unsplit again."
        }
        if ($file.path -eq 'plan-data.jsonl') { $pin = $hash }
    }
    if (-not $pin) { throw 'The manifest does not name plan-data.jsonl.' }
    $data = Read-PlanData (Join-Path $Folder 'plan-data.jsonl')
    $plan = ConvertFrom-PlanLine $data.Lines['plan||']
    if ($plan.format -ne 'unsplit-runbook' -or $plan.version -ne 1) {
        throw 'plan-data.jsonl is not of the form that these scripts read.'
    }
    return @{
        Pin = $pin; Lines = $data.Lines; Relationships = $data.Relationships; Strategy = $plan.strategy; ScopeIds = $plan.scope_ids
        Server = @{ primary = $plan.primary_server; secondary = $plan.secondary_server }
    }
}

function Get-PlanRecord([string] $Key) {
    # A record of the plan by its key; null where the plan has none.
    $line = $script:Run.Plan.Lines[$Key]
    if ($null -eq $line) { return $null }
    return ConvertFrom-PlanLine $line
}

function Get-ServerName([string] $Role) { return $script:Run.Plan.Server[$Role] }
function Test-InPlace { return $script:Run.Plan.Strategy -eq 'in-place' }
