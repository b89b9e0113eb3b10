"""What every table, view and column of the archive means: for docs/archive.md and for Datasette.

One block per table or view: its name and meaning, then a line per column. A test compares them
with a fresh archive, both ways. Knows nothing of connections.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Comment:
    """The meaning of a table or view, and of each of its columns."""

    meaning: str
    columns: Mapping[str, str]


def comments() -> dict[str, Comment]:
    """Comments by table or view, in the order of reading."""
    found: dict[str, Comment] = {}
    for block in (VIEWS + TABLES).strip().split("\n\n"):
        head, *lines = block.splitlines()
        name, _, meaning = head.partition(": ")
        columns = dict(line.strip().split(": ", 1) for line in lines)
        found[name] = Comment(meaning, columns)
    return found


_FACTS = """\
  regulator: the leading authority, by its canonical short name
  organisation: the party acted against
  jurisdiction: ISO 3166-1 alpha-2, or EU
  action: investigation, complaint, warning, order, ban, fine, settlement, reprimand, suspension, resumption, court-ruling or other
  amount: money, in units of the currency
  currency: ISO 4217"""

VIEWS = f"""
hits: one row per hit, the flat table to start from
  entry_id: the entry
  story_id: the public id of its story, S-YEAR-NUMBER
  title: as the source wrote it
  url: where it stands
  source: name of the feed, or an imported item's own source
  kind: regulator, court, ngo, press, law or aggregator
  published: by the source; empty where it gives no date
  first_seen: when it was first found
  score: probability of being relevant, 0 to 1
{_FACTS}
  language: ISO 639-1
  sent_at: when the story was first delivered to any channel

story_list: one row per story, merged ones left out
  story_id: public id
  title: of its leading hit
  first_seen: of its first hit
  last_seen: of its last hit
  hits: how many entries tell it
  sources: from how many sources
  lead_url: where its leading hit stands
{_FACTS}

stories_by_month: stories and amounts by month, authority, jurisdiction and action
  month: of the story's first hit
  regulator: the leading authority
  jurisdiction: ISO 3166-1 alpha-2, or EU
  action: the step taken
  currency: ISO 4217; amounts of different currencies are never added
  stories: how many
  amount: their sum

hits_by_month: hits and stories by month and authority
  month: when the hits were recorded
  regulator: the leading authority of the story
  hits: how many hits
  stories: of how many stories

alert_times: how long each first alert took, in minutes
  story_id: the story told
  title: its title
  source: of its leading hit
  channel: where it was told
  published: of the leading hit
  first_seen: of the leading hit
  sent_at: when it was delivered
  minutes_to_seen: from publication until it was found
  minutes_to_alert: from then until it was delivered
  minutes_in_all: from publication until it was delivered

delivery_list: deliveries with what they are about
  delivery_id: the row in deliveries
  alert_id: the row in alerts
  kind: new, update, digest or ops
  story_id: the story, where it is about one
  about: title of the story, or subject of a message about the service
  reason: why it was sent
  channel: where it goes
  state: pending, sending, sent, unknown, held or abandoned
  attempts: how often it was tried
  created: when it was owed
  sent_at: when it arrived
  last_error: why the last attempt failed
  permalink: link to the message

source_health: how each configured source is
  name: of the source
  kind: regulator, court, ngo, press, law or aggregator
  jurisdiction: of the source
  state: new, ok, failing, blocked, gone or disabled
  error_class: of the last failure
  failing_since: when the failures began
  last_ok: last success
  last_new: when something new was last found
  next_due: when it is polled next
  polls: polls ever made
  entries_seen: entries ever found
  polls_7d: polls of the last seven days
  failed_7d: how many of those failed
  told: what the operator was told of it, JSON

judgements: labels with what was judged
  label_id: the row in labels
  entry_id: what was judged
  story_id: its story, where it is a hit
  title: of the entry
  url: of the entry
  source: of the entry
  label: relevant or irrelevant
  why: the reason given
  author: who judged
  made: when
  model: in force then
  origin: cli, slack, import

precision_by_source: how many judged hits were relevant, by source and month
  source: of the hits
  month: when they were first seen
  judged: hits with a judgement, the latest of each counts
  relevant: how many of them are relevant
  precision: their share, 0 to 1

cases: events that follow one another, step by step
  case_id: the story that the case began with
  step: 1 for the first
  story_id: the story of this step
  event_date: when it happened
  regulator: the leading authority
  organisation: the party acted against
  action: the step taken
  amount: money
  currency: ISO 4217
  title: of the story
  lead_url: where its leading hit stands

