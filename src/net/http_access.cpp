#include "net/http_access.hpp"

namespace perch::net {

HttpRequest request_for(const HttpAccess& access) {
  HttpRequest request;
  request.url = access.url;
  request.user = access.user;
  request.password = access.password;
  request.timeout = access.timeout;
  request.connect_timeout = access.timeout;
  request.stall_timeout = access.timeout;
  request.tls = {access.ca_file, access.pinned_key, access.any_certificate};
  return request;
}

}  // namespace perch::net
