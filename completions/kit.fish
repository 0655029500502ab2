# fish completion for kit. Written by scripts/completions.py: do not edit.
# Commands and flags stand here; only names that live on this machine ask kit itself.
function __kit_commands
    switch $argv[1]
        case 'kit'
            printf '%s\n' ask consensus refine react trace profile key config models doctor local completion help
        case 'kit trace'
            printf '%s\n' diff export list path replay resume rm search show stats
        case 'kit profile'
            printf '%s\n' add default export import list presets remove set show test
        case 'kit key'
            printf '%s\n' exec list remove set test which
        case 'kit config'
            printf '%s\n' check explain path
        case 'kit local'
            printf '%s\n' install path remove serve
        case 'kit help'
            printf '%s\n' ask consensus refine react trace profile key config models doctor local completion exit-codes keys votes tools
    end
end
function __kit_flags
    switch $argv[1]
        case 'kit'
            printf '%s\n' -h --help -V --version
        case 'kit ask'
            printf '%s\n' -f --file -a --attach --stdin --no-stdin -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --insecure-http --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --json --events --field -o --output --plain --color -q --quiet -v --verbose --no-trace --dry-run --yes --no-input --config -c --continue --fallback --schema --repairs --think -h --help
        case 'kit consensus'
            printf '%s\n' -f --file -a --attach --stdin --no-stdin -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --insecure-http --record --replay --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --json --events --field -o --output --plain --color -q --quiet -v --verbose --no-trace --dry-run --yes --no-input --config --strategy --judge --check --check-timeout --escalate --calibration -n --samples --risk --stop --speed -j --answer --choices --vote-field --no-marker --min-agreement --need --on-tie --plan-seed --full -h --help
        case 'kit refine'
            printf '%s\n' -f --file -a --attach --stdin --no-stdin -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --insecure-http --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --json --events --field -o --output --plain --color -q --quiet -v --verbose --no-trace --dry-run --yes --no-input --config --check --check-timeout --schema --rubric --judge --judges --target --rounds --patience --drafts --draft --in-place --no-duel -h --help
        case 'kit react'
            printf '%s\n' -f --file -a --attach --stdin --no-stdin -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --insecure-http --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --json --events --field -o --output --plain --color -q --quiet -v --verbose --no-trace --dry-run --yes --no-input --config -t --tool --tools --allow --max-rounds --max-tool-calls --tool-timeout --max-observation --text-protocol --schema --check --check-timeout --repairs --samples --think -h --help
        case 'kit trace'
            printf '%s\n' -h --help
        case 'kit trace diff'
            printf '%s\n' --json -h --help
        case 'kit trace export'
            printf '%s\n' --format --since -o --output --content --openinference --endpoint --header-env --insecure-http -h --help
        case 'kit trace list'
            printf '%s\n' -n --limit --json -h --help
        case 'kit trace path'
            printf '%s\n' -h --help
        case 'kit trace replay'
            printf '%s\n' --with --json -q --quiet -h --help
        case 'kit trace resume'
            printf '%s\n' --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --json --events --field -o --output --plain --color -q --quiet -v --verbose --no-trace --dry-run --yes --no-input --config -h --help
        case 'kit trace rm'
            printf '%s\n' --older-than --yes --no-input -h --help
        case 'kit trace search'
            printf '%s\n' -n --limit --json -h --help
        case 'kit trace show'
            printf '%s\n' --format --json -h --help
        case 'kit trace stats'
            printf '%s\n' --since --by --json -h --help
        case 'kit profile'
            printf '%s\n' -h --help
        case 'kit profile add'
            printf '%s\n' --provider -m --model --base-url --api --key --default --no-input --config -h --help
        case 'kit profile default'
            printf '%s\n' --config -h --help
        case 'kit profile export'
            printf '%s\n' --config -h --help
        case 'kit profile import'
            printf '%s\n' --force --config -h --help
        case 'kit profile list'
            printf '%s\n' --config --json -h --help
        case 'kit profile presets'
            printf '%s\n' --json -h --help
        case 'kit profile remove'
            printf '%s\n' --config -h --help
        case 'kit profile set'
            printf '%s\n' --config -h --help
        case 'kit profile show'
            printf '%s\n' --config --json -h --help
        case 'kit profile test'
            printf '%s\n' --config --json --timeout -h --help
        case 'kit key'
            printf '%s\n' -h --help
        case 'kit key exec'
            printf '%s\n' --as --config -h --help
        case 'kit key list'
            printf '%s\n' --config --json -h --help
        case 'kit key remove'
            printf '%s\n' -h --help
        case 'kit key set'
            printf '%s\n' --config -h --help
        case 'kit key test'
            printf '%s\n' --config --json --timeout -h --help
        case 'kit key which'
            printf '%s\n' --config --json -h --help
        case 'kit config'
            printf '%s\n' -h --help
        case 'kit config check'
            printf '%s\n' --config --json -h --help
        case 'kit config explain'
            printf '%s\n' --config --json -h --help
        case 'kit config path'
            printf '%s\n' --config -h --help
        case 'kit models'
            printf '%s\n' -p --profile --base-url --api --insecure-http --timeout -v --verbose -q --quiet --json --config -h --help
        case 'kit doctor'
            printf '%s\n' --online --config --json -h --help
        case 'kit local'
            printf '%s\n' -h --help
        case 'kit local install'
            printf '%s\n' -h --help
        case 'kit local path'
            printf '%s\n' -h --help
        case 'kit local remove'
            printf '%s\n' -h --help
        case 'kit local serve'
            printf '%s\n' --port --model --parallel --until-eof -h --help
        case 'kit completion'
            printf '%s\n' --install -h --help
    end
