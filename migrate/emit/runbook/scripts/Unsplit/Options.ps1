# Brings the options and policies of one level to what the plan says. Each function reads nothing: it is given what is there.

function Set-OptionLevel([string] $Server, $Owner, [string] $Where, $There, $Wanted) {
    # Sets what differs and removes what is not wanted. $Owner as for Read-OptionValue.
    $wantedKeys = @{}
    $thereText = @{}
    foreach ($option in $There) { $thereText[(Get-OptionKey $option) + '|' + $option.user_class] = Get-OptionText $option }
    foreach ($option in $Wanted) {
        $key = (Get-OptionKey $option) + '|' + $option.user_class
        $wantedKeys[$key] = $true
        if ($thereText[$key] -ceq (Get-OptionText $option)) { continue }
        if (-not (Confirm-Change "$Server, $Where" "set $(Get-OptionKey $option) to $(Get-OptionText $option)")) { continue }
        Set-OneOption $Server $Owner $option
    }
    foreach ($option in $There) {
        if ($wantedKeys.ContainsKey((Get-OptionKey $option) + '|' + $option.user_class)) { continue }
        if (-not (Confirm-Change "$Server, $Where" "remove $(Get-OptionKey $option)")) { continue }
        Remove-OneOption $Server $Owner $option
    }
}

function Set-OneOption([string] $Server, $Owner, $Option) {
    if ($Option.option_id -eq 81 -and -not $Option.vendor_class) {
        Set-DnsFlag $Server $Owner ([long] $Option.values[0]) ''; return
    }
    # -Force keeps the cmdlet from asking each DNS server whether it answers.
    $level = @{ ComputerName = $Server; OptionId = [uint32] $Option.option_id; Value = [string[]] $Option.values; Force = $true; ErrorAction = 'Stop' }
    if ($Owner['ScopeId']) { $level['ScopeId'] = $Owner['ScopeId'] }
    if ($Owner['ReservedIP']) { $level['ReservedIP'] = $Owner['ReservedIP'] }
    if ($Owner['PolicyName']) { $level['PolicyName'] = $Owner['PolicyName'] }
    if ($Option.vendor_class) { $level['VendorClass'] = $Option.vendor_class }
    if ($Option.user_class -and -not $Owner['PolicyName']) { $level['UserClass'] = $Option.user_class }
    Set-DhcpServerv4OptionValue @level
}

function Remove-OneOption([string] $Server, $Owner, $Option) {
    $level = @{ ComputerName = $Server; OptionId = [uint32] $Option.option_id; ErrorAction = 'Stop' }
    if ($Owner['ScopeId']) { $level['ScopeId'] = $Owner['ScopeId'] }
    if ($Owner['ReservedIP']) { $level['ReservedIP'] = $Owner['ReservedIP'] }
    if ($Owner['PolicyName']) { $level['PolicyName'] = $Owner['PolicyName'] }
    if ($Option.vendor_class) { $level['VendorClass'] = $Option.vendor_class }
    if ($Option.user_class -and -not $Owner['PolicyName']) { $level['UserClass'] = $Option.user_class }
    Remove-DhcpServerv4OptionValue @level
}

function Set-DnsFlag([string] $Server, $Owner, [long] $Flags, [string] $Suffix) {
    # Option 81 holds the dynamic-update settings of its level, bit by bit, and is set through a cmdlet of its own.
    $level = @{ ComputerName = $Server; ErrorAction = 'Stop' }
    if ($Owner['ReservedIP']) { $level['IPAddress'] = $Owner['ReservedIP'] }
    if ($Owner['ScopeId']) { $level['ScopeId'] = $Owner['ScopeId'] }
    if ($Owner['PolicyName']) { $level['PolicyName'] = $Owner['PolicyName'] }
    $level['DynamicUpdates'] = $(if (-not ($Flags -band 1)) { 'Never' } elseif ($Flags -band 0x10) { 'Always' } else { 'OnClientRequest' })
    $level['DeleteDnsRROnLeaseExpiry'] = [bool] ($Flags -band 4)
    $level['UpdateDnsRRForOlderClients'] = [bool] ($Flags -band 2)
    $level['NameProtection'] = [bool] ($Flags -band 0x20)
    if ($script:Run.Version[$Server] -ge 603) {    # Windows Server 2012 has no such parameters
        $level['DisableDnsPtrRRUpdate'] = [bool] ($Flags -band 0x40)
        if ($Suffix) { $level['DnsSuffix'] = $Suffix }
    }
    Set-DhcpServerv4DnsSetting @level
}

# -- policies ---------------------------------------------------------------------------------------------------------------------

function Get-PolicyOwner([string] $ScopeId, [string] $Name) { return @{ ScopeId = $ScopeId; PolicyName = $Name } }

function Get-PolicyCore($Policy) { return (Get-PolicyText $Policy 0 $false) + '|' + $Policy.description }

function Find-Policy($Policies, [string] $Name) {
    foreach ($policy in $Policies) { if ($policy.name -eq $Name) { return $policy } }
    return $null
}

