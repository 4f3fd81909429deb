#include <algorithm>
#include <array>

#include "config/key_rules.h"
#include "config/settings_keys.h"

namespace dinsd {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr const char* kPeer = "kind = \"cstore\"";

bool IsResultPart(const std::string& text) {
  return std::find(kResultParts.begin(), kResultParts.end(), text) != kResultParts.end();
}

bool IsHost(const std::string& text) {
  return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':' || c == '_';
  });
}

std::string PartsInWords() {
  std::string words;
  for (const char* part : kResultParts) words += (words.empty() ? "" : " | ") + QuotedText(part);
  return words;
}

std::vector<Key> DestinationTlsKeys(TlsSettings& t, const std::filesystem::path& base) {
  return {
      FlagKey("tls", t.enabled, "By TLS (1.2 or newer), with a certificate of ours; a peer without is not reached."),
      PathKey("tls_certificate", t.certificate, base, "PEM: ours, and those that lead to its root."),
      PathKey("tls_key", t.key, base, "PEM: the private key of tls_certificate, without a passphrase."),
      PathKey("tls_trusted", t.trusted, base, "PEM: who signs the peer's certificate.")};
}

std::vector<Key> PlaceKeys(DestinationSettings& d, const std::filesystem::path& base) {
  return {Required(TextKey("name", d.name, "a-z, 0-9, _ and -", "Stands for it in queue and log.", IsSourceName)),
          Required(ChoiceKey<DestinationKind>(
              "kind", d.kind, {{"cstore", DestinationKind::kCStore}, {"folder", DestinationKind::kFolder}},
              "A DICOM peer, or a folder that the daemon itself writes to.")),
          NeededWith(kPeer, TextKey("host", d.host, "a name or an address", "Of the peer.", IsHost)),
          WholeKey("port", d.port, 1, 65535, "", "Of the peer."),
          NeededWith(kPeer, TextKey("called_ae_title", d.called_ae_title, "an AE title", "Of the peer.", IsAeTitle)),
          TextKey("calling_ae_title", d.calling_ae_title, "an AE title",
                  "Ours; with commitment that of [receiver], since the peer calls it back.", IsAeTitle),
          NeededWith("kind = \"folder\"",
                     PathKey("folder", d.folder, base, "Each result is a folder JOB-rREVISION in it."))};
}

std::vector<Key> RuleKeys(DestinationSettings& d) {
  OutboxOptions& o = d.outbox;
  return {TextListKey("takes", d.takes, PartsInWords(),
                      "What of a result is sent; mask and report to folders only. [] = nothing, for one that is only "
                      "asked (receiver.count_from).",
                      IsResultPart, true),
          FlagKey("preliminary", d.preliminary, "Whether preliminary results are sent as well."),
          WholeKey("per_minute", o.per_minute, 0, 6000, "results", "At most, evenly spaced; 0 = no limit."),
          WholeKey("attempts", o.attempts, 1, 1000, "attempts",
                   "That it refuses or leaves unconfirmed; then a result has failed. What does not reach it at all "
                   "counts for nothing."),
          TimeKey("backoff_seconds", o.backoff, 1, kDay, "s",
                  "Longest wait after the first attempt that failed; doubles with each, the wait is random below it."),
          TimeKey("backoff_cap_seconds", o.backoff_cap, 1, 7 * kDay, "s", "No wait is longer."),
          WholeKey("breaker_after", o.breaker_after, 1, 100, "attempts",
                   "In a row that do not reach it; then a single one is tried from time to time, until one does."),
          FlagKey("commitment", o.commitment,
                  "Ask it to commit itself to the storage; until it does, a result is published-unconfirmed."),
          FlagKey("query", o.query,
                  "The same by C-FIND where it takes no storage commitment or none is asked for: until it names every "
                  "object, a result is published-unconfirmed."),
          TimeKey("commitment_seconds", o.commitment_limit, 1, 7 * kDay, "s", "Without its word so long: ask again."),
          TimeKey("connect_seconds", d.connect_limit, 1, 600, "s", "For a connection."),
          TimeKey("acse_seconds", d.acse_limit, 1, 600, "s", "For its answer to an association."),
          TimeKey("dimse_seconds", d.dimse_limit, 1, 3600, "s", "For its answer to an object.")};
}

}  // namespace

Section SectionOf(DestinationSettings& d, const std::filesystem::path& base) {
  Section section{"destination",
                  "Where results are sent as soon as they are published. Repeat for more. A new one gets what is "
                  "published from then on.",
                  PlaceKeys(d, base)};
  for (Key& key : DestinationTlsKeys(d.tls, base)) section.keys.push_back(std::move(key));
  for (Key& key : RuleKeys(d)) section.keys.push_back(std::move(key));
  return section;
}

Section SenderSection(SenderSettings& s, const std::filesystem::path& base) {
  return {"sender",
          "The process that sends to the destinations of kind cstore.",
          {PathKey("spool_dir", s.spool_dir, base, "What is about to be sent, and the answers to it."),
           FlagKey("start", s.start,
                   "Whether dinsd starts it; false where dinsd has no network and dinsd-sender.service runs.")}};
}

}  // namespace dinsd