end
function __kit_valued
    switch $argv[1]
        case 'kit'
            printf '%s\n' 
        case 'kit ask'
            printf '%s\n' -f --file -a --attach -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --field -o --output --color --config -c --continue --fallback --schema --repairs
        case 'kit consensus'
            printf '%s\n' -f --file -a --attach -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --record --replay --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --field -o --output --color --config --strategy --judge --check --check-timeout --escalate --calibration -n --samples --risk --stop --speed -j --answer --choices --vote-field --min-agreement --need --on-tie --plan-seed
        case 'kit refine'
            printf '%s\n' -f --file -a --attach -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --field -o --output --color --config --check --check-timeout --schema --rubric --judge --judges --target --rounds --patience --drafts --draft --in-place
        case 'kit react'
            printf '%s\n' -f --file -a --attach -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --field -o --output --color --config -t --tool --tools --allow --max-rounds --max-tool-calls --tool-timeout --max-observation --schema --check --check-timeout --repairs --samples
        case 'kit trace export'
            printf '%s\n' --format --since -o --output --endpoint --header-env
        case 'kit trace list'
            printf '%s\n' -n --limit
        case 'kit trace replay'
            printf '%s\n' --with
        case 'kit trace resume'
            printf '%s\n' --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --field -o --output --color --config
        case 'kit trace rm'
            printf '%s\n' --older-than
        case 'kit trace search'
            printf '%s\n' -n --limit
        case 'kit trace show'
            printf '%s\n' --format
        case 'kit trace stats'
            printf '%s\n' --since --by
        case 'kit profile add'
            printf '%s\n' --provider -m --model --base-url --api --key --config
        case 'kit profile default'
            printf '%s\n' --config
        case 'kit profile export'
            printf '%s\n' --config
        case 'kit profile import'
            printf '%s\n' --config
        case 'kit profile list'
            printf '%s\n' --config
        case 'kit profile remove'
            printf '%s\n' --config
        case 'kit profile set'
            printf '%s\n' --config
        case 'kit profile show'
            printf '%s\n' --config
        case 'kit profile test'
            printf '%s\n' --config --timeout
        case 'kit key exec'
            printf '%s\n' --as --config
        case 'kit key list'
            printf '%s\n' --config
        case 'kit key set'
            printf '%s\n' --config
        case 'kit key test'
            printf '%s\n' --config --timeout
        case 'kit key which'
            printf '%s\n' --config
        case 'kit config check'
            printf '%s\n' --config
        case 'kit config explain'
            printf '%s\n' --config
        case 'kit config path'
            printf '%s\n' --config
        case 'kit models'
            printf '%s\n' -p --profile --base-url --api --timeout --config
        case 'kit doctor'
            printf '%s\n' --config
        case 'kit local serve'
            printf '%s\n' --port --model --parallel
    end
end
function __kit_complete
    set -l before (commandline -opc)[2..-1]
    set -l current (commandline -ct)
    set -l at kit
    for word in $before
        if contains -- $word (__kit_commands $at)
            set at "$at $word"
        end
    end
    if not set -q before[-1]; or not contains -- $before[-1] (__kit_valued $at)
        if string match -q -- '-*' "$current"
            __kit_flags $at
            return
        end
        set -l commands (__kit_commands $at)
        if set -q commands[1]
            printf '%s\n' $commands
            return
        end
    end
    set -l found (kit complete $before "$current" 2>/dev/null)
    if test "$found[1]" = ":files"
        __fish_complete_path "$current"
    else if set -q found[1]
        printf '%s\n' $found
    end
end
complete -c kit -f -a '(__kit_complete)'
