# What must be true before anything is changed. Read-only. A check says ok, warning or no; one "no" stops the runbook.

function Add-Check([string] $Answer, [string] $Text) {
    $script:Run.Checks[$Answer]++
    $line = "  $($Answer.PadRight(8)) $Text"
    if ($Answer -eq 'no') { Write-Problem $line } else { Write-Line $line }
}

function Test-Machine([string] $Role) {
    # Reachable, service, version, rights, authorisation, disk, addresses.
    $server = Get-ServerName $Role
    try { $version = Get-DhcpServerVersion -ComputerName $server -ErrorAction Stop }
    catch {
        Add-Check 'no' "$server does not answer: $($_.Exception.Message) Check its name, the DHCP Server service, the firewall (RPC) and your membership in DHCP Administrators."
        return $false
    }
    $number = 100 * $version.MajorVersion + $version.MinorVersion
    if ($number -lt 602) {
        Add-Check 'no' "$server runs version $($version.MajorVersion).$($version.MinorVersion): failover needs Windows Server 2012 (6.2) or later."; return $false
    }
    Add-Check 'ok' "$server answers; version $($version.MajorVersion).$($version.MinorVersion)."
    $setting = Get-DhcpServerSetting -ComputerName $server -ErrorAction Stop
    if (-not $setting.IsDomainJoined) { Add-Check 'warning' "$server is in no domain and cannot be authorised." }
    elseif (-not $setting.IsAuthorized) {
        Add-Check 'warning' "$server is not authorised in Active Directory: it will answer nobody."
    }
    Test-Surroundings $server
    return $true
}

function Test-Surroundings([string] $Server) {
    # By WMI, which may be closed; then these stay unknown.
    try {
        $disk = @(Get-CimInstance -ClassName Win32_LogicalDisk -Filter "DeviceID = 'C:'" -ComputerName $Server -ErrorAction Stop)
        if ($disk.Count -and $disk[0].FreeSpace -lt 500MB) {
            Add-Check 'no' "$Server has less than 500 MB free on C:, too little for the backup."
        }
        $adapters = @(Get-CimInstance -ClassName Win32_NetworkAdapterConfiguration -Filter 'IPEnabled = true' -ComputerName $Server -ErrorAction Stop)
        if (@($adapters | Where-Object { $_.DHCPEnabled }).Count) {
            Add-Check 'warning' "$Server has an address by DHCP; failover wants static ones."
        }
    }
    catch { Add-Check 'warning' "Disk and addresses of $Server are unknown: $($_.Exception.Message)" }
}

function Test-Clock {
    $times = @{}
    try {
        foreach ($role in 'primary', 'secondary') {
            $system = Get-CimInstance -ClassName Win32_OperatingSystem -ComputerName (Get-ServerName $role) -ErrorAction Stop
            $times[$role] = $system.LocalDateTime.ToUniversalTime()
        }
    }
    catch {
        Add-Check 'warning' "The clocks cannot be compared: $($_.Exception.Message) They may differ by a minute at most."; return
    }
    $seconds = [math]::Abs(($times['primary'] - $times['secondary']).TotalSeconds)
    if ($seconds -gt 60) {
        Add-Check 'no' "The clocks of the servers differ by $([math]::Round($seconds)) s; failover refuses more than 60 (20119). Synchronise them first."
    }
    else { Add-Check 'ok' 'The clocks agree within a minute.' }
}

function Test-Partner {
    # What only matters between the two: port, credentials, relationships.
    foreach ($role in 'primary', 'secondary') {
        $relationships = @(Get-DhcpServerv4Failover -ComputerName (Get-ServerName $role) -ErrorAction Stop)
        $new = @($script:Run.Plan.Relationships | Where-Object { $name = $_.name; -not @($relationships | Where-Object { $_.Name -eq $name }).Count })
        if ($relationships.Count + $new.Count -gt 31) {
            Add-Check 'no' "$(Get-ServerName $role) would have $($relationships.Count + $new.Count) relationships; 31 are allowed (20128)."
        }
    }
    Test-Relationship
    if (-not @($relationships).Count) {
        Write-Line '           TCP port 647 opens with the first relationship: allow it in both directions between the servers.'
    }
    if ($script:Run.Version[(Get-ServerName 'primary')] -lt 603 -or $script:Run.Version[(Get-ServerName 'secondary')] -lt 603) {
        return
    }
    $users = @(foreach ($role in 'primary', 'secondary') {
            $credential = Get-DhcpServerDnsCredential -ComputerName (Get-ServerName $role) -ErrorAction Stop
            "$($credential.DomainName)\$($credential.UserName)"
        })
    if ($users[0] -ne $users[1]) {
        Add-Check 'warning' "The credentials for DNS updates differ: $($users[0]) and $($users[1]). Both partners should use the same."
    }
}

function Test-Relationship {
    # A relationship of the plan's name must be this plan's own work; its scopes must be in no other.
    $server = Get-ServerName 'primary'
    $plannedOf = @{}
    foreach ($relationship in $script:Run.Plan.Relationships) {
        foreach ($id in $relationship.scope_ids) { $plannedOf[$id] = $relationship.name }
    }
    foreach ($found in @(Get-DhcpServerv4Failover -ComputerName $server -ErrorAction Stop)) {
        $ours = @($script:Run.Plan.Relationships | Where-Object { $_.name -eq $found.Name }).Count -gt 0
        if ($ours -and -not (Test-IsServer ([string] $found.PartnerServer) (Get-ServerName 'secondary'))) {
            Add-Check 'no' "Relationship '$($found.Name)' exists on $server with another partner, $($found.PartnerServer)."
        }
        foreach ($id in (Get-RelationshipScope $found)) {
            if ($script:Run.ScopeIds -contains $id -and $plannedOf[$id] -ne $found.Name) {
                Add-Check 'no' "Scope $id is in failover already, in relationship '$($found.Name)' (20113)."
            }
        }
    }
}

