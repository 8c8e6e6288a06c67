# Only the health of simulated cameras is watched on scenes.
perch_test_wanted(has_nodes pipeline.health_nodes)
if(has_nodes)
  target_link_libraries(perch_pipeline_test PRIVATE perch_node perch_scenes)
endif()
