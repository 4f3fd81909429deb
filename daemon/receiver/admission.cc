#include "daemon/receiver/admission.h"

#include <algorithm>

namespace dinsd {
namespace {

template <typename Key>
void CountDown(std::map<Key, int>& counts, const Key& key) {
  const auto found = counts.find(key);
  if (found != counts.end() && --found->second == 0) counts.erase(found);
}

bool IsAmong(const std::vector<std::string>& titles, const std::string& title) {
  return titles.empty() || std::find(titles.begin(), titles.end(), title) != titles.end();
}

}  // namespace

Admission::Admission(const ReceiverSettings& settings) : settings_(settings) {
  for (const std::string& text : settings.peers) {
    if (const std::optional<IpPrefix> prefix = IpPrefix::Parse(text)) peers_.push_back(*prefix);
  }
}

bool Admission::IsKnownAddress(const IpAddress& address) const {
  return settings_.peers.empty() ||
         std::any_of(peers_.begin(), peers_.end(), [&](const IpPrefix& peer) { return peer.Contains(address); });
}

bool Admission::IsKnownTitle(const std::string& calling) const {
  return IsAmong(settings_.calling_ae_titles, calling);
}

bool Admission::MayStore(const std::string& calling) const {
  return IsAmong(settings_.storing_ae_titles, calling);
}

std::unique_ptr<Admission::Place> Admission::Enter(const IpAddress& address) {
  const std::lock_guard lock(mutex_);
  const auto found = by_address_.find(address);
  const int from_there = found == by_address_.end() ? 0 : found->second;
  if (all_ >= settings_.max_associations || from_there >= settings_.max_per_address) return nullptr;
  ++all_;
  ++by_address_[address];
  return std::make_unique<Place>(*this, address);
}

bool Admission::Place::TakeTitle(const std::string& title) {
  const std::lock_guard lock(admission_.mutex_);
  int& count = admission_.by_title_[title];
  if (count >= admission_.settings_.max_per_ae) return false;
  ++count;
  title_ = title;
  return true;
}

Admission::Place::~Place() {
  const std::lock_guard lock(admission_.mutex_);
  --admission_.all_;
  CountDown(admission_.by_address_, address_);
  if (!title_.empty()) CountDown(admission_.by_title_, title_);
}

}  // namespace dinsd
