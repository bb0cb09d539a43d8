# Decides by a compiled rulebase and nothing else:
# jq --compact-output --slurpfile sealed compiled.json --arg on 2026-11-29 --from-file walk.jq < situations.jsonl
# A line is a situation, such as {"concerns": ["misconduct"], "reporter": "employee"}; facts of the organisation too.
# jq has no SHA-256: hold the file against its digest by other means.

$sealed[0].compiled as $compiled
| ($compiled.editions | map(select(.since <= $on)) | last) as $edition
| $edition.graph.nodes as $nodes
| . as $situation

# From a node to a leaf, or to the id of a fact that has no answer.
| def walk_from($here):
    if $here[0] == -1 then $here[1:]
    else
      $compiled.vocabulary.facts[$here[0]] as $fact
      | ($situation[$fact.id] // (if $fact.of_organisation then "unknown" else null end)) as $answer
      | if $answer == null then $fact.id
        else walk_from($nodes[$here[1 + ($fact.answers | index($answer))]])
        end
    end;

  [ $situation.concerns[] as $concern
    | $edition.graph.roots[$concern]
    | to_entries[]
    | { $concern, destination: .key, found: walk_from($nodes[.value]) }
  ]
| {
    asks: (map(.found | strings) | unique),
    refers: (
      map(select(.found | type == "array" and length > 0))
      | reduce .[] as $one ({}; .[$one.concern][$one.destination] = [$edition.rules[$one.found[]]])
    )
  }