entry_history: every version of every entry: as first seen, and after each edit
  entry_id: the entry
  seen: when this version was last seen
  title: as the source wrote it then
  url: where it stood
  summary: the source's own
  text: full text, where the source gave it
  published: by the source
  content_hash: of title, summary and text
  fetch_id: the poll that brought it

watched_days: what was watched: polls by source and day; a day without a row was not watched
  name: of the source
  day: UTC
  polls: how many
  good: how many succeeded
  new_entries: what they brought
"""

TABLES = f"""
feeds: configured sources, with what polling remembers of each
  id: row id
  name: unique, as configured
  url: as configured
  host: of the URL; politeness counts per host
  kind: regulator, court, ngo, press, law or aggregator
  jurisdiction: as configured
  language: as configured
  watch: 1 for a listing page instead of a feed
  configured: 0 for a source that left the configuration, or came with imported items
  enabled: 0 for one that is switched off
  lease_until: a poll is under way until then
  lease_owner: by which process
  state: new, ok, failing, blocked, gone or disabled
  error_class: of the last failure
  error: its text
  failures: in a row
  failing_since: when they began
  active_url: where it is polled, if redirected for good
  etag: validator for the next conditional request
  last_modified: the same
  body_hash: of the last document
  validators_url: which URL the validators belong to
  first_polled: time
  last_polled: time
  last_ok: last success
  last_changed: last document that was another
  last_unconditional: last full fetch
  last_new: last new entry
  newest_published: newest date the source ever gave
  usual_gap_s: seconds that usually lie between new entries
  next_due: when it is polled next
  next_reason: why then
  not_before: Retry-After still in force
  skip_hours: hours in which the feed asks not to be polled, JSON
  skip_days: days in which it asks the same, JSON
  redirect_url: a redirect that is watched before it is followed for good
  redirect_since: since when
  gone_count: answers 410 in a row
  gone_since: since when
  primary_retry: when the configured URL is tried again
  selectors: what the watcher found in a listing page, JSON
  polls: polls ever made
  not_modified: answered with 304
  bytes: received in all
  entries_seen: entries ever found
  told: what the operator was told of it, JSON
  archive_url: an older page that the feed names, to be read once
  steady_since: since when every poll succeeded, after a failure

hosts: politeness of each host
  host: name or address
  last_start: of the last request
  not_before: Retry-After for the whole host

fetches: one row per poll
  id: row id
  feed_id: the source
  started: time
  seconds: how long it took
  outcome: parsed, unchanged or failed
  status: of HTTP
  error_class: of a failure
  error: its text
  final_url: after redirects
  etag: as answered
  last_modified: as answered
  body_hash: of the document
  bytes: of the document, decompressed
  entries: in the document
  new: new ones among them
  conditional: 1 where validators were sent

watched: polls by source and day, kept for ever
  feed_id: the source
  day: UTC
  polls: how many
  good: how many succeeded
  new_entries: what they brought

entries: every entry ever seen, relevant or not
  id: the ID of the command line
  feed_id: the source
  source: name of the source then
  kind: kind of the source then
  jurisdiction: of the source
  key: what it is recognised by: guid, else link, else a hash
  link_key: its link without what only tracks
  title_key: hash of title and day
  content_hash: of title, summary and text
  changes: edits taken so far
  title: as the source wrote it
  url: where it stands
  guid: the source's own id
  summary: the source's own; empty after retention
  text: full text, where the source gave it; empty after retention
  language: ISO 639-1
  published: by the source, UTC
  published_raw: as the source wrote it
  first_seen: when it was first found
  last_seen: when it last stood in its source
  fetch_id: the poll that brought it
  baseline: 1 for what stood in a source at its first poll, or was imported without --alert
  trimmed: 1 where retention took the text

entry_versions: what an entry said before an edit
  id: row id
  entry_id: the entry
  seen: when this version was last seen
  title: then
  url: then
  summary: then
  text: then
  published: then
  content_hash: then
  fetch_id: the poll that brought it

entries_fts: full-text search over entries, diacritics folded: WHERE entries_fts MATCH 'word'
  title: of the entry whose id is the rowid
  summary: the same
  text: the same

verdicts: the classifier's judgement, one per entry and model
  id: row id
  entry_id: what was judged
  model: which model
  score: calibrated probability, 0 to 1; a small constant where the screen stopped it
  threshold: in force then
  label: relevant or irrelevant
  screened: 1 where a leg was missing, so that the words were not weighed
  legs: words found of each leg (step, privacy, ai), JSON
  why: strongest terms with their weights, JSON
  judged: time

