# bash completion for kit. Written by scripts/completions.py: do not edit.
# Commands, flags and choices stand here; only names that live on this machine ask kit itself.
# For bash 3.2 (macOS) and newer, with or without the bash-completion package.

_kit_shared='
  -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed
  --reasoning-effort --option --insecure-http --record --replay --timeout --deadline --retries
  --max-cost --max-calls --max-tokens-total --json --events --field -o --output --plain --color
  -q --quiet -v --verbose --no-trace --dry-run --yes --no-input --config -h --help'
_kit_presets='
  openai anthropic gemini groq openrouter mistral deepseek xai together fireworks cerebras
  perplexity azure moonshot zai sambanova nvidia venice ollama-cloud huggingface vllm lm-studio
  litellm ollama llama-cpp github local fake'
_kit_keys='
  provider= api= base_url= model= key= key_command= temperature= max_tokens= top_p= seed= stop=
  system= reasoning_effort= timeout= headers= extra= max_concurrency= rpm= retries= price=
  weight= model_path= api_version= insecure_http= replies='

_kit_place() { # what may stand at place $1: $commands, $flags, the $first word and $more of them
  commands='' flags='' first='' more=''
  case $1 in
    'kit')
      commands="
        ask consensus refine react trace profile key config models doctor local completion help"
      flags="-h --help -V --version"
      ;;
    'kit ask')
      flags="
        $_kit_shared -f --file -a --attach --stdin --no-stdin --stop --stop-at -c --continue
        --fallback --schema --repairs --think"
      first=":at"
      more=":at"
      ;;
    'kit consensus')
      commands="calibrate"
      flags="
        $_kit_shared -f --file -a --attach --stdin --no-stdin --strategy --judge --check
        --check-timeout --escalate --calibration -n --samples --risk --stop --speed -j --answer
        --choices --vote-field --no-marker --min-agreement --need --on-tie --plan-seed --full"
      first=":at"
      more=":at"
      ;;
    'kit consensus calibrate')
      flags="$_kit_shared -j --answer --choices --no-marker"
      first=":files"
      ;;
    'kit refine')
      flags="
        $_kit_shared -f --file -a --attach --stdin --no-stdin --stop --stop-at --check
        --check-timeout --schema --rubric --judge --judges --target --rounds --patience --drafts
        --draft --in-place --no-duel"
      first=":at"
      more=":at"
      ;;
    'kit react')
      flags="
        $_kit_shared -f --file -a --attach --stdin --no-stdin --stop --stop-at -t --tool --tools
        --allow --max-rounds --max-tool-calls --tool-timeout --max-observation --text-protocol
        --schema --check --check-timeout --repairs --samples --think"
      first=":at"
      more=":at"
      ;;
    'kit trace')
      commands="diff export list path replay resume rm search show stats"
      flags="-h --help"
      ;;
    'kit trace diff')
      flags="--json -h --help"
      first="last :runs"
      more="last :runs"
      ;;
    'kit trace export')
      flags="
        --format --since -o --output --content --openinference --endpoint --header-env
        --insecure-http -h --help"
      first="last :runs"
      more="last :runs"
      ;;
    'kit trace list')
      flags="-n --limit --json -h --help"
      ;;
    'kit trace path')
      flags="-h --help"
      first="last :runs"
      ;;
    'kit trace replay')
      flags="--with --json -q --quiet -h --help"
      first="last :runs"
      ;;
    'kit trace resume')
      flags="
        --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --json --events
        --field -o --output --plain --color -q --quiet -v --verbose --no-trace --dry-run --yes
        --no-input --config -h --help"
      first="last :runs"
      ;;
    'kit trace rm')
      flags="--older-than --yes --no-input -h --help"
      first="last :runs"
      more="last :runs"
      ;;
    'kit trace search')
      flags="-n --limit --json -h --help"
      ;;
    'kit trace show')
      flags="--format --json -h --help"
      first="last :runs"
      ;;
    'kit trace stats')
      flags="--since --by --json -h --help"
      first="last :runs"
      ;;
    'kit profile')
      commands="add default export import list presets remove set show test"
      flags="-h --help"
      ;;
    'kit profile add')
      flags="
        --provider -m --model --base-url --api --key --default --no-input --config -h --help"
      first=":profiles"
      more=":keys"
      ;;
    'kit profile default')
      flags="--config -h --help"
      first=":profiles"
      ;;
    'kit profile export')
      flags="--config -h --help"
      first=":profiles"
      more=":profiles"
      ;;
    'kit profile import')
      flags="--force --config -h --help"
      first=":files"
      ;;
    'kit profile list')
      flags="--config --json -h --help"
      ;;
    'kit profile presets')
      flags="--json -h --help"
      ;;
    'kit profile remove')
      flags="--config -h --help"
      first=":profiles"
      ;;
    'kit profile set')
      flags="--config -h --help"
      first=":profiles"
      more=":keys"
      ;;
    'kit profile show')
      flags="--config --json -h --help"
      first=":profiles"
      ;;
    'kit profile test')
      flags="--config --json --timeout -h --help"
      first=":profiles"
      ;;
    'kit key')
      commands="exec list remove set test which"
      flags="-h --help"
      ;;
    'kit key exec')
      flags="--as --config -h --help"
      first=":profiles"
      ;;
    'kit key list')
      flags="--config --json -h --help"
      ;;
    'kit key remove')
      flags="-h --help"
      first=":profiles"
      ;;
    'kit key set')
      flags="--config -h --help"
      first=":profiles"
      ;;
    'kit key test')
      flags="--config --json --timeout -h --help"
      first=":profiles"
      ;;
    'kit key which')
      flags="--config --json -h --help"
      first=":profiles"
      ;;
    'kit config')
      commands="check explain path"
      flags="-h --help"
      ;;
    'kit config check')
      flags="--config --json -h --help"
      ;;
    'kit config explain')
      flags="--config --json -h --help"
      first=":settings"
      ;;
    'kit config path')
      flags="--config -h --help"
      ;;
    'kit models')
      flags="
        -p --profile --base-url --api --insecure-http --timeout -v --verbose -q --quiet --json
        --config -h --help"
      ;;
    'kit doctor')
      flags="--online --config --json -h --help"
      ;;
    'kit local')
      commands="install path remove serve"
      flags="-h --help"
      ;;
    'kit local install')
      flags="-h --help"
      ;;
    'kit local path')
      flags="-h --help"
      ;;
    'kit local remove')
      flags="-h --help"
      ;;
    'kit local serve')
      flags="--port --model --parallel --until-eof -h --help"
      ;;
    'kit completion')
      flags="--install -h --help"
      first="bash zsh fish powershell"
      ;;
    'kit help')
      commands="
        ask consensus refine react trace profile key config models doctor local completion
        exit-codes keys votes tools"
      flags="-h --help"
      ;;
    'kit help consensus')
      commands="calibrate"
      ;;
    'kit help trace')
      commands="diff export list path replay resume rm search show stats"
      ;;
    'kit help profile')
      commands="add default export import list presets remove set show test"
      ;;
    'kit help key')
      commands="exec list remove set test which"
      ;;
    'kit help config')
      commands="check explain path"
      ;;
    'kit help local')
      commands="install path remove serve"
      ;;
  esac
}

