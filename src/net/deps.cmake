target_link_libraries(perch_net PUBLIC perch_base perch_config Boost::headers PRIVATE PkgConfig::curl PkgConfig::avahi)
