# 30-apply.ps1: merge on the primary, prove it, make room on the partner, create failover. Each part can be begun again at any point.

function Invoke-Apply {
    Read-Version
    $frozen = @($script:Run.ScopeIds | Where-Object { -not (Test-ServedByPartnerOnly $_) })
    Assert-Step 'saved' '10-backup.ps1'
    Assert-Step 'freeze' '20-freeze.ps1' $frozen
    if (Test-InPlace) { Assert-Step 'frozen-export' '20-freeze.ps1 again' @($frozen | Where-Object { $null -ne (Get-Before "scope|secondary|$_") }) }
    Assert-Unchanged
    $secret = Read-SharedSecret
    Confirm-Step "Merge $(@($script:Run.ScopeIds).Count) scopes on $(Get-ServerName 'primary'), remove them from $(Get-ServerName 'secondary') and put them into failover?"
    foreach ($role in 'primary', 'secondary') { Set-Vocabulary $role }
    if (-not (Test-InPlace)) { Import-NewServer }
    $count = 0
    foreach ($id in $script:Run.ScopeIds) {
        Write-Progress -Activity 'Merging on the primary' -Status "scope $id" -PercentComplete (100 * $count++ / @($script:Run.ScopeIds).Count)
        Invoke-ScopeMerge $id
    }
    Write-Progress -Activity 'Merging on the primary' -Completed
    Set-ServerRole 'primary'
    Remove-PartnerScope
    Set-ServerRole 'secondary'
    Invoke-WithSecret $secret { param($text) Set-Failover $text }
    Set-PartnerSuperscope
    foreach ($id in $script:Run.ScopeIds) { Add-Journal 'apply' $id 'done' }
    Write-Line 'Done. Next: 40-verify.ps1'
    return 0
}

function Set-Vocabulary([string] $Role) {
    $server = Get-ServerName $Role
    $there = Read-Server $server
    Add-Journal 'server-level' $Role 'begin'
    Add-ServerVocabulary $server $there (Get-PlanRecord 'server|target|')
}

function Import-NewServer {
    # New servers take the whole file; what an interrupted import left out is made good scope by scope afterwards.
    $server = Get-ServerName 'primary'
    $ids = @($script:Run.ScopeIds | Where-Object { $null -eq (Read-Scope $server $_ @()) })
    if (-not $ids.Count -or -not (Confirm-Change $server "import $($ids.Count) scopes with their leases from primary.xml")) {
        return
    }
    foreach ($id in $ids) { Add-Journal 'apply' $id 'begin' }
    Import-DhcpServer -ComputerName $server -File (Join-Path $script:Run.Folder 'primary.xml') -BackupPath (Get-BackupPath 'import') -ScopeId $ids -Leases -Force -ErrorAction Stop
}

function Invoke-ScopeMerge([string] $ScopeId) {
    if (Test-Done 'merge' $ScopeId) { return }
    $server = Get-ServerName 'primary'
    $wanted = Get-PlanRecord "scope|target|$ScopeId"
    $optionsOf = @(Get-OptionOwner $wanted) + @(Get-ExportedOptionOwner $ScopeId)
    Add-Journal 'apply' $ScopeId 'begin'
    Add-Journal 'merge' $ScopeId 'begin'
    $there = Read-Scope $server $ScopeId $optionsOf
    if ($null -eq $there) {
        Add-EmptyScope $server $wanted
        if ($script:Run.WhatIf) { return }
        $there = Read-Scope $server $ScopeId $optionsOf
    }
    if (Test-ServedByPartnerOnly $ScopeId) { $there = Switch-Server $server $there $wanted $optionsOf }
    $leases = @(Get-PartnerLease $ScopeId)
    [void] (Remove-UnwantedReservation $server $there $wanted)
    Merge-Lease $ScopeId $leases $wanted (Test-PartnerHasScope $ScopeId)
    if (-not $script:Run.WhatIf) { $there = Read-Scope $server $ScopeId $optionsOf }
    Set-ScopeContent $server $there $wanted
    Open-ScopePool $server $there $wanted
    if ($script:Run.WhatIf) { return }
    Assert-Merged $ScopeId $wanted $leases
    Add-Journal 'merge' $ScopeId 'done'
}

