# PowerShell completion for kit. Written by scripts/completions.py: do not edit.
# Commands, flags and choices stand here; only names that live on this machine ask kit itself.

$KitShared = '#SHARED'
$KitPresets = '#PRESETS'
$KitKeys = '#KEYS'
$KitPlaces = @{
#PLACES
}

# What follows a flag: wherever it stands, or at one place.
$KitTakes = New-Object System.Collections.Hashtable ([StringComparer]::Ordinal)
#TAKES

function Get-KitValues([string]$At, [string]$Flag) {
    if ($KitTakes.ContainsKey("$At $Flag")) { $KitTakes["$At $Flag"] } else { $KitTakes[$Flag] }
}

Register-ArgumentCompleter -Native -CommandName kit -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { if ($null -ne $_.Value) { "$($_.Value)" } else { "$_" } })
    if ($wordToComplete -and $words.Count) { $words = @($words | Select-Object -SkipLast 1) }
    $at, $takes, $seen = 'kit', '', 0
    foreach ($word in $words) {
        $below = "$at $word"
        if ($takes) { $takes = '' }
        elseif ($word.StartsWith('-')) { $takes = Get-KitValues $at $word }
        elseif (-not $seen -and $KitPlaces.ContainsKey($below)) { $at = $below }
        else { $seen++ }
    }
    $current, $lead, $place = $wordToComplete.Trim('"', "'"), '', $KitPlaces[$at]
    if ($takes) { }
    elseif ($current -cmatch '^(--[^=]+)=(.*)$') {
        $lead, $current = "$($Matches[1])=", $Matches[2]
        $takes = Get-KitValues $at $Matches[1]
    }
    elseif ($current.StartsWith('-')) { $takes = $place.flags }
    elseif ($seen) { $takes = $place.more }
    else { $takes = "$($place.commands) $($place.first)" }
    $takes = "$takes" -creplace ':presets', $KitPresets -creplace ':keys', $KitKeys
    $found = foreach ($each in $takes -split '\s+') {
        if ($each -in '', ':any', ':files', ':folders', ':at') { }  # PowerShell's own: file names
        elseif ($each.StartsWith(':')) {
            # = as PowerShell 5 drops an argument that is empty
            kit complete $each.Substring(1) "=$current" @words 2>$null |
                ForEach-Object { ($_ -split "`t")[0] }
        }
        else { $each }
    }
    $found | Where-Object { $_ -and $_.StartsWith($current, 'Ordinal') } | ForEach-Object {
        $text = "$lead$_"
        if ($text -notmatch '^[\w./:%+=-]+$') { $text = "'" + $text.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($text, $_, 'ParameterValue', $_)
    }
}
