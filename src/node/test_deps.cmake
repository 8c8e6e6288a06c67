target_link_libraries(perch_node_test PRIVATE Boost::headers)
