# bash completion for kit. Written by scripts/completions.py: do not edit.
# Commands and flags stand here; only names that live on this machine ask kit itself.
declare -A _kit_commands _kit_flags _kit_valued
_kit_commands[kit]='ask consensus refine react trace profile key config models doctor local completion help'
_kit_commands[kit/trace]='diff export list path replay resume rm search show stats'
_kit_commands[kit/profile]='add default export import list presets remove set show test'
_kit_commands[kit/key]='exec list remove set test which'
_kit_commands[kit/config]='check explain path'
_kit_commands[kit/local]='install path remove serve'
_kit_commands[kit/help]='ask consensus refine react trace profile key config models doctor local completion exit-codes keys votes tools'
_kit_flags[kit]='-h --help -V --version'
_kit_flags[kit/ask]='-f --file -a --attach --stdin --no-stdin -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --insecure-http --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --json --events --field -o --output --plain --color -q --quiet -v --verbose --no-trace --dry-run --yes --no-input --config -c --continue --fallback --schema --repairs --think -h --help'
_kit_flags[kit/consensus]='-f --file -a --attach --stdin --no-stdin -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --insecure-http --record --replay --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --json --events --field -o --output --plain --color -q --quiet -v --verbose --no-trace --dry-run --yes --no-input --config --strategy --judge --check --check-timeout --escalate --calibration -n --samples --risk --stop --speed -j --answer --choices --vote-field --no-marker --min-agreement --need --on-tie --plan-seed --full -h --help'
_kit_flags[kit/refine]='-f --file -a --attach --stdin --no-stdin -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --insecure-http --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --json --events --field -o --output --plain --color -q --quiet -v --verbose --no-trace --dry-run --yes --no-input --config --check --check-timeout --schema --rubric --judge --judges --target --rounds --patience --drafts --draft --in-place --no-duel -h --help'
_kit_flags[kit/react]='-f --file -a --attach --stdin --no-stdin -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --insecure-http --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --json --events --field -o --output --plain --color -q --quiet -v --verbose --no-trace --dry-run --yes --no-input --config -t --tool --tools --allow --max-rounds --max-tool-calls --tool-timeout --max-observation --text-protocol --schema --check --check-timeout --repairs --samples --think -h --help'
_kit_flags[kit/trace]='-h --help'
_kit_flags[kit/trace/diff]='--json -h --help'
_kit_flags[kit/trace/export]='--format --since -o --output --content --openinference --endpoint --header-env --insecure-http -h --help'
_kit_flags[kit/trace/list]='-n --limit --json -h --help'
_kit_flags[kit/trace/path]='-h --help'
_kit_flags[kit/trace/replay]='--with --json -q --quiet -h --help'
_kit_flags[kit/trace/resume]='--timeout --deadline --retries --max-cost --max-calls --max-tokens-total --json --events --field -o --output --plain --color -q --quiet -v --verbose --no-trace --dry-run --yes --no-input --config -h --help'
_kit_flags[kit/trace/rm]='--older-than --yes --no-input -h --help'
_kit_flags[kit/trace/search]='-n --limit --json -h --help'
_kit_flags[kit/trace/show]='--format --json -h --help'
_kit_flags[kit/trace/stats]='--since --by --json -h --help'
_kit_flags[kit/profile]='-h --help'
_kit_flags[kit/profile/add]='--provider -m --model --base-url --api --key --default --no-input --config -h --help'
_kit_flags[kit/profile/default]='--config -h --help'
_kit_flags[kit/profile/export]='--config -h --help'
_kit_flags[kit/profile/import]='--force --config -h --help'
_kit_flags[kit/profile/list]='--config --json -h --help'
_kit_flags[kit/profile/presets]='--json -h --help'
_kit_flags[kit/profile/remove]='--config -h --help'
_kit_flags[kit/profile/set]='--config -h --help'
_kit_flags[kit/profile/show]='--config --json -h --help'
_kit_flags[kit/profile/test]='--config --json --timeout -h --help'
_kit_flags[kit/key]='-h --help'
_kit_flags[kit/key/exec]='--as --config -h --help'
_kit_flags[kit/key/list]='--config --json -h --help'
_kit_flags[kit/key/remove]='-h --help'
_kit_flags[kit/key/set]='--config -h --help'
_kit_flags[kit/key/test]='--config --json --timeout -h --help'
_kit_flags[kit/key/which]='--config --json -h --help'
_kit_flags[kit/config]='-h --help'
_kit_flags[kit/config/check]='--config --json -h --help'
_kit_flags[kit/config/explain]='--config --json -h --help'
_kit_flags[kit/config/path]='--config -h --help'
_kit_flags[kit/models]='-p --profile --base-url --api --insecure-http --timeout -v --verbose -q --quiet --json --config -h --help'
_kit_flags[kit/doctor]='--online --config --json -h --help'
_kit_flags[kit/local]='-h --help'
_kit_flags[kit/local/install]='-h --help'
_kit_flags[kit/local/path]='-h --help'
_kit_flags[kit/local/remove]='-h --help'
_kit_flags[kit/local/serve]='--port --model --parallel --until-eof -h --help'
_kit_flags[kit/completion]='--install -h --help'
_kit_valued[kit]=''
_kit_valued[kit/ask]='-f --file -a --attach -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --field -o --output --color --config -c --continue --fallback --schema --repairs'
_kit_valued[kit/consensus]='-f --file -a --attach -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --record --replay --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --field -o --output --color --config --strategy --judge --check --check-timeout --escalate --calibration -n --samples --risk --stop --speed -j --answer --choices --vote-field --min-agreement --need --on-tie --plan-seed'
_kit_valued[kit/refine]='-f --file -a --attach -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --field -o --output --color --config --check --check-timeout --schema --rubric --judge --judges --target --rounds --patience --drafts --draft --in-place'
_kit_valued[kit/react]='-f --file -a --attach -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --field -o --output --color --config -t --tool --tools --allow --max-rounds --max-tool-calls --tool-timeout --max-observation --schema --check --check-timeout --repairs --samples'
_kit_valued[kit/trace/export]='--format --since -o --output --endpoint --header-env'
_kit_valued[kit/trace/list]='-n --limit'
_kit_valued[kit/trace/replay]='--with'
_kit_valued[kit/trace/resume]='--timeout --deadline --retries --max-cost --max-calls --max-tokens-total --field -o --output --color --config'
_kit_valued[kit/trace/rm]='--older-than'
_kit_valued[kit/trace/search]='-n --limit'
_kit_valued[kit/trace/show]='--format'
_kit_valued[kit/trace/stats]='--since --by'
_kit_valued[kit/profile/add]='--provider -m --model --base-url --api --key --config'
_kit_valued[kit/profile/default]='--config'
_kit_valued[kit/profile/export]='--config'
_kit_valued[kit/profile/import]='--config'
_kit_valued[kit/profile/list]='--config'
_kit_valued[kit/profile/remove]='--config'
_kit_valued[kit/profile/set]='--config'
_kit_valued[kit/profile/show]='--config'
_kit_valued[kit/profile/test]='--config --timeout'
_kit_valued[kit/key/exec]='--as --config'
_kit_valued[kit/key/list]='--config'
_kit_valued[kit/key/set]='--config'
_kit_valued[kit/key/test]='--config --timeout'
_kit_valued[kit/key/which]='--config'
_kit_valued[kit/config/check]='--config'
_kit_valued[kit/config/explain]='--config'
_kit_valued[kit/config/path]='--config'
_kit_valued[kit/models]='-p --profile --base-url --api --timeout --config'
_kit_valued[kit/doctor]='--config'
_kit_valued[kit/local/serve]='--port --model --parallel'
_kit() {
  local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} at=kit word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ " ${_kit_commands[$at]-} " == *" $word "* ]] && at=$at/$word
  done
  if [[ " ${_kit_valued[$at]-} " != *" $previous "* ]]; then
    if [[ $cur == -* ]]; then
      mapfile -t COMPREPLY < <(compgen -W "${_kit_flags[$at]-}" -- "$cur")
      return
    elif [[ ${_kit_commands[$at]-} ]]; then
      mapfile -t COMPREPLY < <(compgen -W "${_kit_commands[$at]}" -- "$cur")
      return
    fi
  fi
  mapfile -t COMPREPLY < <(kit complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ ${COMPREPLY[0]-} == :files ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    compopt -o filenames 2>/dev/null
  elif ((${#COMPREPLY[@]})); then
    mapfile -t COMPREPLY < <(printf '%q\n' "${COMPREPLY[@]}")
  fi
}
complete -F _kit kit