function Switch-Server([string] $Server, $There, $Wanted, $OptionsOf) {
    # For a scope that only the partner serves: all but its leases is made ready on the primary, then the partner stops, and what follows takes
    # a second or two.
    $id = $Wanted.scope_id
    if (Test-Done 'frozen-export' $id) { return $There }
    Set-ScopeContent $Server $There $Wanted
    if (-not (Test-Done 'freeze' $id)) { Invoke-ScopeFreeze (Get-ServerName 'secondary') $id }
    Save-FrozenExport (Get-ServerName 'secondary') @($id)
    if ($script:Run.WhatIf) { return $There }
    return Read-Scope $Server $id $OptionsOf
}

function Get-ExportedOptionOwner([string] $ScopeId) {
    $before = Get-Before "scope|primary|$ScopeId"
    if ($null -ne $before) { Get-OptionOwner $before }
}

function Get-PartnerLease([string] $ScopeId) {
    # As frozen; when the rehearsal comes before the freeze, as they are.
    if (-not (Test-InPlace)) { return }
    $name = Get-FrozenLeaseFile $ScopeId
    if (Test-Path -LiteralPath (Get-RunPath $name)) { Get-SavedLease $name | ForEach-Object { $_ }; return }
    if ($script:Run.WhatIf -and (Test-PartnerHasScope $ScopeId)) {
        Read-Lease (Get-ServerName 'secondary') $ScopeId | ForEach-Object { $_ }
    }
}

function Test-PartnerHasScope([string] $ScopeId) {
    if (-not (Test-InPlace)) { return $false }
    try { return $null -ne (Get-DhcpServerv4Scope -ComputerName (Get-ServerName 'secondary') -ScopeId $ScopeId -ErrorAction Stop) }
    catch { if (Test-NotFound $_ '20005') { return $false } else { throw } }
}

function Assert-Merged([string] $ScopeId, $Wanted, $Leases) {
    # The proof that lets the partner's scope go: the primary has everything that either server had.
    $server = Get-ServerName 'primary'
    $problems = @(Compare-Scope $Wanted (Read-Scope $server $ScopeId)) + @(Test-LeaseMerge $ScopeId $Leases $Wanted)
    if (-not $problems.Count) { return }
    foreach ($problem in $problems) { Write-Problem "  $server, scope $ScopeId`: $problem" }
    throw "Scope $ScopeId on $server is not as planned after the merge; its copy on $(Get-ServerName 'secondary') was not touched. Run this script again, or 90-rollback.ps1."
}

function Remove-PartnerScope {
    # Only scopes whose merge is proven; they make room for failover, which creates them anew.
    if (-not (Test-InPlace)) { return }
    $server = Get-ServerName 'secondary'
    foreach ($id in $script:Run.ScopeIds) {
        if (Test-Done 'remove' $id) { continue }
        if (-not $script:Run.WhatIf -and -not (Test-Done 'merge' $id)) { throw "Scope $id is not proven on the primary." }
        if ((Test-PartnerHasScope $id) -and $null -eq (Get-ScopeRelationship $server $id)) {
            Add-Journal 'remove' $id 'begin'
            if (Confirm-Change "$server, scope $id" 'remove; its content is merged on the primary') {
                Remove-DhcpServerv4Scope -ComputerName $server -ScopeId $id -Force -ErrorAction Stop
            }
        }
        Add-Journal 'remove' $id 'done'
    }
}

function Get-ScopeRelationship([string] $Server, [string] $ScopeId) {
    foreach ($relationship in @(Get-DhcpServerv4Failover -ComputerName $Server -ErrorAction Stop)) {
        if ((Get-RelationshipScope $relationship) -contains $ScopeId) { return $relationship }
    }
    return $null
}

function Set-ServerRole([string] $Role) {
    # Server-level values that the plan moved into the scopes go when the last scope that relied on them has moved.
    $server = Get-ServerName $Role
    $last = Test-LastWave $Role
    Set-ServerContent $server (Read-Server $server) (Get-PlanRecord 'server|target|') $last
    if (-not $last) {
        Write-Line "  $server`: has scopes that are not in failover; server-level option values that the plan moves into the scopes stay until the last wave."
    }
    Add-Journal 'server-level' $Role 'done' @{ complete = $last }
}
