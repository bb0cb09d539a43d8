#!/usr/bin/env bash
# Asks every question on a terminal, and says where to go: bash client.sh https://wegwijzer.example.nl
# Needs curl and jq. An answer goes through pipes only: it is in no address, no log and no list of processes.
set -euo pipefail

refer() {
  printf '%s' "$body" |
    curl --silent --fail --compressed --header 'Content-Type: application/json' --data @- "$1/api/v1/referrals"
}

get() { printf '%s' "$answer" | jq --raw-output "$1"; }

add() { printf '%s\n' "$body" "$answer" "$chosen" | jq --raw-input --slurp --compact-output "$take $1"; }
take='split("\n") as [$body, $answer, $chosen] | ($answer | fromjson | .nextQuestion) as $asked | $body | fromjson |'

body='{"situation": {}, "language": "en"}'
declined=false
while answer=$(refer "$1"); do
  if [ "$(get .nextQuestion)" != null ]; then
    get '.nextQuestion | .text, (.labels | to_entries[] | "  \(.key): \(.value)")'
    read -r chosen
    body=$(add '.situation[$asked.fact] = ($chosen | split(" ") | if $asked.several then . else .[0] end)')
  elif [ "$(get .organisationMatters)" = true ] && [ $declined = false ]; then
    echo "An id of /api/v1/organisations, or nothing"
    read -r chosen
    if [ -n "$chosen" ]; then body=$(add '.organisation = $chosen'); else declined=true; fi
  else
    break
  fi
done
get '.referrals[] | "\(.as): \(.inShort.heading). \(.why)", (.sources[] | "  \(.short), \(.locator)")'
get '"Edition \(.edition.id) \(.edition.digest) on \(.on)"'
