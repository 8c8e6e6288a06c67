#include "net/web_socket_hub.hpp"

namespace perch::net {

WebSocketHub::WebSocketHub(asio::any_io_executor executor, const WebSocketLimits& limits, Events events)
    : executor_(std::move(executor)),
      limits_(limits),
      events_(std::move(events)) {}

WebSocketHub::~WebSocketHub() = default;

void WebSocketHub::broadcast(const SharedText& text) {
  std::vector<WebSocketClient> slow;
  for (const auto& [id, client] : clients_)
    if (!enqueue(*client, text)) slow.push_back(id);
  for (const WebSocketClient id : slow) drop(id);
}

bool WebSocketHub::send(WebSocketClient client, const SharedText& text) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return false;
  if (enqueue(*found->second, text)) return true;
  drop(client);
  return false;
}

bool WebSocketHub::enqueue(Client& client, const SharedText& text) const {
  if (client.closing) return true;
  if (client.queue.size() >= limits_.most_queued_messages ||
      (!client.queue.empty() && client.queued_bytes + text->size() > limits_.most_queued_bytes))
    return false;
  client.queued_bytes += text->size();
  client.queue.push_back(text);
  client.wake.cancel();
  return true;
}

void WebSocketHub::drop(WebSocketClient id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  const std::shared_ptr<Client> client = found->second;
  ++dropped_;
  leave(*client);
  client->hangup();
}

void WebSocketHub::close(WebSocketClient client) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  found->second->closing = true;
  found->second->wake.cancel();
}

void WebSocketHub::close_all() {
  for (const auto& [id, client] : clients_) {
    client->closing = true;
    client->wake.cancel();
  }
}

std::shared_ptr<WebSocketHub::Client> WebSocketHub::join(const HttpCall& call, std::function<void()> hangup) {
  auto client = std::make_shared<Client>(executor_);
  client->id = {next_++};
  client->hangup = std::move(hangup);
  client->wake.expires_at(std::chrono::steady_clock::time_point::max());
  clients_.emplace(client->id, client);
  if (events_.opened) events_.opened(client->id, call);
  return client;
}

void WebSocketHub::deliver(const Client& client, std::string text) {
  if (clients_.contains(client.id) && events_.message) events_.message(client.id, std::move(text));
}

void WebSocketHub::leave(const Client& client) {
  const WebSocketClient id = client.id;
  if (clients_.erase(id) > 0 && events_.closed) events_.closed(id);
}

}  // namespace perch::net
