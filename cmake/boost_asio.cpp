// The part of Boost.Asio that is no template, compiled once.
#include <boost/asio/impl/src.hpp>