function Remove-UnwantedPolicy([string] $Server, [string] $ScopeId, [string] $Where, $There, $Wanted) {
    # A policy whose conditions differ is made anew: the cmdlets cannot take a condition away. Gives those that stay.
    $kept = New-Object 'System.Collections.Generic.List[object]'
    foreach ($policy in $There) {
        $same = Find-Policy $Wanted $policy.name
        if ($null -ne $same -and (Get-PolicyCore $same) -ceq (Get-PolicyCore $policy)) { $kept.Add($policy); continue }
        if (-not (Confirm-Change "$Server, $Where" "remove policy $($policy.name)")) { continue }
        $level = @{ ComputerName = $Server; Name = $policy.name; ErrorAction = 'Stop' }
        if ($ScopeId) { $level['ScopeId'] = $ScopeId }
        Remove-DhcpServerv4Policy @level
    }
    return , $kept.ToArray()
}

function Set-Policy([string] $Server, [string] $ScopeId, [string] $Where, $There, $Wanted) {
    # Conditions, order, options and ranges. Ranges must lie inside the range of the scope by now.
    $kept = Remove-UnwantedPolicy $Server $ScopeId $Where $There $Wanted
    $order = New-Object 'System.Collections.Generic.List[string]'
    foreach ($policy in $kept) { $order.Add($policy.name) }
    foreach ($policy in $Wanted) {
        $same = Find-Policy $kept $policy.name
        if ($null -eq $same) {
            if (-not (Confirm-Change "$Server, $Where" "add policy $($policy.name)")) { continue }
            Add-OnePolicy $Server $ScopeId $policy
            $order.Add($policy.name)
            $same = @{ options = @(); ranges = @(); dns_suffix = '' }
        }
        Set-PolicyRange $Server $ScopeId $Where $policy.name $same.ranges $policy.ranges
        Set-OptionLevel $Server (Get-PolicyOwner $ScopeId $policy.name) "$Where, policy $($policy.name)" $same.options $policy.options
        if ($policy.dns_suffix -and $policy.dns_suffix -cne $same.dns_suffix -and (Confirm-Change "$Server, $Where, policy $($policy.name)" "set the DNS suffix to $($policy.dns_suffix)")) {
            $flags = @($policy.options | Where-Object { $_.option_id -eq 81 } | ForEach-Object { [long] $_.values[0] }) + @(5)
            Set-DnsFlag $Server (Get-PolicyOwner $ScopeId $policy.name) $flags[0] $policy.dns_suffix
        }
    }
    Set-PolicyOrder $Server $ScopeId $Where $order $Wanted
}

function Add-OnePolicy([string] $Server, [string] $ScopeId, $Policy) {
    $new = @{
        ComputerName = $Server; Name = $Policy.name; Condition = $(if ($Policy.condition -eq 'AND') { 'And' } else { 'Or' })
        Description = $Policy.description; Enabled = [bool] $Policy.enabled; ErrorAction = 'Stop'
    }
    if ($ScopeId) { $new['ScopeId'] = $ScopeId }
    foreach ($field in 'VendorClass', 'UserClass', 'MacAddress', 'ClientId', 'RelayAgent', 'CircuitId', 'RemoteId', 'SubscriberId') {
        if ($Policy.conditions.ContainsKey($field)) {
            $new[$field] = [string[]] @($Policy.conditions[$field] | Where-Object { $_ })
        }
    }
    if ($Policy.conditions.ContainsKey('Fqdn')) { $new['Fqdn'] = [string[]] @($Policy.conditions['Fqdn'] | Where-Object { $_ }) }    # 2012 R2
    Add-DhcpServerv4Policy @new
}

function Set-PolicyRange([string] $Server, [string] $ScopeId, [string] $Where, [string] $Name, $There, $Wanted) {
    foreach ($range in @($There | Where-Object { $Wanted -notcontains $_ })) {
        if (-not (Confirm-Change "$Server, $Where, policy $Name" "remove range $range")) { continue }
        $first, $last = $range.Split('-')
        Remove-DhcpServerv4PolicyIPRange -ComputerName $Server -ScopeId $ScopeId -Name $Name -StartRange $first -EndRange $last -ErrorAction Stop
    }
    foreach ($range in @($Wanted | Where-Object { $There -notcontains $_ })) {
        if (-not (Confirm-Change "$Server, $Where, policy $Name" "add range $range")) { continue }
        $first, $last = $range.Split('-')
        Add-DhcpServerv4PolicyIPRange -ComputerName $Server -ScopeId $ScopeId -Name $Name -StartRange $first -EndRange $last -ErrorAction Stop
    }
}

function Set-PolicyOrder([string] $Server, [string] $ScopeId, [string] $Where, [System.Collections.Generic.List[string]] $Order, $Wanted) {
    # Moves policies up, the first first; a server renumbers the others by itself.
    for ($place = 0; $place -lt @($Wanted).Count; $place++) {
        $name = @($Wanted)[$place].name
        if ($place -ge $Order.Count -or $Order[$place] -eq $name) { continue }
        if (-not (Confirm-Change "$Server, $Where" "move policy $name to place $($place + 1)")) { continue }
        $level = @{ ComputerName = $Server; Name = $name; ProcessingOrder = [uint16] ($place + 1); ErrorAction = 'Stop' }
        if ($ScopeId) { $level['ScopeId'] = $ScopeId }
        Set-DhcpServerv4Policy @level
        for ($at = $place; $at -lt $Order.Count; $at++) { if ($Order[$at] -eq $name) { $Order.RemoveAt($at); break } }
        $Order.Insert($place, $name)
    }
}
