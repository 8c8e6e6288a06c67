# Configurations name components; the tests plan some with the real ones.
target_link_libraries(perch_edge_test PRIVATE perch_components)