_kit_takes() { # what follows flag $2 at place $1: $takes, empty for a switch
  takes=''
  case $2 in
    -f|--file|-a|--attach|-o|--output|--config|--schema|--calibration|--draft|--in-place|--tools) takes=':files' ;;
    -p|--profile|--fallback|--judge|--escalate) takes=':profiles :presets' ;;
    -m|--model) takes=':models' ;;
    --base-url|--temperature|--max-tokens|--top-p|--seed|--option|--stop|--stop-at|--timeout|--deadline|--retries|--max-cost|--max-calls|--max-tokens-total|--field|--repairs|--check|--check-timeout|-n|--samples|--risk|-j|--choices|--vote-field|--min-agreement|--need|--plan-seed|--judges|--target|--rounds|--patience|--drafts|--max-rounds|--max-tool-calls|--tool-timeout|--max-observation|--endpoint|--header-env|--limit|--with|--key|--as|--port|--parallel) takes=':any' ;;
    --api) takes='openai-chat openai-responses anthropic fake local' ;;
    -s|--system|--rubric) takes=':at' ;;
    --reasoning-effort) takes='low medium high' ;;
    --record|--replay) takes=':folders' ;;
    --color) takes='auto always never' ;;
    -c|--continue) takes='last :runs' ;;
    --strategy) takes='majority unanimous weighted judge best' ;;
    --speed) takes='thrifty fast max' ;;
    --answer) takes='auto text number choice bool date json line regex:' ;;
    --on-tie) takes='first extend error' ;;
    -t|--tool) takes='calc clock read: list: search: http: shell mcp: :files' ;;
    --allow) takes='write exec network calc clock read: list: search: http: shell' ;;
    --format) takes='jsonl otlp html csv' ;;
    --since) takes='24h 7d 30d' ;;
    --older-than) takes='7d 30d 90d' ;;
    --by) takes='profile model pattern day' ;;
    --provider) takes=':presets' ;;
  esac
  case "$1 $2" in
    'kit consensus --stop') takes='risk decided none ac: esc:' ;;
    'kit trace show --format') takes='table timeline steps json raw html' ;;
    'kit local serve --model') takes=':files' ;;
  esac
}

