#pragma once

namespace perch::net {
class HttpServer;
}

namespace perch::edge {

/// Adds the page for browsers to a server that has not started: `/`, and what it consists of below `/page/`. It is made
/// from the interface of `docs/api.md` alone, and may load and reach nothing but this server. @thread io
void add_page(net::HttpServer& server);

}  // namespace perch::edge
