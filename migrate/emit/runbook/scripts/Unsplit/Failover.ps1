# Failover relationships: created for at most 400 scopes a call, the rest added in chunks, each time when both partners are Normal.

$script:ScopesPerCall = 400
$script:NormalTimeoutMinutes = 30
$script:PollSeconds = 5

function Get-Relationship([string] $Server, [string] $Name) {
    # Null when the server has none of that name.
    foreach ($relationship in @(Get-DhcpServerv4Failover -ComputerName $Server -ErrorAction Stop)) {
        if ([string] $relationship.Name -eq $Name) { return $relationship }
    }
    return $null
}

function Get-RelationshipScope($Relationship) {
    if ($null -eq $Relationship) { return , @() }
    return , @($Relationship.ScopeId | ForEach-Object { [string] $_ })
}

function Test-IsServer([string] $Shown, [string] $Server) {
    # A partner may be shown by its short name, its full name or an address; an address says nothing here and is taken as it is.
    $ignored = $null
    if ([System.Net.IPAddress]::TryParse($Shown, [ref] $ignored) -or [System.Net.IPAddress]::TryParse($Server, [ref] $ignored)) {
        return $true
    }
    return $Shown.Split('.')[0] -eq $Server.Split('.')[0]
}

function Wait-Normal([string] $Name) {
    $deadline = (Get-Date).AddMinutes($script:NormalTimeoutMinutes)
    while ($true) {
        $states = @(foreach ($role in 'primary', 'secondary') {
                $relationship = Get-Relationship (Get-ServerName $role) $Name
                if ($null -eq $relationship) { 'missing' } else { [string] $relationship.State }
            })
        if ($states[0] -eq 'Normal' -and $states[1] -eq 'Normal') { return }
        if ((Get-Date) -ge $deadline) {
            throw "Relationship '$Name' is not Normal after $($script:NormalTimeoutMinutes) minutes: $($states[0]) on $(Get-ServerName 'primary'), $($states[1]) on $(Get-ServerName 'secondary'). Look at TCP port 647 between the two, at the clocks and at the events 20251 to 20255; then run this script again, or 90-rollback.ps1."
        }
        Start-Sleep -Seconds $script:PollSeconds
    }
}

function Get-MissingMember($Relationship) {
    # The selected scopes of a planned relationship that are not in it yet.
    $members = Get-RelationshipScope (Get-Relationship (Get-ServerName 'primary') $Relationship.name)
    return , @($Relationship.scope_ids | Where-Object { $script:Run.ScopeIds -contains $_ -and $members -notcontains $_ })
}

function Set-Failover([string] $Secret) {
    foreach ($relationship in $script:Run.Plan.Relationships) {
        $missing = Get-MissingMember $relationship
        $exists = $null -ne (Get-Relationship (Get-ServerName 'primary') $relationship.name)
        if ($exists -and -not $script:Run.WhatIf) { Wait-Normal $relationship.name }
        for ($first = 0; $first -lt $missing.Count; $first += $script:ScopesPerCall) {
            $chunk = @($missing[$first..([math]::Min($first + $script:ScopesPerCall, $missing.Count) - 1)])
            $action = $(if ($exists) { "add $($chunk.Count) scopes to relationship '$($relationship.name)'" } else { "create relationship '$($relationship.name)' with $($chunk.Count) scopes" })
            if (-not (Confirm-Change "$(Get-ServerName 'primary') and $(Get-ServerName 'secondary')" $action)) { continue }
            if ($exists) {
                Add-DhcpServerv4FailoverScope -ComputerName (Get-ServerName 'primary') -Name $relationship.name -ScopeId $chunk -ErrorAction Stop
            }
            else { Add-Relationship $relationship $chunk $Secret }
            $exists = $true
            Wait-Normal $relationship.name
        }
    }
}

function Add-Relationship($Relationship, [string[]] $ScopeId, [string] $Secret) {
    $new = @{
        ComputerName = Get-ServerName 'primary'; PartnerServer = Get-ServerName 'secondary'; Name = $Relationship.name; ScopeId = $ScopeId
        MaxClientLeadTime = [timespan] $Relationship.max_client_lead_time; AutoStateTransition = [bool] $Relationship.auto_state_transition
        Force = $true; ErrorAction = 'Stop'
    }
    if ($null -ne $Relationship.state_switch_interval) {
        $new['StateSwitchInterval'] = [timespan] $Relationship.state_switch_interval
    }
    if ($Relationship.mode -eq 'HotStandby') {
        $new['ServerRole'] = 'Active'
        if ($null -ne $Relationship.reserve_percent) { $new['ReservePercent'] = [uint32] $Relationship.reserve_percent }
    }
    elseif ($null -ne $Relationship.load_balance_percent) {
        $new['LoadBalancePercent'] = [uint32] $Relationship.load_balance_percent
    }
    if ($Secret) { $new['SharedSecret'] = $Secret }
    Add-DhcpServerv4Failover @new
}

function Read-SharedSecret {
    # Asked for once, as a SecureString, only when a relationship is created; it is in the clear for the one call that needs it.
    if ($script:Run.NoSharedSecret -or $script:Run.WhatIf) { return $null }
    $creates = $false
    foreach ($relationship in $script:Run.Plan.Relationships) {
        if (@(Get-MissingMember $relationship).Count -and $null -eq (Get-Relationship (Get-ServerName 'primary') $relationship.name)) {
            $creates = $true
        }
    }
    if (-not $creates) { return $null }
    $secret = Read-Host -Prompt 'Shared secret of the partners (-NoSharedSecret does without)' -AsSecureString
    if ($null -eq $secret -or $secret.Length -eq 0) {
        throw (New-Refusal 'The shared secret is empty. Give one, or -NoSharedSecret.')
    }
    return $secret
}

function Invoke-WithSecret($Secret, [scriptblock] $Action) {
    if ($null -eq $Secret) { & $Action ''; return }
    $pointer = [System.Runtime.InteropServices.Marshal]::SecureStringToBSTR($Secret)
    try { & $Action ([System.Runtime.InteropServices.Marshal]::PtrToStringBSTR($pointer)) }
    finally { [System.Runtime.InteropServices.Marshal]::ZeroFreeBSTR($pointer) }
}

function Set-PartnerSuperscope {
    # Failover does not say whether it copies a superscope; the partner gets it by name.
    $server = Get-ServerName 'secondary'
    foreach ($id in $script:Run.ScopeIds) {
        $wanted = Get-PlanRecord "scope|target|$id"
        if (-not $wanted.superscope) { continue }
        $there = Read-Scope $server $id @()
        if ($null -ne $there) { Set-ScopeSuperscope $server $there $wanted }
    }
}
