# The server level: classes, option definitions, options, policies, filters and the two switches. Failover replicates none of it, so both
# partners get it. Classes and definitions come before the scopes that name them; what else stands there comes after the scopes have
# got what they relied on.

function Add-ServerVocabulary([string] $Server, $There, $Wanted) {
    # Classes and option definitions: added where missing, corrected where they differ; nothing is removed.
    foreach ($class in $Wanted.classes) {
        $same = @($There.classes | Where-Object { $_.name -eq $class.name -and $_.type -eq $class.type })
        if (-not $same.Count) {
            if (-not (Confirm-Change $Server "add $($class.type.ToLowerInvariant()) class $($class.name)")) { continue }
            Add-DhcpServerv4Class -ComputerName $Server -Name $class.name -Type $class.type -Data $class.data -Description $class.description -ErrorAction Stop
        }
        elseif ($same[0].data -ne $class.data -and (Confirm-Change $Server "set the data of class $($class.name)")) {
            Set-DhcpServerv4Class -ComputerName $Server -Name $class.name -Type $class.type -Data $class.data -ErrorAction Stop
        }
    }
    foreach ($definition in $Wanted.definitions) {
        $same = Find-Definition $There.definitions $definition
        if ($null -ne $same -and $same.type -eq $definition.type -and $same.multi_valued -eq $definition.multi_valued) { continue }
        if ($null -ne $same) {
            # Its type cannot be changed; it is taken away and made anew.
            if (-not (Confirm-Change $Server "remove the definition of $(Get-OptionKey $definition), whose type differs")) {
                continue
            }
            Remove-Definition $Server $definition
        }
        if (Confirm-Change $Server "define $(Get-OptionKey $definition) ($($definition.name))") {
            Add-Definition $Server $definition
        }
    }
}

function Add-Definition([string] $Server, $Definition) {
    $new = @{
        ComputerName = $Server; Name = $Definition.name; OptionId = [uint32] $Definition.option_id; Type = $Definition.type
        Description = $Definition.description; MultiValued = [bool] $Definition.multi_valued; ErrorAction = 'Stop'
    }
    if ($Definition.vendor_class) { $new['VendorClass'] = $Definition.vendor_class }
    $defaults = [string[]] @($Definition.default_values | Where-Object { $_ })
    if ($defaults.Count) { $new['DefaultValue'] = $defaults }
    Add-DhcpServerv4OptionDefinition @new
}

function Remove-Definition([string] $Server, $Definition) {
    $old = @{ ComputerName = $Server; OptionId = [uint32] $Definition.option_id; ErrorAction = 'Stop' }
    if ($Definition.vendor_class) { $old['VendorClass'] = $Definition.vendor_class }
    Remove-DhcpServerv4OptionDefinition @old
}

function Set-ServerContent([string] $Server, $There, $Wanted, [bool] $RemoveOptions) {
    # Without $RemoveOptions values that the plan does not have stay: scopes outside the plan, or of a later wave, rely on them.
    $want = Get-PolicyForm $Wanted $There
    $have = Get-PolicyForm $There $There
    $options = $want.options
    if (-not $RemoveOptions) {
        $planned = @($options | ForEach-Object { Get-OptionKey $_ })
        $options = @($options) + @($have.options | Where-Object { $planned -notcontains (Get-OptionKey $_) })
    }
    Set-OptionLevel $Server @{} 'server level' $have.options $options
    Set-Policy $Server '' 'server level' $have.policies $want.policies
    if ($null -ne $Wanted.filters) { Set-Filter $Server $There.filters $Wanted.filters }
    Set-Switch $Server $There $Wanted
}