stories: one event, with its facts
  id: row id
  public_id: S-YEAR-NUMBER; never reused, never changed
  title: of the leading hit
  lead_entry_id: the leading hit
  lead_url: where it stands
  first_seen: of its first hit
  last_seen: of its last hit
  event_date: earliest date of its hits
{_FACTS}
  regulators: all authorities, JSON
  amount_text: the amount as written
  legal_basis: provisions named, JSON
  ai_leg: which words make it about AI
  disagreements: facts that its hits tell differently, JSON
  merged_into: the story that goes on under another id
  sent_at: when it was first delivered to any channel

story_entries: which hit tells which story
  entry_id: the hit
  story_id: row id of its story
  added: time
  reason: why it is of this story
  score: of the verdict that made it a hit
  model: of that verdict
  facts: what this hit says, JSON
  vector: its words, six bytes a term, by which hits are compared

story_index: what a hit's neighbours are found by
  key: link, party and stage, or case
  day: days since 1970 on which the hit stands there
  entry_id: the hit

story_cases: the steps of each case in their order
  key: who against whom over what
  began: time of the step's first hit
  story_id: row id of the step
  sought: 1 where the step before is looked for under this key

fulltexts: articles to be read in full, and what came of each
  entry_id: the entry
  url: where the article is now looked for
  host: its host, for the turn between requests
  state: due, read, refused or failed
  tries: how often it was tried
  hops: redirects to other origins followed
  not_before: next attempt
  lease_until: it is being read until then
  reason: why it was refused, failed or waits
  asked: when it was asked for
  settled: when it was read or given up

robots: each site's robots.txt as last seen
  origin: scheme, host and port
  fetched: time
  expires: when it is looked at anew
  text: what it said; null where there is none

clicks: presses of an alert's buttons, each kept once
  key: who, where and when; the same however often it is told
  story: public id as the button names it
  act: relevant, irrelevant, reason, snooze, why, sources
  author: the user's id in Slack
  author_name: as people know the user
  channel: where it was pressed
  made: time
  outcome: kept, asked, said before or no such story

story_links: which story follows which
  story_id: the later one
  follows_id: the earlier one

story_corrections: people's decisions about stories, never undone by the machine
  id: row id
  made: time
  author: who
  kind: together or apart
  entry_a: one hit
  entry_b: the other

alerts: messages about a story or about the service
  id: row id
  story_id: row id of the story
  kind: new, update, digest or ops
  tier: how urgent
  reason: why it is sent
  subject: of a message about the service
  text: of a digest or a message about the service
  created: time
  quiet: 1 for an edit that makes no noise

deliveries: the ledger: one row per alert and channel
  id: row id
  alert_id: the alert
  channel: where it goes; console for the terminal
  uid: stands in the message, so that a lost reply can be settled
  state: pending, sending, sent, unknown, held or abandoned
  attempts: how often it was tried
  not_before: next attempt
  created: when it was owed
  last_tried: last attempt
  last_error: why it failed
  sent_at: when it arrived
  ts: the message's id in Slack
  permalink: link to the message
  folded_into: the digest that told it instead
  repeats: posts after a lost reply, where the channel cannot be looked into

channels: how each channel is
  channel: its name
  paused_until: Retry-After
  held_since: it needs the operator since then
  held_reason: why
  last_post: last message that arrived

labels: people's judgements, all of them
  id: row id
  entry_id: what was judged
  label: relevant or irrelevant
  why: the reason given
  author: who judged
  model: in force then
  made: time
  origin: cli, slack, import
  envelope: id of the click, so that it counts once

silences: what nobody is told for a while
  id: row id
  field: story, organisation, regulator, source or term
  value: which one
  author: who asked
  reason: why
  made: time
  ends: until when
  lifted: when it was ended early

runs: when the service ran; between two runs nothing was watched
  id: row id
  started: time
  heartbeat: last sign of life
  ended: empty while it runs, or where it was killed
  command: run or once
  version: of regwatch
  model: in force at the start
  cycles: how many
  bugs: internal errors met
  last_cycle: end of the last one

models: which model was in force from when
  model: its id
  adopted: time
  threshold: in force with it
  origin: what brought it

evidence: append-only log, each row chained to the one before
  seq: 1, 2, 3, without a gap
  made: time
  what: the kind of fact
  entry_id: the entry it is about
  story: public id of the story it is about
  data: the fact, JSON
  previous: hash of the row before, 64 zeros for the first
  hash: of previous and digest
  digest: hash of made, what, entry, story and data; empty in rows of the first form

extracts: articles read in full
  entry_id: the entry
  url: where it was read
  fetched: when
  hash: of the text
  text: the article's text

notes: small values kept between runs
  key: name
  value: text
"""
