// What was found on the network, and what became of it.
#include <set>

#include "edge/api_impl.hpp"

namespace perch::edge {

namespace {

std::string_view words(Fate fate) {
  switch (fate) {
    case Fate::camera:
      return "camera";
    case Fate::not_configured:
      return "found, not configured";
    case Fate::name_taken:
      return "name taken by a configured camera";
  }
  return "";
}

void write_found(json::Writer& w, const net::Found& found) {
  w.key("instance").string(found.name).key("host").string(found.host).key("addresses").begin_array();
  for (const auto& address : found.addresses) w.string(address.to_string());
  w.end_array().key("port").integer(found.port).key("txt").begin_object();
  std::set<std::string_view> keys;  // RFC 6763 section 6.4: of a key that stands twice the first counts
  for (const auto& [key, value] : found.txt)
    if (keys.insert(key).second) w.key(key).string(value);
  w.end_object();
}

}  // namespace

Api::Impl::Reply Api::Impl::discovered(net::HttpCall /*call*/) {
  json::Writer w;
  const Settings* settings = context_.settings ? context_.settings() : nullptr;
  const bool enabled = settings != nullptr && context_.discovery != nullptr && settings->discovers();
  w.begin_object().key("enabled").boolean(enabled).key("type").string(enabled ? settings->discovery.type : "");
  w.key("trouble").string(enabled ? context_.discovery->trouble() : "").key("discovered").begin_array();
  if (enabled) {
    for (const auto& [name, instance] : context_.discovery->all()) {
      const Discover* block = Discovery::block_for(name, *settings);
      const Fate fate = Discovery::fate(name, *settings);
      w.begin_object();
      write_found(w, instance.found);
      w.key("since").string(to_string(instance.since)).key("gone");
      instance.gone ? w.string(to_string(*instance.gone)) : w.null();
      w.key("state").string(words(fate)).key("block");
      block ? w.string(block->match) : w.null();
      w.key("camera");
      fate == Fate::camera ? w.string(camera_name_from(name).value) : w.null();
      w.end_object();
    }
  }
  w.end_array().end_object();
  co_return net::HttpReply::json(w.text());
}

}  // namespace perch::edge
