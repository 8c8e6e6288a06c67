// The part of Boost.Beast that is no template, compiled once.
#include <boost/beast/src.hpp>