_kit_bare() { # $1 without its quotes: $bare; nothing in it is expanded or run
  case $1 in
    \"*) bare=${1#\"} bare=${bare%\"} ;;
    \'*) bare=${1#\'} bare=${bare%\'} ;;
    *) bare=${1//\\/} ;;
  esac
}

_kit_words() { # $words: what is typed up to the cursor; bash has cut it at : and = as well
  local rest=${COMP_LINE:0:COMP_POINT} gap word i
  words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    gap=${rest%%[![:space:]]*} rest=${rest#"${rest%%[![:space:]]*}"}
    word=$rest
    ((i < COMP_CWORD)) && word=${COMP_WORDS[i]} rest=${rest#"${COMP_WORDS[i]}"}
    if [[ $gap || $i == 0 || ! $word ]]; then
      words+=("$word")
    else
      words[${#words[@]} - 1]+=$word
    fi
  done
}

_kit_found() { # $found: the words that $takes means
  local each name
  for each in $takes; do
    case $each in
      :files | :folders | :any) ;;
      :presets) found+=($_kit_presets) ;;
      :keys) found+=($_kit_keys) ;;
      :at)
        while IFS= read -r name; do
          [[ -d $name ]] && name+=/
          found+=("@$name")
        done < <([[ $bare == @* ]] && compgen -f -- "${bare#@}")
        ;;
      :*)
        while IFS=$'\t' read -r name _; do
          found+=("$name")
        done < <(command kit complete "${each#:}" "$bare" "${words[@]:1}" 2>/dev/null)
        ;;
      *) found+=("$each") ;;
    esac
  done
}

_kit_offer() { # COMPREPLY: what of $found begins as was typed, quoted so that it is one word
  local typed=$1 lead=$2 cur=${1#"$2"} cut='' name word each
  for each in : =; do # readline replaces only what follows the last of these
    if [[ ${COMP_WORDBREAKS-:=} == *$each* && $typed == *$each* ]]; then
      word=${typed%"$each"*}$each
      ((${#word} > ${#cut})) && cut=$word
    fi
  done
  for name in ${found[@]+"${found[@]}"}; do
    [[ $name && $name == "$bare"* ]] || continue
    case $cur in # in a quote that is open: as it is, or not at all
      \"*) [[ $name == *[\"\\\$\`\!]* ]] || COMPREPLY+=("$name") ;;
      \'*) [[ $name == *\'* ]] || COMPREPLY+=("$name") ;;
      *)
        printf -v word '%s%q' "$lead" "$name"
        [[ $name == *[:/=.] ]] || word+=' '
        [[ $word == "$cut"* ]] && COMPREPLY+=("${word#"$cut"}")
        ;;
    esac
  done
}

_kit() {
  local IFS=$' \t\n' at=kit takes='' bare='' lead='' over='' seen=0 i
  local commands flags first more typed words=() found=()
  COMPREPLY=()
  _kit_words
  _kit_place kit
  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    _kit_bare "${words[i]}"
    words[i]=$bare
    if [[ $takes ]]; then
      takes='' # this was the value of the flag before it
    elif [[ ! $over && $bare == -- ]]; then
      over=yes commands=''
    elif [[ ! $over && $bare == -?* ]]; then
      _kit_takes "$at" "$bare"
    elif [[ " $commands " == *" $bare "* ]]; then
      at+=" $bare"
      _kit_place "$at"
    else
      seen=1 commands=''
    fi
  done
  typed=${words[i]}
  if [[ ! $takes && ! $over && $typed == --*=* ]]; then
    lead=${typed%%=*}=
    _kit_takes "$at" "${lead%=}"
  elif [[ ! $takes && ! $over && $typed == -* ]]; then
    takes=$flags
  elif [[ ! $takes && $seen == 0 ]]; then
    takes="$commands $first"
  elif [[ ! $takes ]]; then
    takes=$more
  fi
  [[ $at == 'kit trace' && $typed == [0-9]* ]] && takes=:runs # kit trace RUN
  [[ ${words[i - 1]} == *[\<\>] ]] && takes=:files
  _kit_bare "${typed#"$lead"}"
  _kit_found
  _kit_offer "$typed" "$lead"
  case " $takes " in # with nothing to offer, -o default is file names; bash 3.2 has no compopt
    *' :files '* | *' :folders '*) ((${#COMPREPLY[@]})) || compopt +o nospace ;;
    *) compopt +o default ;;
  esac 2>/dev/null
  return 0
}
complete -o default -o nospace -F _kit kit