function Set-Switch([string] $Server, $There, $Wanted) {
    $new = @{ ComputerName = $Server; ErrorAction = 'Stop' }
    $changes = @()
    if ($null -ne $Wanted.conflict_detection_attempts -and $There.conflict_detection_attempts -ne $Wanted.conflict_detection_attempts) {
        $new['ConflictDetectionAttempts'] = [uint32] $Wanted.conflict_detection_attempts
        $changes += "conflict detection attempts $($Wanted.conflict_detection_attempts)"
    }
    if ($null -ne $Wanted.activate_policies -and $There.activate_policies -ne $Wanted.activate_policies) {
        $new['ActivatePolicies'] = $Wanted.activate_policies -eq 'true'
        $changes += "policy activation $($Wanted.activate_policies)"
    }
    if ($changes.Count -and (Confirm-Change $Server "set $($changes -join ', ')")) { Set-DhcpServerSetting @new }
}

function Set-Filter([string] $Server, $There, $Wanted) {
    # Entries before switches, so that an allow list is never on while it is not complete.
    $wantedText = @{}
    foreach ($entry in $Wanted.entries) { $wantedText[$entry.mac_address] = "$($entry.list); $($entry.description)" }
    $thereText = @{}
    foreach ($entry in $There.entries) {
        $thereText[$entry.mac_address] = "$($entry.list); $($entry.description)"
        if ($wantedText.ContainsKey($entry.mac_address)) { continue }
        if (-not (Confirm-Change $Server "remove filter $($entry.mac_address)")) { continue }
        Remove-DhcpServerv4Filter -ComputerName $Server -MacAddress $entry.mac_address -ErrorAction Stop
    }
    foreach ($entry in $Wanted.entries) {
        if ($thereText[$entry.mac_address] -ceq $wantedText[$entry.mac_address]) { continue }
        if (-not (Confirm-Change $Server "add $($entry.mac_address) to the $($entry.list.ToLowerInvariant()) list")) { continue }
        Add-DhcpServerv4Filter -ComputerName $Server -List $entry.list -MacAddress $entry.mac_address -Description $entry.description -Force -ErrorAction Stop
    }
    if ($There.allow -ne $Wanted.allow -or $There.deny -ne $Wanted.deny) {
        if (-not (Confirm-Change $Server "switch the allow list $(Get-SwitchText $Wanted.allow), the deny list $(Get-SwitchText $Wanted.deny)")) {
            return
        }
        Set-DhcpServerv4FilterList -ComputerName $Server -Allow ([bool] $Wanted.allow) -Deny ([bool] $Wanted.deny) -ErrorAction Stop
    }
}

function Get-SwitchText($On) { if ($On) { 'on' } else { 'off' } }

function Remove-ServerVocabulary([string] $Server, $There, $Wanted) {
    # For the rollback: what the change added goes, nothing else names it any more.
    foreach ($definition in $There.definitions) {
        $same = Find-Definition $Wanted.definitions $definition
        if ($null -ne $same -and $same.type -eq $definition.type -and $same.multi_valued -eq $definition.multi_valued) { continue }
        if (Confirm-Change $Server "remove the definition of $(Get-OptionKey $definition)") {
            Remove-Definition $Server $definition
        }
    }
    foreach ($class in $There.classes) {
        if (@($Wanted.classes | Where-Object { $_.name -eq $class.name -and $_.type -eq $class.type }).Count) { continue }
        if (-not (Confirm-Change $Server "remove class $($class.name)")) { continue }
        Remove-DhcpServerv4Class -ComputerName $Server -Name $class.name -Type $class.type -ErrorAction Stop
    }
    Add-ServerVocabulary $Server (Read-Server $Server) $Wanted
}

function Test-LastWave([string] $Role) {
    # Whether every scope of this server is in failover by this plan, or about to be, so that nothing relies on its server-level options alone.
    foreach ($scope in @(Get-DhcpServerv4Scope -ComputerName (Get-ServerName $Role) -ErrorAction Stop)) {
        $id = [string] $scope.ScopeId
        if ($script:Run.ScopeIds -notcontains $id -and -not (Test-Begun 'apply' $id)) { return $false }
    }
    return $true
}
