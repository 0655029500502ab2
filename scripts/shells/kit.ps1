# PowerShell completion for kit. Written by scripts/completions.py: do not edit.
# Commands and flags stand here; only names that live on this machine ask kit itself.
$KitCommands = @{}; $KitFlags = @{}; $KitValued = @{}
#WORDS
Register-ArgumentCompleter -Native -CommandName kit -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
    if ($wordToComplete -eq '') { $words += '' }
    $before = @($words | Select-Object -SkipLast 1)
    $at = 'kit'
    foreach ($word in $before) {
        if ("$($KitCommands[$at])" -split ' ' -ccontains $word) { $at = "$at $word" }
    }
    $previous = "$($before | Select-Object -Last 1)"
    $valued = $previous -and ("$($KitValued[$at])" -split ' ' -ccontains $previous)
    $found = if (-not $valued -and $wordToComplete.StartsWith('-')) {
        "$($KitFlags[$at])" -split ' '
    } elseif (-not $valued -and $KitCommands[$at]) {
        "$($KitCommands[$at])" -split ' '
    } else {
        kit complete @words 2>$null | Where-Object { $_ -ne ':files' }
    }
    $found | Where-Object { $_ -and $_.StartsWith($wordToComplete) } | ForEach-Object {
        $text = if ($_ -match '^[\w./:@%+=-]+$') { $_ } else { "'" + $_.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($text, $_, 'ParameterValue', $_)
    }
}