function Test-Vocabulary {
    # Failover refuses a scope that names an option or a class which the partner does not have (20010, 20044).
    $server = Get-ServerName 'secondary'
    $there = Read-Server $server
    $planned = Get-PlanRecord 'server|target|'
    $definitions = @($planned.definitions) + @($there.definitions)
    $classes = @(@($planned.classes) + @($there.classes) | ForEach-Object { $_.name })
    foreach ($id in $script:Run.ScopeIds) {
        $wanted = Get-PlanRecord "scope|target|$id"
        $options = @($wanted.options) + @($wanted.reservations | ForEach-Object { $_.options }) + @($wanted.policies | ForEach-Object { $_.options })
        foreach ($option in @($options | Where-Object { $null -ne $_ -and ($_.option_id -notin 51, 81 -or $_.vendor_class) })) {
            if ($null -eq (Find-Definition $definitions $option)) {
                Add-Check 'no' "Scope $id has a value of $(Get-OptionKey $option), which is defined nowhere: define it on both servers, or remove the value, and export again (20010)."
            }
            foreach ($class in @($option.vendor_class, $option.user_class | Where-Object { $_ -and $classes -notcontains $_ })) {
                Add-Check 'no' "Scope $id has an option of class $class, which is defined nowhere (20044)."
            }
        }
    }
}

# -- unchanged since the export ---------------------------------------------------------------------------------------------------

function Compare-WithExport([string] $Role, [bool] $Thorough) {
    # Every difference between a server and its export, but for leases, in what this plan has not begun to change.
    $server = Get-ServerName $Role
    if (-not (Test-Begun 'server-level' $Role)) {
        $exported = Get-PlanRecord "server|$Role|"
        if ($null -ne $exported) { Compare-Server $exported (Read-Server $server) | ForEach-Object { "$server`: $_" } }
    }
    foreach ($id in $script:Run.ScopeIds) {
        if (Test-Begun (Get-FirstChange $Role) $id) { continue }
        $exported = Get-PlanRecord "scope|$Role|$id"
        $owners = $null
        if (-not $Thorough -and $null -ne $exported) { $owners = @(Get-OptionOwner $exported) }
        $there = Read-Scope $server $id $owners
        if ($null -eq $exported -and $null -ne $there) { "$server has a scope $id, which its export does not have" }
        elseif ($null -ne $exported -and $null -eq $there) { "$server has no scope $id any more" }
        elseif ($null -ne $exported) { Compare-Scope $exported $there | ForEach-Object { "$server, scope $id`: $_" } }
    }
}

function Get-FirstChange([string] $Role) {
    # The step that first touches a scope: freezing is the partner's business, merging the primary's.
    if ($Role -eq 'primary') { return 'apply' }
    return 'freeze'
}

function Compare-WithEmpty([string] $Role) {
    # New servers bring no scope of the plan.
    $server = Get-ServerName $Role
    foreach ($id in $script:Run.ScopeIds) {
        if (Test-Begun 'apply' $id) { continue }
        if ($null -ne (Read-Scope $server $id @())) { "$server has a scope $id already; the plan is for new servers" }
    }
}

function Get-Change([bool] $Thorough) {
    foreach ($role in 'primary', 'secondary') {
        if (Test-InPlace) { Compare-WithExport $role $Thorough } else { Compare-WithEmpty $role }
    }
}

function Assert-Unchanged {
    # The plan was made from the exports; where the servers have moved on, it may be wrong.
    $changes = @(Get-Change $false)
    if (-not $changes.Count) { return }
    foreach ($change in $changes) { Write-Problem "  $change" }
    throw (New-Refusal "The servers are not as they were exported ($($changes.Count) differences). Undo the change, or export again and run unsplit again.")
}

function Test-Overlapping([string] $Role) {
    # Not only the same scope but any overlapping one stands in the way, of the scope on the primary and of failover on the partner (20052).
    $server = Get-ServerName $Role
    $others = @(Get-DhcpServerv4Scope -ComputerName $server -ErrorAction Stop | Where-Object { $script:Run.Plan.ScopeIds -notcontains [string] $_.ScopeId })
    foreach ($planned in $(if ($others.Count) { $script:Run.ScopeIds })) {
        $plannedMask = Get-AddressNumber (Get-PlanRecord "scope|target|$planned").subnet_mask
        foreach ($scope in $others) {
            $id = [string] $scope.ScopeId
            $mask = [math]::Min($plannedMask, (Get-AddressNumber ([string] $scope.SubnetMask)))
            if (((Get-AddressNumber $id) -band [long] $mask) -eq ((Get-AddressNumber $planned) -band [long] $mask)) {
                Add-Check 'no' "Scope $id of $server overlaps scope $planned of the plan (20052). Remove it, or leave $planned out with --skip-scope."
            }
        }
    }
}
